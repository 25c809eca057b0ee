"""Makes a gateway's store as long as years of work: documents that the gateway made are copied in its tables."""

import contextlib
import importlib
import pathlib
import sqlite3
import sys
import tempfile

import grpc_tools.protoc

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of 200 documents, so many are copies of each; the rest are copies of "sold".
IN_200 = {"refused": 1, "back": 4, "paid": 10, "other": 20, "ordered": 40}
ALL_KINDS = ["sold", *IN_200]
HISTORY_DAYS = 30  # of changes, as the gateway keeps them


class LongStore:
    """A store, not in use, in which each of ALL_KINDS is the id of a document of its kind."""

    def __init__(self, path, a_day):
        self.record = records()
        self.path = path
        self.a_day = a_day
        self.length = 0

    def lengthen(self, until):
        """Adds copies until there are so many."""
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -1000000",
                           "temp_store = MEMORY"):
                database.execute(f"PRAGMA {pragma}").fetchall()
            self._number_them(database, until)
            self._copy(database)
            self._add_up(database)
            database.commit()
            database.execute("PRAGMA journal_mode = WAL").fetchall()
        self.length = until

    def _number_them(self, database, until):
        """The table n: each copy's number and id, what it is a copy of, and by how many microseconds it is older."""
        of = {}
        for kind in ALL_KINDS:
            of[kind] = database.execute(
                "SELECT number, id FROM fiscalizations WHERE document_id = ?", (kind,)).fetchone()
        database.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, of INTEGER, of_id TEXT, id TEXT, ago INTEGER)")
        steps, bound = [], 0
        for kind, weight in IN_200.items():
            bound += weight
            steps.append((bound, kind))
        # Dealt out by a step that shares no factor with 200, so that kinds alternate.
        dealt = "i * 77 % 200"

        def case(column):
            return "CASE " + " ".join(
                f"WHEN {dealt} < {bound} THEN {quoted(of[kind][column])}" for bound, kind in steps) + (
                    f" ELSE {quoted(of['sold'][column])} END")
        # Those of the gateway itself may be in between. The youngest is an hour old; those added next are older.
        last = database.execute("SELECT max(number) FROM fiscalizations").fetchone()[0]
        database.execute(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < :count)"
            f" INSERT INTO n SELECT max(1000, :last) + i, {case(0)}, {case(1)}, 'fz-' || lower(hex(randomblob(12))),"
            f" 3600000000 + (:count + :length - i) * {86400 * 1000000 // self.a_day} FROM c",
            {"count": until - self.length, "last": last, "length": self.length})

    def _copy(self, database):
        copy(database, "fiscalizations", "t.number = n.of", {
            "number": "n.i", "id": "n.id", "document_id": "'old-' || n.i",
            "order_id": "iif(t.order_id = '', '', 'order-' || n.i)",
            # The sale before it.
            "original_id": "iif(t.original_id = '', '',"
                           " ifnull((SELECT id FROM n m WHERE m.i = n.i - 1), t.original_id))",
            "create_time": "t.create_time - n.ago", "update_time": "t.update_time - n.ago"})
        copy(database, "contents", "t.fiscalization = n.of", {"fiscalization": "n.i"})
        copy(database, "receipts", "t.fiscalization = n.of", {
            "fiscalization": "n.i", "fiscal_number": "'OLD-' || n.i", "time": "t.time - n.ago"})
        copy(database, "exchanges", "t.fiscalization_id = n.of_id", {
            "id": None, "fiscalization_id": "n.id", "start_time": "t.start_time - n.ago",
            "end_time": "t.end_time - n.ago"})
        copy(database, "changes", f"t.fiscalization = n.of AND n.ago < {HISTORY_DAYS * 86400 * 1000000}", {
            "sequence": None, "fiscalization": "n.i", "time": "t.time - n.ago"})
        # An order of its own each; a return is of no order, and in the books because it is one.
        copy(database, "order_books", "t.number = (SELECT book FROM order_entries WHERE fiscalization = n.of)", {
            "number": "n.i", "order_id": "'order-' || n.i"})
        copy(database, "order_entries", "t.fiscalization = n.of", {
            "fiscalization": "n.i", "book": "iif(t.book IS NULL, NULL, n.i)",
            "original": "iif(t.original IS NULL, NULL, n.i - 1)"})
        copy(database, "order_registers", "t.book = (SELECT book FROM order_entries WHERE fiscalization = n.of)", {
            "book": "n.i"})
        copy(database, "order_goods", "t.fiscalization = n.of", {"book": "n.i", "fiscalization": "n.i"})


    def _add_up(self, database):
        """What the receipts' hours add up to, as the gateway keeps it."""
        drafts = {number: self.record.Draft.FromString(draft) for number, draft in database.execute(
            "SELECT fiscalization, draft FROM contents WHERE fiscalization IN (SELECT of FROM n)")}
        hours = {row[:2]: self.record.Totals.FromString(row[2]) for row in database.execute(
            "SELECT integration_id, hour, sums FROM receipt_sums")}
        for integration, hour, of, count in database.execute(
                "SELECT r.integration_id, r.time / 3600000000, n.of, count(*)"
                " FROM n CROSS JOIN receipts r ON r.fiscalization = n.i GROUP BY 1, 2, 3"):
            add(drafts[of], count, hours.setdefault((integration, hour), self.record.Totals()))
        database.executemany("INSERT OR REPLACE INTO receipt_sums (integration_id, hour, sums) VALUES (?, ?, ?)", (
            (integration, hour, totals.SerializeToString()) for (integration, hour), totals in hours.items()))


def records():
    """The messages that the store keeps as blobs."""
    with tempfile.TemporaryDirectory(prefix="kasa-records-") as folder:
        status = grpc_tools.protoc.main(
            ["protoc", f"--proto_path={ROOT / 'server' / 'store'}", f"--python_out={folder}", "record.proto"])
        assert status == 0, status
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("record_pb2")
        finally:
            sys.path.remove(folder)


def add(draft, count, totals):
    """`count` receipts of a draft."""
    is_return = draft.kind == 2
    side = "returns" if is_return else "sales"
    setattr(totals, "return_count" if is_return else "sale_count",
            getattr(totals, "return_count" if is_return else "sale_count") + count)
    for name, amount in ((f"{side}_kopiykas", draft.due_kopiykas),
                         (f"{side}_rounding_kopiykas", draft.rounding_kopiykas)):
        setattr(totals, name, getattr(totals, name) + amount * count)
    for entries, code, amount in (
            *((totals.tax_groups, row.tax_group, row.amount_kopiykas) for row in draft.rows),
            *((totals.payment_types, paid.payment_type, paid.sum_kopiykas) for paid in draft.payments)):
        entry = next((one for one in entries if one.code == code), None) or entries.add(code=code)
        if is_return:
            entry.minus_kopiykas += amount * count
        else:
            entry.plus_kopiykas += amount * count


def quoted(value):
    return value if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def copy(database, table, where, changed):
    """Copies the rows of `table` that `where` finds, for each row of n; `changed`: column to expression, or to None."""
    # Found once, and not in the table that grows.
    database.execute(f"CREATE TEMP TABLE originals AS SELECT n.of AS made_of, t.* FROM"
                     f" (SELECT of, of_id, max(ago) AS ago FROM n GROUP BY of, of_id) n, {table} t"
                     f" WHERE {where.split(' AND ')[0]}")
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")
               if changed.get(row[1], "") is not None]
    values = ", ".join(changed.get(column) or f"t.{column}" for column in columns)
    more = "".join(f" AND {condition}" for condition in where.split(" AND ")[1:])
    database.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n CROSS JOIN originals t"
                     f" WHERE t.made_of = n.of{more} ORDER BY n.i")
    database.execute("DROP TABLE originals")
