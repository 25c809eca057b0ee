#include "server/store/looks.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/lost_receipt.h"
#include "server/store/errors.h"
#include "server/store/exchanges.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/records.h"
#include "server/store/sendings.h"
#include "server/store/sends.h"
#include "server/store/store_pause.h"

namespace kasa::store {
namespace {

using domain::Fiscalization;
using domain::State;

std::optional<absl::Time> FirstSendOf(Connection& connection, const Fiscalization& fiscalization) {
  const auto first = FirstUnexplained(connection, fiscalization.register_fiscal_number,
                                      ExchangeKind::kReceipt, fiscalization.tag);
  return first ? std::make_optional(first->start_time) : std::nullopt;
}

absl::Status StoreFoundReceipt(Connection& connection, FiscalizationRow& row,
                               const DoubtSettlement& settlement, absl::Time now) {
  row.fiscalization.receipt = settlement.receipt;
  if (absl::Status stored = InsertReceipt(connection, row, now); !stored.ok()) return stored;
  // The receipt went out with these contacts, and the answer that would say more was lost.
  InsertSendingsWithReceipt(connection, row, settlement.sent_to,
                            {.outcome = domain::SendingOutcome::kUnknown,
                             .reason = Reason::kAnswerLost,
                             .message = "it went with the receipt, whose answer was lost",
                             .create_time = FirstSendOf(connection, row.fiscalization).value_or(now)});
  ForgetUnexplainedShiftOpening(connection, row.fiscalization.register_fiscal_number);
  return absl::OkStatus();
}

constexpr absl::string_view kSelectKnown =
    "SELECT r.fiscal_number, f.tag, r.kind, r.receipt FROM receipts r"
    " JOIN fiscalizations f ON f.number = r.fiscalization WHERE ";

// Of unknown_receipts u: the store has not come to have it since.
constexpr absl::string_view kAndStillUnknown =
    " AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.fiscal_number = u.fiscal_number"
    " AND r.register_fiscal_number = u.register_fiscal_number)";

domain::KnownReceipt ReadKnown(const Query& query) {
  const domain::Receipt receipt = DecodeReceipt(query.Text(3));
  return {.fiscal_number = query.Text(0),
          .tag = query.Text(1),
          .task = query.Int(2) == static_cast<int>(domain::DocumentKind::kReturn) ? 2 : 1,
          .local_number = receipt.local_number,
          .time = receipt.fiscal_time};
}

// Whether an operator has adopted the store since this receipt was made: what it did not know of then is no
// news. A time without a zone may be up to 3 hours off.
bool WasAdoptedSince(Connection& connection, std::optional<absl::Time> made) {
  constexpr absl::Duration kZoneUnclear = absl::Hours(4);
  Query query = connection.Prepare("SELECT max(time) FROM adoptions");
  if (!query.Step()) return false;
  const std::optional<absl::Time> adopted = query.OptionalTime(0);
  return adopted && made && *made < *adopted + kZoneUnclear;
}

// Whether a request under this tag went out from this store: then the register's answer was not what it
// seemed to be, and no history is lost.
bool WasSentLately(Connection& connection, const std::string& tag) {
  Query query = connection.Prepare(
      "SELECT EXISTS (SELECT 1 FROM (SELECT tag FROM exchanges ORDER BY id DESC LIMIT 50000) WHERE tag = ?)");
  query.Bind(tag);
  return query.Step() && query.Bool(0);
}

}  // namespace

absl::StatusOr<Fiscalization> SettleDoubt(Connection& connection, const DoubtSettlement& settlement,
                                          absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, settlement.fiscalization_id);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kInDoubt) {
    return StateNotAllowed(fiscalization, "only what is in doubt is settled by looking");
  }
  const bool found = settlement.to == State::kFiscalized;
  if (found != settlement.receipt.has_value()) {
    return absl::InternalError("a doubt ends in FISCALIZED exactly with a receipt");
  }
  if (fiscalization.attempts != settlement.attempts && !KASA_MUTANT("absence-outlives-a-send")) {
    return StateNotAllowed(fiscalization, "it was sent again since it was looked for");
  }
  if (!IsStillSought(settlement.sought, fiscalization)) {
    return StateNotAllowed(fiscalization, "it became another request since it was looked for");
  }
  if (settlement.to == State::kAccepted && fiscalization.doubt && fiscalization.doubt->parked) {
    return StateNotAllowed(fiscalization, "what has left its lane is sent again by a person's word only");
  }
  if (!found && row->bound_to_tag) {
    return StateNotAllowed(fiscalization, "its register waits for this same request");
  }
  if (found) {
    if (absl::Status stored = StoreFoundReceipt(connection, *row, settlement, now); !stored.ok())
      return stored;
  }
  if (absl::Status moved = MoveTo(fiscalization, settlement.to); !moved.ok()) return moved;
  ExplainSends(connection, fiscalization.register_fiscal_number, ExchangeKind::kReceipt, fiscalization.tag);
  row->bound_to_tag = false;
  fiscalization.failure = settlement.failure;
  fiscalization.next_attempt_time.reset();
  UpdateRow(connection, *row, now);
  return std::move(fiscalization);
}

bool CountLook(Connection& connection, const std::string& fiscalization_id, const std::string& finding,
               absl::Time time) {
  connection
      .Prepare(
          "INSERT INTO looks (fiscalization, looks, finding, time)"
          " SELECT number, 1, ?, ? FROM fiscalizations WHERE id = ?"
          " ON CONFLICT (fiscalization) DO UPDATE SET looks = looks + 1, finding = excluded.finding,"
          " time = excluded.time")
      .Bind(finding, time, fiscalization_id)
      .Run();
  return true;
}

absl::StatusOr<Fiscalization> DoubtAsSeen(Connection& connection, const SeenReceipt& seen, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, seen.fiscalization_id, seen.revision);
  if (!row.ok()) return row.status();
  Fiscalization& one = row->fiscalization;
  const bool under_another_tag = one.state == State::kInDoubt && one.tag != seen.tag;
  if (one.state != State::kAccepted && !under_another_tag) {
    return StateNotAllowed(one,
                           "only what waits unsent, or is in doubt under another tag, is doubted as seen");
  }
  if (one.tag != seen.tag) {
    ExplainSends(connection, one.register_fiscal_number, ExchangeKind::kReceipt, one.tag);
    one.tag = seen.tag;
    one.tag_number = seen.tag_number;
    one.refused_with_this_tag = 0;
    one.last_refusal_res.reset();
    row->bound_to_tag = false;
    ReplaceRequestBody(connection, row->number, seen.body);
  }
  PutInDoubt(connection, *row, std::min(seen.since, now), seen.why, now);
  return std::move(one);
}

absl::StatusOr<std::vector<domain::KnownReceipt>> FindKnownReceipts(
    Connection& connection, const std::string& register_fiscal_number, absl::Time since,
    const std::vector<std::string>& fiscal_numbers, int limit) {
  std::vector<domain::KnownReceipt> known;
  std::set<std::string> numbers;
  const auto take = [&](const Query& query) {
    domain::KnownReceipt one = ReadKnown(query);
    if (numbers.insert(one.fiscal_number).second) known.push_back(std::move(one));
  };
  {
    static const std::string kSql =
        absl::StrCat(kSelectKnown,
                     "r.register_fiscal_number = ? AND r.time >= ? ORDER BY r.time, r.fiscal_number LIMIT ?");
    Query query = connection.Prepare(kSql);
    query.Bind(register_fiscal_number, since, limit + 1);
    while (query.Step()) take(query);
    if (static_cast<int>(known.size()) > limit) {
      return absl::OutOfRangeError("more receipts than can be compared with a listing");
    }
  }
  {
    static const std::string kSql = absl::StrCat(kSelectKnown,
                                                 "r.register_fiscal_number = ? AND r.time < ?"
                                                 " ORDER BY r.time DESC, r.fiscal_number DESC LIMIT 1");
    Query query = connection.Prepare(kSql);
    query.Bind(register_fiscal_number, since);
    while (query.Step()) take(query);
  }
  static const std::string kSql =
      absl::StrCat(kSelectKnown, "r.fiscal_number = ? AND r.register_fiscal_number = ?");
  for (const std::string& fiscal_number : fiscal_numbers) {
    if (numbers.contains(fiscal_number)) continue;
    Query query = connection.Prepare(kSql);
    query.Bind(fiscal_number, register_fiscal_number);
    while (query.Step()) take(query);
  }
  return known;
}

std::vector<std::string> FindTags(Connection& connection, const std::string& register_fiscal_number,
                                  const std::vector<std::string>& tags) {
  std::vector<std::string> found;
  for (const std::string& tag : tags) {
    const std::string ours = absl::AsciiStrToLower(tag);
    // A proof's requests belong to no fiscalization, and are few. An opening's are among the last, if it is
    // listed and not known to be one.
    Query query = connection.Prepare(
        "SELECT EXISTS (SELECT 1 FROM fiscalizations WHERE register_fiscal_number = ? AND state IN (1, 2, 3)"
        " AND state <> 1 AND tag = ?)"
        " OR EXISTS (SELECT 1 FROM exchanges WHERE fiscalization_id = '' AND tag = ?)"
        " OR EXISTS (SELECT 1 FROM (SELECT kind, tag FROM exchanges ORDER BY id DESC LIMIT 50000)"
        " WHERE kind = ? AND tag = ?)");
    query.Bind(register_fiscal_number, ours, ours, static_cast<int>(ExchangeKind::kOpenShift), ours);
    if (query.Step() && query.Bool(0)) found.push_back(tag);
  }
  return found;
}

NewestLocalNumbers FindNewestNumbers(Connection& connection, const std::string& register_fiscal_number) {
  // Of one kind. Receipts of one second are in no order but that of their numbers.
  struct Newest {
    std::optional<domain::KnownReceipt> receipt;
    bool passed = false;  // an older one was seen
  };
  Newest sale;
  Newest returned;
  static const std::string kSql = absl::StrCat(
      kSelectKnown, "r.register_fiscal_number = ? ORDER BY r.time DESC, r.fiscal_number DESC LIMIT 200");
  Query query = connection.Prepare(kSql);
  query.Bind(register_fiscal_number);
  while (!(sale.passed && returned.passed) && query.Step()) {
    domain::KnownReceipt one = ReadKnown(query);
    Newest& of_kind = one.task == 2 ? returned : sale;
    if (of_kind.receipt && one.time != of_kind.receipt->time) {
      of_kind.passed = true;
    } else if (!of_kind.receipt || one.local_number > of_kind.receipt->local_number) {
      of_kind.receipt = std::move(one);
    }
  }
  const auto number = [](const Newest& of_kind) {
    return of_kind.receipt ? of_kind.receipt->local_number : std::nullopt;
  };
  return {.sale = number(sale), .returned = number(returned)};
}

bool InsertUnknown(Connection& connection, const std::string& register_fiscal_number,
                   const std::vector<UnknownReceipt>& receipts, absl::Time time) {
  const bool paused = FindStorePause(connection).paused;
  bool lost_history = false;
  for (const UnknownReceipt& one : receipts) {
    const std::string tag = absl::AsciiStrToLower(one.listed.tag);
    // What was taken for another's may turn out to be ours, not the other way round.
    const int inserted =
        connection
            .Prepare(
                "INSERT INTO unknown_receipts"
                " (register_fiscal_number, fiscal_number, tag, ours, time, seen_time)"
                " VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (register_fiscal_number, fiscal_number)"
                " DO UPDATE SET ours = 1, tag = excluded.tag WHERE ours = 0 AND excluded.ours = 1")
            .Bind(register_fiscal_number, one.listed.fiscal_number, tag, one.ours, one.listed.time, time)
            .Run();
    if (inserted > 0 && one.ours && !paused && !lost_history) {
      lost_history = !WasAdoptedSince(connection, one.listed.time) && !WasSentLately(connection, tag);
    }
  }
  return lost_history && PauseForReconciling(connection, ToStored(time));
}

UnknownReceipts CountUnknownReceipts(Connection& connection, const std::string& register_fiscal_number,
                                     absl::Time from) {
  UnknownReceipts counted;
  static const std::string kSql = absl::StrCat(
      "SELECT u.ours, count(*), min(u.seen_time) FROM unknown_receipts u"
      " WHERE u.register_fiscal_number = ? AND u.seen_time >= ?",
      kAndStillUnknown, " GROUP BY u.ours");
  Query query = connection.Prepare(kSql);
  query.Bind(register_fiscal_number, from);
  while (query.Step()) {
    (query.Bool(0) ? counted.ours : counted.foreign) = query.Int64(1);
    const absl::Time since = query.Time(2);
    counted.since = counted.since ? std::min(*counted.since, since) : since;
  }
  return counted;
}

std::vector<domain::ListedReceipt> FindOwnUnknown(Connection& connection,
                                                  const std::string& register_fiscal_number) {
  std::vector<domain::ListedReceipt> unknown;
  static const std::string kSql = absl::StrCat(
      "SELECT u.fiscal_number, u.tag, u.time FROM unknown_receipts u"
      " WHERE u.register_fiscal_number = ? AND u.ours = 1",
      kAndStillUnknown);
  Query query = connection.Prepare(kSql);
  query.Bind(register_fiscal_number);
  while (query.Step()) {
    domain::ListedReceipt& one = unknown.emplace_back();
    one.fiscal_number = query.Text(0);
    one.tag = query.Text(1);
    one.time = query.OptionalTime(2);
  }
  return unknown;
}

std::optional<std::string> FindLostReceipt(Connection& connection, const domain::InstallationId& installation,
                                           const Fiscalization& fiscalization) {
  const auto lost = domain::LostReceiptOf(installation, fiscalization,
                                          FindOwnUnknown(connection, fiscalization.register_fiscal_number));
  if (!lost) return std::nullopt;
  return lost->listed.fiscal_number;
}

}  // namespace kasa::store
