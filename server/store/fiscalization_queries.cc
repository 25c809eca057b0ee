#include "server/store/fiscalization_queries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/store/exchanges.h"
#include "server/store/fiscalization_rows.h"

namespace kasa::store {
namespace {

// Spelled as in the partial indexes, or SQLite does not see that they serve.
constexpr absl::string_view kOpen = "state IN (1, 2, 3)";

const std::string& HeadOfLaneSql() {
  static const std::string sql =
      absl::StrCat(kSelectFiscalization, "WHERE f.register_fiscal_number = ? AND f.parked = 0 AND f.", kOpen,
                   KASA_MUTANT("last-in-first-out") ? " ORDER BY f.lane_position DESC LIMIT 1"
                                                    : " ORDER BY f.lane_position LIMIT 1");
  return sql;
}

const std::string& ParkedSql() {
  static const std::string sql =
      absl::StrCat(kSelectFiscalization, "WHERE f.register_fiscal_number = ? AND f.parked = 1 AND f.", kOpen,
                   " AND f.lane_position > ? ORDER BY f.lane_position LIMIT 1");
  return sql;
}

const std::string& OpenLanesSql() {
  static const std::string sql = absl::StrCat(
      "SELECT register_fiscal_number, sum(state <> 3), sum(state = 3), min(create_time), sum(parked)"
      " FROM fiscalizations WHERE ",
      kOpen, " GROUP BY register_fiscal_number");
  return sql;
}

const std::string& SummaryOfLaneSql() {
  static const std::string sql = absl::StrCat(
      "SELECT register_fiscal_number, sum(state <> 3), sum(state = 3), min(create_time), sum(parked)"
      " FROM fiscalizations WHERE ",
      kOpen, " AND register_fiscal_number = ? GROUP BY register_fiscal_number");
  return sql;
}

const std::string& ByFiscalNumberSql() {
  static const std::string sql = absl::StrCat(kSelectFiscalization, "WHERE r.fiscal_number = ? LIMIT 2");
  return sql;
}

const std::string& ByRegisterAndFiscalNumberSql() {
  static const std::string sql =
      absl::StrCat(kSelectFiscalization, "WHERE r.fiscal_number = ? AND r.register_fiscal_number = ?");
  return sql;
}

LaneSummary ReadSummary(const Query& query) {
  LaneSummary summary;
  summary.register_fiscal_number = query.Text(0);
  summary.queued = query.Int64(1);
  summary.in_doubt = query.Int64(2);
  summary.oldest_time = query.OptionalTime(3);
  summary.parked = query.Int64(4);
  return summary;
}

std::string StateList(const std::vector<domain::State>& states) {
  std::string list;
  for (const domain::State state : states) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", static_cast<int>(state));
  }
  return list;
}

bool Names(const std::vector<domain::State>& states, domain::State wanted) {
  for (const domain::State state : states) {
    if (state == wanted) return true;
  }
  return false;
}

// The statement of a page; its parameters are bound by BindPage() in the same order.
std::string PageSql(const FiscalizationFilter& filter, bool after) {
  std::string sql = absl::StrCat(kSelectFiscalization, "WHERE 1");
  if (!filter.states.empty()) {
    absl::StrAppend(&sql, " AND f.state IN (", StateList(filter.states), ")");
    // Most are FISCALIZED; where those are not asked for, an index that leaves them out serves.
    if (!Names(filter.states, domain::State::kFiscalized)) absl::StrAppend(&sql, " AND f.state <> 4");
  }
  if (!filter.integration_id.empty()) absl::StrAppend(&sql, " AND f.integration_id = ?");
  if (!filter.register_fiscal_number.empty()) absl::StrAppend(&sql, " AND f.register_fiscal_number = ?");
  if (filter.kind) absl::StrAppend(&sql, " AND f.kind = ?");
  if (!filter.source_system.empty()) absl::StrAppend(&sql, " AND f.source_system = ?");
  if (!filter.order_id.empty()) absl::StrAppend(&sql, " AND f.order_id = ? AND f.order_id <> ''");
  if (!filter.reason.empty()) absl::StrAppend(&sql, " AND f.failure_reason = ?");
  if (filter.create_time_from) absl::StrAppend(&sql, " AND f.create_time >= ?");
  if (filter.create_time_before) absl::StrAppend(&sql, " AND f.create_time < ?");
  if (after) absl::StrAppend(&sql, " AND (f.create_time, f.id) > (?, ?)");
  absl::StrAppend(&sql, " ORDER BY f.create_time, f.id LIMIT ?");
  return sql;
}

void BindPage(Query& query, const FiscalizationFilter& filter, const std::optional<PagePosition>& after,
              int limit) {
  if (!filter.integration_id.empty()) query.BindNext(filter.integration_id);
  if (!filter.register_fiscal_number.empty()) query.BindNext(filter.register_fiscal_number);
  if (filter.kind) query.BindNext(static_cast<int>(*filter.kind));
  if (!filter.source_system.empty()) query.BindNext(filter.source_system);
  if (!filter.order_id.empty()) query.BindNext(filter.order_id);
  if (!filter.reason.empty()) query.BindNext(filter.reason);
  if (filter.create_time_from) query.BindNext(*filter.create_time_from);
  if (filter.create_time_before) query.BindNext(*filter.create_time_before);
  if (after) query.Bind(after->create_time, after->id);
  query.BindNext(limit);
}

}  // namespace

absl::StatusOr<domain::Fiscalization> FindByFiscalNumber(Connection& connection,
                                                         const std::string& fiscal_number,
                                                         const std::string& register_fiscal_number) {
  const bool any_register = register_fiscal_number.empty();
  Query query = connection.Prepare(any_register ? ByFiscalNumberSql() : ByRegisterAndFiscalNumberSql());
  query.BindNext(fiscal_number);
  if (!any_register) query.BindNext(register_fiscal_number);
  if (!query.Step()) {
    return ReasonedError(absl::StatusCode::kNotFound, Reason::kReceiptNotFound,
                         absl::StrCat("there is no receipt ", fiscal_number,
                                      any_register ? "" : " of register ", register_fiscal_number));
  }
  FiscalizationRow row = ReadFiscalization(query);
  if (query.Step()) {
    return ReasonedError(
        absl::StatusCode::kInvalidArgument, Reason::kRequestInvalid,
        absl::StrCat("several registers have a receipt ", fiscal_number, ": name the register too"));
  }
  return std::move(row.fiscalization);
}

FiscalizationPage PageOfFiscalizations(Connection& connection, const FiscalizationFilter& filter,
                                       const std::optional<PagePosition>& after, int limit) {
  Query query = connection.PrepareOnce(PageSql(filter, after.has_value()));
  BindPage(query, filter, after, limit + 1);  // one more tells whether there is a next page
  FiscalizationPage page;
  while (query.Step()) {
    if (static_cast<int>(page.fiscalizations.size()) == limit) {
      page.next = PagePosition{page.fiscalizations.back().create_time, page.fiscalizations.back().id};
      break;
    }
    page.fiscalizations.push_back(ReadFiscalization(query).fiscalization);
  }
  return page;
}

namespace {

LaneHead HeadFrom(Connection& connection, FiscalizationRow row) {
  LaneHead head;
  head.request_body = RequestBodyOf(connection, row.number);
  if (row.fiscalization.state == domain::State::kInDoubt) {
    const std::optional<UnexplainedSend> unexplained = FirstUnexplained(
        connection, row.fiscalization.register_fiscal_number, ExchangeKind::kReceipt, row.fiscalization.tag);
    if (unexplained) head.first_unexplained_send = unexplained->start_time;
  }
  head.last_send_end = row.last_send_end;
  head.last_ending = row.last_ending;
  head.bound_to_tag = row.bound_to_tag;
  head.fiscalization = std::move(row.fiscalization);
  return head;
}

}  // namespace

std::optional<LaneHead> FindHeadOfLane(Connection& connection, const std::string& register_fiscal_number) {
  Query query = connection.Prepare(HeadOfLaneSql());
  query.Bind(register_fiscal_number);
  if (!query.Step()) return std::nullopt;
  return HeadFrom(connection, ReadFiscalization(query));
}

std::optional<LaneHead> FindParked(Connection& connection, const std::string& register_fiscal_number,
                                   int64_t after_position) {
  Query query = connection.Prepare(ParkedSql());
  query.Bind(register_fiscal_number, after_position);
  if (!query.Step()) return std::nullopt;
  return HeadFrom(connection, ReadFiscalization(query));
}

std::vector<LaneSummary> FindOpenLanes(Connection& connection) {
  std::vector<LaneSummary> lanes;
  Query query = connection.Prepare(OpenLanesSql());
  while (query.Step()) lanes.push_back(ReadSummary(query));
  return lanes;
}

LaneSummary FindSummaryOfLane(Connection& connection, const std::string& register_fiscal_number) {
  Query query = connection.Prepare(SummaryOfLaneSql());
  query.Bind(register_fiscal_number);
  if (query.Step()) return ReadSummary(query);
  LaneSummary empty;
  empty.register_fiscal_number = register_fiscal_number;
  return empty;
}

std::vector<NamedStatement> HotStatements() {
  FiscalizationFilter not_completed;
  not_completed.states = {domain::State::kInDoubt, domain::State::kFailed};
  FiscalizationFilter of_integration;
  of_integration.integration_id = "x";
  FiscalizationFilter of_register;
  of_register.register_fiscal_number = "x";
  FiscalizationFilter of_order;
  of_order.order_id = "x";
  FiscalizationFilter with_reason;
  with_reason.reason = "x";
  return {
      {"head of lane", HeadOfLaneSql()},
      {"next that is parked", ParkedSql()},
      {"open lanes", OpenLanesSql()},
      {"summary of lane", SummaryOfLaneSql()},
      {"by fiscal number", ByFiscalNumberSql()},
      {"by register and fiscal number", ByRegisterAndFiscalNumberSql()},
      {"by id", SelectByIdSql()},
      {"by document", SelectByKeySql()},
      {"page of all", PageSql({}, true)},
      {"page of not completed", PageSql(not_completed, true)},
      {"page of an integration", PageSql(of_integration, true)},
      {"page of a register", PageSql(of_register, true)},
      {"page of an order", PageSql(of_order, true)},
      {"page with a reason", PageSql(with_reason, true)},
  };
}

}  // namespace kasa::store
