#include "server/store/sendings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/status_reason.h"
#include "server/store/errors.h"
#include "server/store/exchanges.h"
#include "server/store/record_values.h"

namespace kasa::store {
namespace {

using domain::Sending;
using domain::SendingChannel;
using domain::SendingOutcome;

constexpr size_t kIdDigits = 24;

constexpr absl::string_view kSelect =
    "SELECT s.id, s.request_id, f.id, r.fiscal_number, r.register_fiscal_number, s.integration_id, s.channel,"
    " s.recipient_masked, s.outcome, s.reason, s.message, s.create_time, s.answer_time, s.recipient_hash"
    " FROM sendings s JOIN fiscalizations f ON f.number = s.fiscalization"
    " JOIN receipts r ON r.fiscalization = s.fiscalization ";

struct SendingRow {
  Sending sending;
  std::string recipient_hash;
};

SendingRow ReadRow(const Query& query) {
  SendingRow row;
  Sending& s = row.sending;
  int column = 0;
  s.id = query.Text(column++);
  s.request_id = query.Text(column++);
  s.fiscalization_id = query.Text(column++);
  s.fiscal_number = query.Text(column++);
  s.register_fiscal_number = query.Text(column++);
  s.integration_id = query.Text(column++);
  s.channel = EnumFrom(query.Int(column++), SendingChannel::kSms, SendingChannel::kEmail, "sending channel");
  s.recipient_masked = query.Text(column++);
  s.outcome =
      EnumFrom(query.Int(column++), SendingOutcome::kInFlight, SendingOutcome::kUnknown, "sending outcome");
  if (!query.IsNull(column)) {
    s.reason = ReasonFromName(query.Text(column));
    if (!s.reason) throw UnreadableRecord(absl::StrCat("there is no reason '", query.Text(column), "'"));
  }
  ++column;
  s.message = query.Text(column++);
  s.create_time = query.Time(column++);
  s.answer_time = query.OptionalTime(column++);
  row.recipient_hash = query.Text(column);
  return row;
}

std::string IdOf(absl::string_view owner, const std::string& name, SendingChannel channel) {
  const std::string digest =
      Sha256Hex(absl::StrCat(owner, " ", name.size(), ":", name, domain::NameOf(channel)));
  return absl::StrCat("s-", digest.substr(0, kIdDigits));
}

// Tells recipients apart that look alike when masked. Salted with the store's own random id and bound to its
// request, so that it can't be looked up in a table that was made elsewhere; who holds the store could still
// try all phone numbers.
std::string HashOf(Connection& connection, const std::string& request_id, const NewSending& sending) {
  Query query = connection.Prepare("SELECT instance_id FROM meta");
  if (!query.Step()) throw UnreadableRecord("the store has lost its meta row");
  return Sha256Hex(absl::StrCat(query.Text(0), " ", request_id.size(), ":", request_id,
                                domain::NameOf(sending.channel), " ", sending.recipient));
}

std::optional<std::string> NameOfReason(const std::optional<Reason>& reason) {
  return reason ? std::make_optional(std::string(NameOf(*reason))) : std::nullopt;
}

void Insert(Connection& connection, int64_t fiscalization, const Sending& s, const std::string& hash) {
  connection
      .Prepare(
          "INSERT INTO sendings (id, request_id, fiscalization, integration_id, channel, recipient_masked,"
          " recipient_hash, outcome, reason, message, create_time, answer_time)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(s.id, s.request_id, fiscalization, s.integration_id, static_cast<int>(s.channel),
            s.recipient_masked, hash, static_cast<int>(s.outcome), NameOfReason(s.reason), s.message,
            s.create_time, s.answer_time)
      .Run();
}

std::vector<SendingRow> RowsOfRequest(Connection& connection, const std::string& request_id) {
  static const std::string kSql =
      absl::StrCat(kSelect, "WHERE s.request_id = ? AND s.request_id <> '' ORDER BY s.channel");
  Query query = connection.Prepare(kSql);
  query.Bind(request_id);
  std::vector<SendingRow> rows;
  while (query.Step()) rows.push_back(ReadRow(query));
  return rows;
}

const std::string& SendingByIdSql() {
  static const std::string kSql = absl::StrCat(kSelect, "WHERE s.id = ?");
  return kSql;
}

// Whether `command` asks for exactly what `rows` are. A request has a channel once.
bool IsSame(Connection& connection, const std::vector<SendingRow>& rows, const SendingCommand& command) {
  if (rows.size() != command.sendings.size()) return false;
  for (const NewSending& wanted : command.sendings) {
    const std::string hash = HashOf(connection, command.request_id, wanted);
    bool found = false;
    for (const SendingRow& row : rows) {
      found = found || (row.sending.channel == wanted.channel && row.recipient_hash == hash &&
                        row.sending.fiscalization_id == command.fiscalization_id);
    }
    if (!found) return false;
  }
  return true;
}

absl::StatusOr<BegunSendings> Replay(Connection& connection, std::vector<SendingRow> rows,
                                     const SendingCommand& command) {
  if (!IsSame(connection, rows, command)) {
    return WithFact(ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kRequestIdUsed,
                                  "this request id was used for another receipt, channel or recipient"),
                    "fiscal_number", rows.front().sending.fiscal_number);
  }
  BegunSendings begun;
  begun.replayed = true;
  for (SendingRow& row : rows) begun.sendings.push_back(std::move(row.sending));
  return begun;
}

std::string PageSql(const SendingFilter& filter, bool after) {
  std::string sql = absl::StrCat(kSelect, "WHERE 1");
  if (!filter.fiscal_number.empty()) {
    absl::StrAppend(&sql,
                    " AND s.fiscalization IN (SELECT fiscalization FROM receipts WHERE fiscal_number = ?)");
  }
  if (!filter.fiscalization_id.empty()) {
    absl::StrAppend(&sql, " AND s.fiscalization = (SELECT number FROM fiscalizations WHERE id = ?)");
  }
  if (!filter.integration_id.empty()) absl::StrAppend(&sql, " AND s.integration_id = ?");
  if (filter.create_time_from) absl::StrAppend(&sql, " AND s.create_time >= ?");
  if (filter.create_time_before) absl::StrAppend(&sql, " AND s.create_time < ?");
  if (after) absl::StrAppend(&sql, " AND (s.create_time, s.id) > (?, ?)");
  return absl::StrCat(sql, " ORDER BY s.create_time, s.id LIMIT ?");
}

}  // namespace

absl::StatusOr<BegunSendings> InsertSendings(Connection& connection, const SendingCommand& command,
                                             absl::Time now) {
  std::vector<SendingRow> used = RowsOfRequest(connection, command.request_id);
  if (!used.empty()) return Replay(connection, std::move(used), command);
  if (!command.refusal.ok()) return command.refusal;

  const absl::StatusOr<FiscalizationRow> row = GetRow(connection, command.fiscalization_id);
  if (!row.ok()) return row.status();
  const domain::Fiscalization& fiscalization = row->fiscalization;
  if (!fiscalization.receipt) {
    return ReasonedError(absl::StatusCode::kNotFound, Reason::kReceiptNotFound,
                         absl::StrCat("fiscalization ", fiscalization.id, " has no receipt"));
  }
  BegunSendings begun;
  for (const NewSending& wanted : command.sendings) {
    Sending sending;
    sending.id = IdOf("request", command.request_id, wanted.channel);
    sending.request_id = command.request_id;
    sending.fiscalization_id = fiscalization.id;
    sending.fiscal_number = fiscalization.receipt->fiscal_number;
    sending.register_fiscal_number = fiscalization.receipt->register_fiscal_number;
    sending.integration_id = command.integration_id;
    sending.channel = wanted.channel;
    sending.recipient_masked = domain::MaskRecipient(wanted.channel, wanted.recipient);
    sending.create_time = now;
    Insert(connection, row->number, sending, HashOf(connection, command.request_id, wanted));
    begun.sendings.push_back(std::move(sending));
  }
  return begun;
}

absl::StatusOr<Sending> EndSending(Connection& connection, const SendingEnd& end) {
  const int changed = connection
                          .Prepare(
                              "UPDATE sendings SET outcome = ?, reason = ?, message = ?, answer_time = ?"
                              " WHERE id = ? AND outcome = 1")
                          .Bind(static_cast<int>(end.outcome), NameOfReason(end.reason), end.message,
                                end.answer_time, end.sending_id)
                          .Run();
  // Once each: a second word on the same sending comes from an answer that got lost on its way to the caller.
  if (changed > 0) InsertEnded(connection, end.exchange);
  Query query = connection.Prepare(SendingByIdSql());
  query.Bind(end.sending_id);
  if (!query.Step()) return absl::NotFoundError(absl::StrCat("there is no sending '", end.sending_id, "'"));
  return ReadRow(query).sending;
}

void InsertSendingsWithReceipt(Connection& connection, const FiscalizationRow& row,
                               const domain::Buyer& contacts, const SentWithReceipt& how) {
  const domain::Fiscalization& fiscalization = row.fiscalization;
  for (const NewSending& sent : {NewSending{SendingChannel::kSms, contacts.phone},
                                 NewSending{SendingChannel::kEmail, contacts.email}}) {
    if (sent.recipient.empty()) continue;
    Sending sending;
    sending.id = IdOf("receipt", fiscalization.id, sent.channel);
    sending.integration_id = fiscalization.integration_id;
    sending.channel = sent.channel;
    sending.recipient_masked = domain::MaskRecipient(sent.channel, sent.recipient);
    sending.outcome = how.outcome;
    sending.reason = how.reason;
    sending.message = how.message;
    sending.create_time = how.create_time;
    sending.answer_time = how.answer_time;
    Insert(connection, row.number, sending, "");
  }
}

void EndAbandonedSendings(Connection& connection) {
  connection.Prepare("UPDATE sendings SET outcome = ?, reason = ?, message = ? WHERE outcome = 1")
      .Bind(static_cast<int>(SendingOutcome::kUnknown), NameOf(Reason::kAnswerLost),
            absl::string_view("the gateway stopped while the command was on its way"))
      .Run();
}

SendingPage PageOfSendings(Connection& connection, SendingFilter filter,
                           const std::optional<SendingPosition>& after, int limit) {
  if (after) DropPassed(filter.create_time_from, after->create_time);
  Query query = connection.PrepareOnce(PageSql(filter, after.has_value()));
  if (!filter.fiscal_number.empty()) query.BindNext(filter.fiscal_number);
  if (!filter.fiscalization_id.empty()) query.BindNext(filter.fiscalization_id);
  if (!filter.integration_id.empty()) query.BindNext(filter.integration_id);
  if (filter.create_time_from) query.BindNext(*filter.create_time_from);
  if (filter.create_time_before) query.BindNext(*filter.create_time_before);
  if (after) query.Bind(after->create_time, after->id);
  query.BindNext(limit + 1);  // one more tells whether there is a next page
  SendingPage page;
  while (query.Step()) {
    if (static_cast<int>(page.sendings.size()) == limit) {
      page.more = true;
      break;
    }
    page.sendings.push_back(ReadRow(query).sending);
  }
  return page;
}

std::vector<NamedStatement> HotSendingStatements() {
  SendingFilter of_integration;
  of_integration.integration_id = "x";
  SendingFilter of_fiscalization;
  of_fiscalization.fiscalization_id = "x";
  SendingFilter of_receipt;
  of_receipt.fiscal_number = "x";
  constexpr absl::string_view kAfter = "(create_time,id)>(?,?)";
  return {
      {"sending by id", SendingByIdSql(), "sqlite_autoindex_sendings_1", "id=?"},
      {"sendings of all", PageSql({}, true), "sendings_by_time", kAfter},
      {"sendings of an integration", PageSql(of_integration, true), "sendings_by_integration", kAfter},
      {"sendings of a fiscalization", PageSql(of_fiscalization, true), "sendings_by_fiscalization", kAfter},
      {"sendings of a receipt", PageSql(of_receipt, true), "sendings_by_fiscalization"},
  };
}

}  // namespace kasa::store
