"""Callers as real ones are: impatient, forgetful of answers, repeating themselves until they know."""

import asyncio
import random

import grpc

from check_gateway import Error
from torturing.documents import Writer

FINAL = ("FISCALIZED", "FAILED", "CANCELLED")
TOO_LATE = ("STATE_NOT_ALLOWED", "IN_DOUBT_RECONCILING")  # what was asked for is not possible any more
NEVER_MADE = "refused"  # the gateway took nothing of it: its day in Kyiv was over before it was accepted


class Caller:
    """Tells one story after another about one register until the world ends."""

    def __init__(self, world, number):
        self.world = world
        self.random = random.Random(f"{world.options.seed}/{number}")
        self.writer = Writer(world.contract, self.random, f"c{number}", number % world.options.registers + 1)
        self.service = world.fiscalizations
        self.messages = world.contract.fiscalization_service_pb2

    async def run(self):
        try:
            while not self.world.enough.is_set():
                await self.tell_a_story()
        except Exception as trouble:  # an answer that no caller should get; what follows is another story
            self.world.disagree(f"caller {self.writer.name}: {trouble!r}")

    async def tell_a_story(self):
        kind = self.random.random()
        if kind < 0.6:
            await self.settle(self.writer.sale())
        elif kind < 0.72:
            sold = self.writer.sale()
            # An older call that comes through late brings the older content back: what a corrected one sold is not sure.
            if await self.settle(sold) == "FISCALIZED" and not sold.corrected:
                await self.settle(self.writer.all_back(sold))
        elif kind < 0.8:
            sold = self.writer.sale_in_thirds()
            if await self.settle(sold) == "FISCALIZED":
                for part in range(1, 4):
                    if await self.settle(self.writer.third_back(sold, part)) != "FISCALIZED":
                        return  # the share of the next would be another
        elif kind < 0.92:
            await self.settle(self.writer.payment())
        else:
            paid = self.writer.payment()
            if await self.settle(paid) == "FISCALIZED":
                await self.settle(self.writer.payment_back(paid))

    async def settle(self, document):
        """Sends it until it is settled; its state then, or None when the world's patience was over before."""
        world = self.world
        world.documents[document.name] = document
        forgiving = self.random.random() < 0.85  # of a failure: has it retried or corrected, until the end comes
        cancels = self.random.random() < 0.03
        repeated = []
        if self.random.random() < 0.1:  # a proxy that repeats
            repeated = [asyncio.create_task(self.say_once(document)) for _ in range(2)]
        if self.random.random() < 0.1:  # a caller that goes away mid-way
            await self.go_away(document)
        state = None
        while not world.calls_over.is_set():
            asking = document.fiscalization_id is not None and self.random.random() < 0.3
            state = await (self.ask(document) if asking else self.say_once(document))
            if state == NEVER_MADE:
                break
            if state in ("FAILED", "CANCELLED") and forgiving and not world.enough.is_set():
                forgiving = self.random.random() < 0.8
                await asyncio.gather(*repeated)
                await self.set_right(document)
            elif state in FINAL:
                break
            elif state == "ACCEPTED" and cancels:
                cancels = False
                await self.cancel(document)
            else:
                await asyncio.sleep(self.random.uniform(0.02, 0.3))
        await asyncio.gather(*repeated)
        if state == "FISCALIZED":
            world.receipts_told += 1
            if self.random.random() < 0.02:
                await self.say_once(document)
        return state if state in FINAL or state == NEVER_MADE else None

    async def say_once(self, document):
        request = type(document.request)()
        request.CopyFrom(document.request)
        # Not at all, a little, longer than the time-out of the call, or as the gateway likes.
        wait = self.random.choice((None, 0, 200, 2000, 5000))
        if wait is not None:
            request.max_wait.FromMilliseconds(wait)
        # A call that was given up may still have come through after the correction.
        late = ("DOCUMENT_CONTENT_DIFFERS",) if document.corrected else ()
        answer = await self.call(document.method, request, self.random.choice((0.05, 0.5, 3, 10)), late)
        if answer in (None, NEVER_MADE):
            return answer
        return self.world.told(document, answer.fiscalization)

    async def ask(self, document):
        request = self.messages.GetFiscalizationRequest(document=document.last.document)
        request.max_wait.FromMilliseconds(self.random.choice((0, 500, 3000)))
        answer = await self.call("GetFiscalization", request, self.random.choice((0.5, 5)))
        return None if answer is None else self.world.told(document, answer.fiscalization)

    async def go_away(self, document):
        call = getattr(self.service, document.method)(document.request, timeout=10)
        await asyncio.sleep(self.random.random() * 0.05)
        call.cancel()
        try:
            await call
        except (asyncio.CancelledError, grpc.RpcError):
            pass  # its answer is lost: that is the point

    async def set_right(self, document):
        """What a user does about a failure: corrects the document where that is allowed, or has it sent anew."""
        allowed = document.state == "CANCELLED" or document.last.failure.correction_allowed
        if document.correctable and allowed and self.random.random() < 0.3:
            self.writer.correct(document)
            return
        request = self.messages.RetryFiscalizationRequest(fiscalization_id=document.fiscalization_id)
        await self.call("RetryFiscalization", request, 5, refusals=(*TOO_LATE, "DOCUMENT_INVALID", "DOCUMENT_DATE_PASSED"))

    async def cancel(self, document):
        request = self.messages.CancelFiscalizationRequest(fiscalization_id=document.fiscalization_id)
        await self.call("CancelFiscalization", request, 5, refusals=TOO_LATE)

    async def call(self, method, request, timeout, refusals=()):
        """The answer, or None when it is not known whether the call did anything."""
        self.world.calls += 1
        try:
            return await getattr(self.service, method)(request, timeout=timeout)
        except grpc.RpcError as error:
            read = Error(error)
            if read.info is None or error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
                self.world.calls_lost += 1
                return None
            if read.info.reason in refusals:
                return None
            if any(violation.reason == "DATE_NOT_TODAY" for violation in read.violations):
                return NEVER_MADE
            raise RuntimeError(f"{method}: {read} {error.details()}") from error


async def call_them(world, count):
    await asyncio.gather(*(Caller(world, number).run() for number in range(count)))
