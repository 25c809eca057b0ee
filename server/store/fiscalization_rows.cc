#include "server/store/fiscalization_rows.h"

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/store/attention_queries.h"
#include "server/store/change_history.h"
#include "server/store/errors.h"
#include "server/store/offline_receipts.h"
#include "server/store/order_books.h"
#include "server/store/receipt_sums.h"
#include "server/store/record_values.h"
#include "server/store/records.h"
#include "server/store/returns_due.h"

namespace kasa::store {

const absl::string_view kSelectFiscalization = R"sql(
  SELECT f.number, f.id, f.source_system, f.kind, f.document_id, f.mode, f.integration_id,
         f.register_fiscal_number, f.state, f.order_id, f.original_id, f.original_fiscal_number, f.rule_id,
         f.fingerprint, f.tag_number, f.tag, f.attempts, f.refused_with_this_tag, f.last_refusal_res,
         f.lane_position, f.next_attempt_time, f.expire_time, f.last_send_ending,
         f.bound_to_tag, f.doubt_since_time, f.doubt_resolvable_time, f.doubt_step, f.parked, f.never_park,
         f.failure, f.resolution, f.create_time, f.update_time, f.revision, f.change_sequence, c.document, c.draft,
         r.register_fiscal_number,
         r.fiscal_number, r.receipt, r.sts_url, r.time, r.reached_sts_time, l.looks, l.finding
  FROM fiscalizations f
  JOIN contents c ON c.fiscalization = f.number
  LEFT JOIN receipts r ON r.fiscalization = f.number
  LEFT JOIN looks l ON l.fiscalization = f.number AND f.doubt_since_time IS NOT NULL
)sql";

namespace {

// From `column` on: since when, resolvable when, what comes next, whether parked and never to be.
domain::Doubt ReadDoubt(const Query& query, int column) {
  domain::Doubt doubt{.since = query.Time(column), .resolvable_time = query.OptionalTime(column + 1)};
  if (!query.IsNull(column + 2)) {
    doubt.next_step = EnumFrom(query.Int(column + 2), domain::DoubtStep::kLook,
                               domain::DoubtStep::kWaitForOperator, "doubt step");
  }
  doubt.parked = query.Bool(column + 3);
  doubt.never_park = query.Bool(column + 4);
  return doubt;
}

}  // namespace

FiscalizationRow ReadFiscalization(const Query& query) {
  FiscalizationRow row;
  domain::Fiscalization& f = row.fiscalization;
  int column = 0;
  row.number = query.Int64(column++);
  f.id = query.Text(column++);
  f.key.source_system = query.Text(column++);
  f.key.kind = KindFrom(query.Int(column++));
  f.key.document_id = query.Text(column++);
  f.key.mode = ModeFrom(query.Int(column++));
  row.bytes = query.RowBytes();
  f.integration_id = query.Text(column++);
  f.register_fiscal_number = query.Text(column++);
  f.state = EnumFrom(query.Int(column++), domain::State::kAccepted, domain::State::kCancelled, "state");
  row.stored_state = f.state;
  f.order_id = query.Text(column++);
  f.original_id = query.Text(column++);
  f.original_fiscal_number = query.Text(column++);
  f.rule_id = query.Text(column++);
  f.fingerprint = query.Text(column++);
  f.tag_number = query.Int(column++);
  f.tag = query.Text(column++);
  f.attempts = query.Int(column++);
  f.refused_with_this_tag = query.Int(column++);
  f.last_refusal_res = query.OptionalInt64(column++);
  f.lane_position = query.Int64(column++);
  f.next_attempt_time = query.OptionalTime(column++);
  f.expire_time = query.OptionalTime(column++);
  if (!query.IsNull(column)) {
    row.last_ending = EnumFrom(query.Int(column), domain::SendEnding::kDone,
                               domain::SendEnding::kDoubtSameTagNext, "send ending");
  }
  ++column;
  row.bound_to_tag = query.Bool(column++);
  if (!query.IsNull(column)) f.doubt = ReadDoubt(query, column);
  column += 5;
  if (!query.IsNull(column)) f.failure = DecodeFailure(query.Text(column));
  ++column;
  if (!query.IsNull(column)) f.resolution = DecodeResolution(query.Text(column));
  ++column;
  f.create_time = query.Time(column++);
  f.update_time = query.Time(column++);
  f.revision = query.Int64(column++);
  f.change_sequence = query.Int64(column++);
  f.document = DecodeDocument(query.Text(column++));
  Draft draft = DecodeDraft(query.Text(column++));
  f.draft = std::move(draft.receipt);
  f.warnings = std::move(draft.warnings);
  if (!query.IsNull(column)) {
    f.receipt = DecodeReceipt(query.Text(column + 2));
    f.receipt->register_fiscal_number = query.Text(column);
    f.receipt->fiscal_number = query.Text(column + 1);
    f.receipt->sts_url = query.Text(column + 3);
    row.receipt_time = query.Time(column + 4);
    f.receipt->reached_sts_time = query.OptionalTime(column + 5);
  }
  column += 6;
  if (f.doubt && !query.IsNull(column)) {
    f.doubt->looks = query.Int(column);
    f.doubt->last_finding = query.Text(column + 1);
  }
  return row;
}

const std::string& SelectByIdSql() {
  static const std::string kSql = absl::StrCat(kSelectFiscalization, "WHERE f.id = ?");
  return kSql;
}

const std::string& SelectByKeySql() {
  static const std::string kSql = absl::StrCat(
      kSelectFiscalization, "WHERE f.source_system = ? AND f.kind = ? AND f.document_id = ? AND f.mode = ?");
  return kSql;
}

std::optional<FiscalizationRow> FindById(Connection& connection, const std::string& id) {
  Query query = connection.Prepare(SelectByIdSql());
  query.Bind(id);
  return query.Step() ? std::make_optional(ReadFiscalization(query)) : std::nullopt;
}

std::optional<FiscalizationRow> FindByNumber(Connection& connection, int64_t number) {
  static const std::string kSql = absl::StrCat(kSelectFiscalization, "WHERE f.number = ?");
  Query query = connection.Prepare(kSql);
  query.Bind(number);
  return query.Step() ? std::make_optional(ReadFiscalization(query)) : std::nullopt;
}

std::optional<FiscalizationRow> FindByKey(Connection& connection, const domain::DocumentKey& key) {
  Query query = connection.Prepare(SelectByKeySql());
  query.Bind(key.source_system, static_cast<int>(key.kind), key.document_id, static_cast<int>(key.mode));
  return query.Step() ? std::make_optional(ReadFiscalization(query)) : std::nullopt;
}

absl::StatusOr<FiscalizationRow> GetRow(Connection& connection, const std::string& id) {
  std::optional<FiscalizationRow> row = FindById(connection, id);
  if (!row) return NoSuchFiscalization(id);
  return *std::move(row);
}

absl::StatusOr<FiscalizationRow> GetRow(Connection& connection, const std::string& id,
                                        const std::optional<int64_t>& revision) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
  if (row.ok() && revision && *revision != row->fiscalization.revision) return EtagMismatch(id);
  return row;
}

std::string RequestBodyOf(Connection& connection, int64_t number) {
  Query query = connection.Prepare("SELECT request_body FROM contents WHERE fiscalization = ?");
  query.Bind(number);
  if (!query.Step()) throw UnreadableRecord(absl::StrCat("fiscalization ", number, " has no content"));
  return query.Text(0);
}

absl::Status MoveTo(domain::Fiscalization& fiscalization, domain::State to) {
  if (!domain::IsAllowed(fiscalization.state, to)) {
    return StateNotAllowed(fiscalization, absl::StrCat("it can't become ", domain::NameOf(to)));
  }
  fiscalization.state = to;
  return absl::OkStatus();
}

namespace {

// The next number in the order of all changes of the store. There is one writer, so nobody takes it
// meanwhile. Lanes are ordered by it too.
int64_t NextSequence(Connection& connection) {
  return NextChangeSequence(connection);
}

// Writes down the change that fiscalization.change_sequence numbers. `moved`: its state is another one now.
void RecordChange(Connection& connection, FiscalizationRow& row, bool moved, absl::Time now) {
  const domain::Fiscalization& f = row.fiscalization;
  if (KASA_MUTANT("forget-changes") && f.state == domain::State::kSending) {
    row.stored_state = f.state;
    return;
  }
  const std::string failure = f.failure ? EncodeFailure(*f.failure) : "";
  connection
      .Prepare(R"sql(
          INSERT INTO changes
            (sequence, fiscalization, integration_id, state, moved, attempts, revision, failure, time)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))sql")
      .Bind(f.change_sequence, row.number, f.integration_id, static_cast<int>(f.state), moved, f.attempts,
            f.revision, f.failure ? std::make_optional(Blob{failure}) : std::nullopt, now)
      .Run();
  row.stored_state = f.state;
}

// A doubt begins with the first send that ends in it, lasts while that is sent again, and ends for good.
void KeepDoubt(domain::Fiscalization& f, absl::Time now) {
  if (f.state == domain::State::kInDoubt) {
    if (!f.doubt) f.doubt = domain::Doubt{.since = now};
    f.doubt->resolvable_time = ToStored(f.doubt->resolvable_time);
  } else if (f.state != domain::State::kSending) {
    f.doubt.reset();
  }
}

std::optional<absl::Time> DoubtSince(const domain::Fiscalization& f) {
  return f.doubt ? std::make_optional(f.doubt->since) : std::nullopt;
}

std::optional<absl::Time> DoubtResolvable(const domain::Fiscalization& f) {
  return f.doubt ? f.doubt->resolvable_time : std::nullopt;
}

std::optional<int> NextDoubtStep(const domain::Fiscalization& f) {
  if (!f.doubt || !f.doubt->next_step) return std::nullopt;
  return static_cast<int>(*f.doubt->next_step);
}

std::optional<std::string> FailureReason(const domain::Fiscalization& fiscalization) {
  if (!fiscalization.failure) return std::nullopt;
  return std::string(NameOf(fiscalization.failure->reason));
}

}  // namespace

FiscalizationRow InsertRow(Connection& connection, domain::Fiscalization fiscalization,
                           const std::string& request_body, absl::Time now) {
  FiscalizationRow row;
  row.fiscalization = std::move(fiscalization);
  domain::Fiscalization& f = row.fiscalization;
  f.state = domain::State::kAccepted;
  f.attempts = 0;
  f.refused_with_this_tag = 0;
  f.last_refusal_res.reset();
  f.next_attempt_time.reset();
  f.expire_time = ToStored(f.expire_time);
  f.failure.reset();
  f.doubt.reset();
  f.receipt.reset();
  f.resolution.reset();
  f.create_time = now;
  f.update_time = now;
  f.revision = 1;
  f.change_sequence = NextSequence(connection);
  f.lane_position = f.change_sequence;
  connection
      .Prepare(R"sql(
          INSERT INTO fiscalizations
            (id, source_system, kind, document_id, mode, integration_id, register_fiscal_number, state,
             order_id, original_id, original_fiscal_number, rule_id, fingerprint, tag_number, tag, attempts,
             refused_with_this_tag, lane_position, expire_time, create_time, update_time, revision,
             change_sequence)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?))sql")
      .Bind(f.id, f.key.source_system, static_cast<int>(f.key.kind), f.key.document_id,
            static_cast<int>(f.key.mode), f.integration_id, f.register_fiscal_number,
            static_cast<int>(f.state), f.order_id, f.original_id, f.original_fiscal_number, f.rule_id,
            f.fingerprint, f.tag_number, f.tag, f.lane_position, f.expire_time, f.create_time, f.update_time,
            f.revision, f.change_sequence)
      .Run();
  row.number = connection.LastInsertId();
  connection
      .Prepare("INSERT INTO contents (fiscalization, document, draft, request_body) VALUES (?, ?, ?, ?)")
      .Bind(row.number, Blob{EncodeDocument(f.document)}, Blob{EncodeDraft(f.draft, f.warnings)},
            request_body)
      .Run();
  RecordChange(connection, row, true, now);
  KeepInBooks(connection, row.number, f);
  return row;
}

void UpdateRow(Connection& connection, FiscalizationRow& row, absl::Time now) {
  domain::Fiscalization& f = row.fiscalization;
  f.next_attempt_time = ToStored(f.next_attempt_time);
  f.expire_time = ToStored(f.expire_time);
  f.update_time = now;
  ++f.revision;
  f.change_sequence = NextSequence(connection);
  KeepDoubt(f, now);
  const std::string failure = f.failure ? EncodeFailure(*f.failure) : "";
  const std::string resolution = f.resolution ? EncodeResolution(*f.resolution) : "";
  connection
      .Prepare(R"sql(
          UPDATE fiscalizations
          SET state = ?, tag_number = ?, tag = ?, attempts = ?, refused_with_this_tag = ?, last_refusal_res = ?,
              lane_position = ?, next_attempt_time = ?, expire_time = ?, last_send_ending = ?, bound_to_tag = ?,
              doubt_since_time = ?, doubt_resolvable_time = ?, doubt_step = ?, parked = ?, never_park = ?, failure_reason = ?, failure = ?, resolution = ?,
              update_time = ?, revision = ?, change_sequence = ?
          WHERE number = ?)sql")
      .Bind(static_cast<int>(f.state), f.tag_number, f.tag, f.attempts, f.refused_with_this_tag,
            f.last_refusal_res, f.lane_position, f.next_attempt_time, f.expire_time,
            row.last_ending ? std::make_optional(static_cast<int>(*row.last_ending)) : std::nullopt,
            row.bound_to_tag, DoubtSince(f), DoubtResolvable(f), NextDoubtStep(f), f.doubt && f.doubt->parked,
            f.doubt && f.doubt->never_park, FailureReason(f),
            f.failure ? std::make_optional(Blob{failure}) : std::nullopt,
            f.resolution ? std::make_optional(Blob{resolution}) : std::nullopt, f.update_time, f.revision,
            f.change_sequence, row.number)
      .Run();
  const bool counts_differently = CountsDifferently(row.stored_state, f.state);
  RecordChange(connection, row, f.state != row.stored_state, now);
  if (counts_differently) KeepInBooks(connection, row.number, f);
}

void MoveToEndOfLane(Connection& connection, FiscalizationRow& row) {
  row.fiscalization.lane_position = NextSequence(connection);
}

void UpdateNextStep(Connection& connection, const FiscalizationRow& row) {
  const domain::Fiscalization& f = row.fiscalization;
  connection
      .Prepare(
          "UPDATE fiscalizations SET next_attempt_time = ?, doubt_resolvable_time = ?, doubt_step = ?"
          " WHERE number = ?")
      .Bind(f.next_attempt_time, DoubtResolvable(f), NextDoubtStep(f), row.number)
      .Run();
}

void ReplaceContent(Connection& connection, const FiscalizationRow& row, const std::string& request_body) {
  const domain::Fiscalization& f = row.fiscalization;
  // Only here, and not with every step of its life: naming a column costs each of its indexes an entry,
  // though the value be the same.
  connection
      .Prepare(R"sql(
          UPDATE fiscalizations
          SET integration_id = ?, register_fiscal_number = ?, order_id = ?, original_id = ?,
              original_fiscal_number = ?, rule_id = ?, fingerprint = ?
          WHERE number = ?)sql")
      .Bind(f.integration_id, f.register_fiscal_number, f.order_id, f.original_id, f.original_fiscal_number,
            f.rule_id, f.fingerprint, row.number)
      .Run();
  connection.Prepare("UPDATE contents SET document = ?, draft = ?, request_body = ? WHERE fiscalization = ?")
      .Bind(Blob{EncodeDocument(f.document)}, Blob{EncodeDraft(f.draft, f.warnings)}, request_body,
            row.number)
      .Run();
}

void ReplaceRequestBody(Connection& connection, int64_t number, const std::string& request_body) {
  connection.Prepare("UPDATE contents SET request_body = ? WHERE fiscalization = ?")
      .Bind(request_body, number)
      .Run();
}

absl::Status InsertReceipt(Connection& connection, const FiscalizationRow& row, absl::Time now) {
  const domain::Fiscalization& f = row.fiscalization;
  const domain::Receipt& receipt = *f.receipt;
  {
    Query query = connection.Prepare(
        "SELECT f.id FROM receipts r JOIN fiscalizations f ON f.number = r.fiscalization"
        " WHERE r.fiscal_number = ? AND r.register_fiscal_number = ?");
    query.Bind(receipt.fiscal_number, receipt.register_fiscal_number);
    if (query.Step()) {
      return WithFact(absl::AlreadyExistsError(absl::StrCat(
                          "receipt ", receipt.fiscal_number, " of register ", receipt.register_fiscal_number,
                          " is that of fiscalization '", query.Text(0), "'")),
                      "fiscalization_id", query.Text(0));
    }
  }
  const absl::Time time = receipt.fiscal_time.value_or(now);
  connection
      .Prepare(
          "INSERT INTO receipts (fiscalization, register_fiscal_number, fiscal_number, receipt, time,"
          " integration_id, kind, sts_url, offline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(row.number, receipt.register_fiscal_number, receipt.fiscal_number, Blob{EncodeReceipt(receipt)},
            time, f.integration_id, static_cast<int>(f.key.kind), receipt.sts_url, receipt.offline)
      .Run();
  AddToSums(connection, f.integration_id, time, f.draft);
  NoteReached(connection, receipt, now);
  ForgetReturnsMade(connection, f);
  return absl::OkStatus();
}

int64_t OpenOnLane(Connection& connection, const std::string& register_fiscal_number, int64_t most) {
  Query query = connection.Prepare(
      "SELECT count(*) FROM (SELECT 1 FROM fiscalizations"
      " WHERE register_fiscal_number = ? AND state IN (1, 2, 3) LIMIT ?)");
  query.Bind(register_fiscal_number, most);
  query.Step();
  return query.Int64(0);
}

}  // namespace kasa::store
