"""The books compared: what callers were told, what the gateway has stored, and what the registers have really made."""

import collections
import contextlib
import datetime
import sqlite3

from torturing.world import fisid_of

OPEN = ("ACCEPTED", "SENDING", "IN_DOUBT")
# An answer that did not arrive, or that the gateway had no time to store before it was killed, can't bind it.
TIME_TO_STORE_S = 2
# What the gateway gave up (its time-outs are scaled) may be with a busy register for so much longer.
TIME_TO_NOTICE_S = 1


class Audit:
    def __init__(self, world, cuts, spoken):
        self.world = world
        self.cuts = cuts  # wall times at which the gateway was killed, or the register's service went away
        self.states = collections.Counter()
        self.kinds = collections.Counter()
        self.receipts = 0
        self.in_doubt_with_receipt = 0
        self.spoken = spoken  # fiscalization id -> wall time from which on an operator's word frees its register
        self.excused = collections.Counter()  # what registers saw that a gateway must not do, by why it may here

    async def stored(self):
        messages = self.world.contract.fiscalization_service_pb2
        token, stored = "", {}
        while True:
            page = await self.world.fiscalizations.ListFiscalizations(
                messages.ListFiscalizationsRequest(page_size=1000, page_token=token), timeout=60)
            for one in page.fiscalizations:
                if one.fiscalization_id in stored:
                    self.world.disagree(f"the list has {one.fiscalization_id} twice")
                stored[one.fiscalization_id] = one
            token = page.next_page_token
            if not token:
                return stored

    async def ledger(self):
        """The receipts by their tag."""
        by_tag = collections.defaultdict(list)
        for register in range(1, self.world.options.registers + 1):
            page = await self.world.register_service("GET", f"ledger?bodies=false&fisid={fisid_of(register)}")
            for receipt in page["receipts"]:
                by_tag[receipt["tag"]].append(receipt)
        return by_tag

    async def run(self):
        """Tells the world of everything that disagrees."""
        # Lanes may still be at work: what had a receipt before the store was read must be known there, and what is
        # FISCALIZED there must have it afterwards.
        before = await self.ledger()
        stored = await self.stored()
        by_tag = await self.ledger()
        self.receipts = sum(map(len, by_tag.values()))
        disagree = self.world.disagree
        by_name = {}
        for one in stored.values():
            name = one.document.document_id
            if name in by_name:
                disagree(f"{name} has two fiscalizations: {one.fiscalization_id}, {by_name[name].fiscalization_id}")
            by_name[name] = one
            self.states[self.world.state_of(one)] += 1
            self.kinds[self.world.contract.document_pb2.DocumentKind.Name(one.document.kind)[14:]] += 1
            for what in self.against_ledger(one, before.get(one.tag, []), by_tag.get(one.tag, [])):
                disagree(what)
        for tag in by_tag.keys() - {one.tag for one in stored.values()}:
            disagree(f"nothing that is stored asked for what the ledger has: {by_tag[tag]}")
        for document in self.world.documents.values():
            for what in self.told_against_stored(document, by_name.get(document.name)):
                disagree(what)
        await self.manners()

    def against_ledger(self, one, made_before, made):
        """What is wrong between a fiscalization and the receipts under its tag, before it was read and afterwards."""
        name, state = one.document.document_id, self.world.state_of(one)
        document = self.world.documents.get(name)
        if document is None:
            yield f"{name} is stored, and nobody sent it"
            return
        if len(made) > 1:
            yield f"{name} was issued {len(made)} times: {made}"
        if state == "FISCALIZED":
            if [receipt["fiscal_number"] for receipt in made] != [one.receipt.fiscal_number]:
                yield f"{name} has receipt {one.receipt.fiscal_number}, the ledger {made}"
                return
            receipt = made[0]
            total = int(receipt["total"])
            if total not in document.sums or total != one.receipt.total_kopiykas or total != one.draft.due_kopiykas:
                yield (f"{name} comes to {document.sums}, the receipt to {total}, the store says "
                       f"{one.receipt.total_kopiykas} and {one.draft.due_kopiykas}")
            if receipt["task"] != document.task or receipt["fisid"] != fisid_of(document.register):
                yield f"{name}: task {document.task} on register {document.register}, and the ledger has {receipt}"
        elif state in ("FAILED", "CANCELLED", "ACCEPTED") and made_before:
            yield f"{name} is {state}, and the ledger has {made_before}"
        elif state in ("IN_DOUBT", "SENDING") and made_before:
            self.in_doubt_with_receipt += 1

    def told_against_stored(self, document, one):
        """What a caller was told is so: acknowledged is stored, and what was final stays so."""
        if document.fiscalization_id is None:
            return
        if one is None or one.fiscalization_id != document.fiscalization_id:
            yield f"{document.name} was acknowledged as {document.fiscalization_id}, and is lost: {one}"
            return
        if document.fiscal_number not in (None, one.receipt.fiscal_number):
            yield f"{document.name}: its caller has receipt {document.fiscal_number}, the store {one.receipt}"

    async def manners(self):
        """What a register saw that a gateway must never do."""
        requests = await self.world.register_service("GET", "requests")
        with contextlib.closing(sqlite3.connect(f"file:{self.world.folder / 'kasa.db'}?mode=ro", uri=True)) as disk, \
                contextlib.closing(sqlite3.connect(":memory:")) as store:
            copy_what_is_asked(disk, store)
            for violation in requests["violations"]:
                excuse = self.excuse(store, violation)
                if excuse is None:
                    self.world.disagree(f"register {violation['fisid']} saw {violation}")
                else:
                    self.excused[excuse] += 1

    def excuse(self, store, violation):
        """Why the gateway may have done this, or None. docs/reliability.md lists them."""
        if violation["kind"] != "other_request_after_res_action":
            return "given up" if was_given_up(store, violation) else None
        spoken = self.spoken.get(owner_of(store, violation["other_tag"]))
        if spoken is not None and spoken <= seconds(violation["time"]):
            return "resolved by the operator"
        if was_found_by_looking(store, violation):
            return "found by looking"
        if self.was_cut(violation["bound_time"]):
            return "cut off"
        return "came too late" if came_too_late(store, violation) else None

    def was_cut(self, bound_time):
        bound = seconds(bound_time)
        return any(bound <= cut <= bound + TIME_TO_STORE_S for cut in self.cuts)


def copy_what_is_asked(disk, store):
    """The exchanges by tag and by register: the store itself has no index for either, and thousands of questions come."""
    store.executescript(
        "CREATE TABLE exchanges (id INTEGER PRIMARY KEY, fiscalization_id, register_fiscal_number, kind, tag, start_time,"
        " end_time, answer, outcome);"
        "CREATE TABLE fiscalizations (number INTEGER PRIMARY KEY, id, update_time);"
        "CREATE TABLE receipts (fiscalization INTEGER PRIMARY KEY);")
    store.executemany("INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", disk.execute(
        "SELECT id, fiscalization_id, register_fiscal_number, kind, tag, start_time, end_time, substr(answer, 1, 1), outcome"
        " FROM exchanges"))
    store.executemany("INSERT INTO fiscalizations VALUES (?, ?, ?)", disk.execute(
        "SELECT number, id, update_time FROM fiscalizations"))
    store.executemany("INSERT OR IGNORE INTO receipts VALUES (?)", disk.execute("SELECT fiscalization FROM receipts"))
    store.executescript("CREATE INDEX by_tag ON exchanges (tag);"
                        "CREATE INDEX by_register ON exchanges (register_fiscal_number, end_time);"
                        "CREATE UNIQUE INDEX by_id ON fiscalizations (id);")


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()


def owner_of(store, tag):
    """Whose request went out under this tag; it may have had another one since."""
    row = store.execute("SELECT fiscalization_id FROM exchanges WHERE tag = ? AND kind IN (1, 2)", (tag,)).fetchone()
    return row and row[0]


def was_found_by_looking(store, violation):
    """Whether what the register had asked for again had its receipt by then, found by a look after its last send was not
    heard of: then it is never sent again (ADR 0011)."""
    met = round(seconds(violation["time"]) * 1e6)
    last = store.execute(
        "SELECT e.outcome, e.end_time, f.update_time FROM exchanges e"
        " JOIN fiscalizations f ON f.id = e.fiscalization_id JOIN receipts r ON r.fiscalization = f.number"
        " WHERE e.tag = ? AND e.kind = 1 ORDER BY e.id DESC LIMIT 1", (violation["other_tag"],)).fetchone()
    if last is None:
        return False
    outcome, ended, settled = last
    return outcome != "DONE" and ended <= met and settled <= met


def came_too_late(store, violation):
    """Whether the gateway's time-out was over when the register answered: the exchange that was to bring the answer has
    none, and no other of that tag was under way then."""
    bound = round(seconds(violation["bound_time"]) * 1e6)
    under_way = store.execute(
        "SELECT answer FROM exchanges WHERE tag = ? AND kind IN (1, 2) AND start_time <= ?"
        " AND (end_time IS NULL OR end_time >= ?)",
        (violation["other_tag"], bound, bound - round(TIME_TO_NOTICE_S * 1e6))).fetchall()
    return bool(under_way) and all(answer == "" for (answer,) in under_way)


def was_given_up(store, violation):
    """Whether the earlier of two requests had ended without an answer, and its register had not noticed yet."""
    met = round(seconds(violation["time"]) * 1e6)
    return store.execute(
        "SELECT count(*) FROM exchanges WHERE register_fiscal_number = ? AND kind IN (1, 2, 3) AND answer = ''"
        " AND end_time BETWEEN ? AND ?",
        (violation["fisid"], met - round(TIME_TO_NOTICE_S * 1e6), met)).fetchone()[0] > 0
