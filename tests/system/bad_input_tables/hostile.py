"""Bytes that no honest client sends: what matters is that the gateway answers, lives on, and stores nothing."""

import random

SALE = "FiscalizationService/FiscalizeSale"


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def nested(number, depth):
    """A message within a message within a message."""
    payload = b""
    for _ in range(depth):
        payload = field(number, payload)
    return payload


def cases(sale, document_field, lines_field, name_field):
    """(what, RPC, bytes). `sale` is a good request on the wire; the others are numbers of fields of the contract."""
    yield "no message at all", SALE, b"\xff" * 64
    yield "text instead of a message", SALE, b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"
    yield "a message that was cut", SALE, sale[:-3]
    yield "a message sent twice over", SALE, sale + sale
    yield "fields of a length that is not there", SALE, varint(document_field << 3 | 2) + varint(2**31 - 1)
    yield "a length beyond 32 bits", SALE, varint(document_field << 3 | 2) + varint(2**63 - 1)
    yield "a field with number 0", SALE, b"\x02\x00"
    yield "a wire type that is none", SALE, varint(document_field << 3 | 7)
    yield "groups in groups, 100,000 deep", SALE, b"\x7b" * 100_000
    yield "unknown messages, 20,000 deep", SALE, nested(1000, 20_000)
    yield "the document in itself, 5,000 deep", SALE, nested(document_field, 5_000)
    yield "a megabyte of unknown fields", SALE, sale + field(2000, b"x" * 2**20)
    for broken in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"ok\xe2\x82"):
        line = field(lines_field, field(name_field, broken))
        yield f"a name that is no UTF-8: {broken.hex()}", SALE, sale + field(document_field, line)
    yield "a name of 3 MiB", SALE, sale + field(document_field, field(lines_field, field(name_field, b"x" * (3 * 2**20))))
    yield "100,000 lines", SALE, sale + field(document_field, field(lines_field, b"") * 100_000)
    yield "a message over the limit", SALE, sale + field(2000, b"x" * (5 * 2**20))
    for rpc in ("IntegrationService/GetCatalogue", "IntegrationService/CreateIntegration", "ReceiptService/GetReceipt",
                "FiscalizationService/ResolveFiscalization"):
        yield "no message at all", rpc, b"\xff" * 64
        yield "groups in groups", rpc, b"\x7b" * 50_000
        yield "a megabyte of unknown fields", rpc, field(2000, b"x" * 2**20)


def fuzzed(good, count, seed):
    """`count` requests that were a good one until some of their bytes were changed, taken out, put in or doubled."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at:at + chance.randint(1, 8)]
            elif kind == 2:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            else:
                data[at:at] = data[at:at + chance.randint(1, 64)]
            if not data:
                break
        yield bytes(data)
