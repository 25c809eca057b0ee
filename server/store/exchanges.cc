#include "server/store/exchanges.h"

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/store/page_budget.h"
#include "server/store/record_values.h"

namespace kasa::store {
namespace {

constexpr absl::string_view kSelect =
    "SELECT id, fiscalization_id, integration_id, register_fiscal_number, kind, tag, request, start_time,"
    " end_time, http_status, answer, outcome, unexplained, in_flight FROM exchanges ";

Exchange ReadExchange(const Query& query) {
  Exchange exchange;
  int column = 0;
  exchange.id = query.Int64(column++);
  exchange.fiscalization_id = query.Text(column++);
  exchange.integration_id = query.Text(column++);
  exchange.register_fiscal_number = query.Text(column++);
  exchange.kind =
      EnumFrom(query.Int(column++), ExchangeKind::kReceipt, ExchangeKind::kReport, "exchange kind");
  exchange.tag = query.Text(column++);
  exchange.request = query.Text(column++);
  exchange.start_time = query.Time(column++);
  exchange.end_time = query.OptionalTime(column++);
  exchange.http_status = query.Int(column++);
  exchange.answer = query.Text(column++);
  exchange.outcome = query.Text(column++);
  exchange.unexplained = query.Bool(column++);
  return exchange;
}

int64_t Insert(Connection& connection, const Exchange& exchange, bool in_flight) {
  connection
      .Prepare(
          "INSERT INTO exchanges (fiscalization_id, integration_id, register_fiscal_number, kind, tag,"
          " request, start_time, end_time, http_status, answer, outcome, in_flight, unexplained)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(exchange.fiscalization_id, exchange.integration_id, exchange.register_fiscal_number,
            static_cast<int>(exchange.kind), exchange.tag, exchange.request, exchange.start_time,
            exchange.end_time, exchange.http_status,
            absl::string_view(exchange.answer).substr(0, kMaxAnswerBytes), exchange.outcome, in_flight,
            exchange.unexplained)
      .Run();
  return connection.LastInsertId();
}

}  // namespace

absl::StatusOr<int64_t> InsertMark(Connection& connection, const Exchange& exchange) {
  {
    Query query = connection.Prepare(
        "SELECT id, fiscalization_id FROM exchanges WHERE register_fiscal_number = ? AND in_flight = 1");
    query.Bind(exchange.register_fiscal_number);
    if (query.Step()) {
      return ReasonedError(
          absl::StatusCode::kFailedPrecondition, Reason::kStateNotAllowed,
          absl::StrCat("register ", exchange.register_fiscal_number, " has a request on the wire: exchange ",
                       query.Int64(0), " of fiscalization '", query.Text(1), "'"));
    }
  }
  return Insert(connection, exchange, /*in_flight=*/true);
}

int64_t InsertEnded(Connection& connection, const Exchange& exchange) {
  return Insert(connection, exchange, /*in_flight=*/false);
}

absl::StatusOr<MarkToSettle> GetMark(Connection& connection, const Settlement& settlement,
                                     ExchangeKind kind) {
  static const std::string kSql = absl::StrCat(kSelect, "WHERE id = ?");
  Query query = connection.Prepare(kSql);
  query.Bind(settlement.exchange_id);
  if (!query.Step())
    return absl::NotFoundError(absl::StrCat("there is no exchange ", settlement.exchange_id));
  MarkToSettle mark;
  mark.exchange = ReadExchange(query);
  const bool in_flight = query.Bool(13);
  mark.settled_alike = !in_flight && mark.exchange.outcome == domain::NameOf(settlement.ending) &&
                       mark.exchange.end_time == ToStored(settlement.end_time);
  if (mark.exchange.kind != kind || (!in_flight && !mark.settled_alike)) {
    return ReasonedError(
        absl::StatusCode::kFailedPrecondition, Reason::kStateNotAllowed,
        absl::StrCat("exchange ", settlement.exchange_id, " is not a mark of this kind that is still open"));
  }
  return mark;
}

void CloseMark(Connection& connection, const Settlement& settlement, bool unexplained) {
  connection
      .Prepare(
          "UPDATE exchanges SET in_flight = 0, end_time = ?, http_status = ?, answer = ?, outcome = ?,"
          " unexplained = ? WHERE id = ?")
      .Bind(settlement.end_time, settlement.http_status,
            absl::string_view(settlement.answer).substr(0, kMaxAnswerBytes),
            domain::NameOf(settlement.ending), unexplained, settlement.exchange_id)
      .Run();
}

void CloseAbandonedMarks(Connection& connection, absl::Time now) {
  connection
      .Prepare(
          "UPDATE exchanges SET in_flight = 0, end_time = ?, outcome = ?, unexplained = 1"
          " WHERE in_flight = 1")
      .Bind(now, domain::NameOf(domain::SendEnding::kDoubt))
      .Run();
}

std::optional<UnexplainedSend> FirstUnexplained(Connection& connection,
                                                const std::string& register_fiscal_number, ExchangeKind kind,
                                                const std::string& tag) {
  Query query = connection.Prepare(
      "SELECT start_time, request FROM exchanges WHERE register_fiscal_number = ? AND kind = ? AND tag = ?"
      " AND unexplained = 1 ORDER BY id LIMIT 1");
  query.Bind(register_fiscal_number, static_cast<int>(kind), tag);
  if (!query.Step()) return std::nullopt;
  return UnexplainedSend{query.Time(0), query.Text(1)};
}

std::optional<absl::Time> FirstUnexplainedTime(Connection& connection,
                                               const std::string& register_fiscal_number, ExchangeKind kind) {
  Query query = connection.Prepare(
      "SELECT start_time FROM exchanges WHERE register_fiscal_number = ? AND kind = ? AND unexplained = 1"
      " ORDER BY id LIMIT 1");
  query.Bind(register_fiscal_number, static_cast<int>(kind));
  if (!query.Step()) return std::nullopt;
  return query.Time(0);
}

void ExplainSends(Connection& connection, const std::string& register_fiscal_number, ExchangeKind kind,
                  const std::string& tag) {
  connection
      .Prepare(
          "UPDATE exchanges SET unexplained = 0 WHERE register_fiscal_number = ? AND kind = ?"
          " AND tag = ? AND unexplained = 1")
      .Bind(register_fiscal_number, static_cast<int>(kind), tag)
      .Run();
}

void ExplainSends(Connection& connection, const std::string& register_fiscal_number, ExchangeKind kind) {
  connection
      .Prepare(
          "UPDATE exchanges SET unexplained = 0 WHERE register_fiscal_number = ? AND kind = ?"
          " AND unexplained = 1")
      .Bind(register_fiscal_number, static_cast<int>(kind))
      .Run();
}

ExchangePage PageOfExchanges(Connection& connection, const std::string& fiscalization_id, int64_t after_id,
                             int limit) {
  static const std::string kSql =
      absl::StrCat(kSelect, "WHERE fiscalization_id = ? AND id > ? ORDER BY id LIMIT ?");
  Query query = connection.Prepare(kSql);
  query.Bind(fiscalization_id, after_id, limit + 1);  // one more tells whether there is a next page
  ExchangePage page;
  PageBudget budget;
  while (query.Step()) {
    if (static_cast<int>(page.exchanges.size()) == limit || budget.IsUsedUp()) {
      page.next_after_id = page.exchanges.back().id;
      break;
    }
    budget.Take(query.RowBytes());
    page.exchanges.push_back(ReadExchange(query));
  }
  return page;
}

}  // namespace kasa::store
