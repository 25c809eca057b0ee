#include "server/store/fiscalization_queries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/store/exchanges.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/page_budget.h"

namespace kasa::store {
namespace {

// Spelled as in the partial indexes, or SQLite does not see that they serve.
constexpr absl::string_view kOpen = "state IN (1, 2, 3)";

const std::string& HeadOfLaneSql() {
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization, "WHERE f.register_fiscal_number = ? AND f.parked = 0 AND f.", kOpen,
                   KASA_MUTANT("last-in-first-out") ? " ORDER BY f.lane_position DESC LIMIT 1"
                                                    : " ORDER BY f.lane_position LIMIT 1");
  return kSql;
}

const std::string& ParkedSql() {
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization, "WHERE f.register_fiscal_number = ? AND f.parked = 1 AND f.", kOpen,
                   " AND f.lane_position > ? ORDER BY f.lane_position LIMIT 1");
  return kSql;
}

const std::string& ExpiredSql() {
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization, "WHERE f.register_fiscal_number = ? AND f.parked = 0 AND f.", kOpen,
                   " AND f.lane_position > ? AND f.state = 1 AND f.expire_time <= ?"
                   " ORDER BY f.lane_position LIMIT ?");
  return kSql;
}

const std::string& OpenLanesSql() {
  static const std::string kSql = absl::StrCat(
      "SELECT register_fiscal_number, sum(state <> 3), sum(state = 3), min(create_time), sum(parked)"
      " FROM fiscalizations WHERE ",
      kOpen, " GROUP BY register_fiscal_number");
  return kSql;
}

const std::string& SummaryOfLaneSql() {
  static const std::string kSql = absl::StrCat(
      "SELECT register_fiscal_number, sum(state <> 3), sum(state = 3), min(create_time), sum(parked)"
      " FROM fiscalizations WHERE ",
      kOpen, " AND register_fiscal_number = ? GROUP BY register_fiscal_number");
  return kSql;
}

const std::string& ByFiscalNumberSql() {
  static const std::string kSql = absl::StrCat(kSelectFiscalization, "WHERE r.fiscal_number = ? LIMIT 2");
  return kSql;
}

const std::string& ByRegisterAndFiscalNumberSql() {
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization, "WHERE r.fiscal_number = ? AND r.register_fiscal_number = ?");
  return kSql;
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

// Which index a page is read by: of those that serve, the one whose documents are the fewest. Left to itself,
// SQLite, which keeps no statistics here, may read all of an integration to find the few that wait.
enum class PagedBy { kOrder, kReason, kWithoutReceipt, kIntegration, kRegister, kTime };

PagedBy PagingOf(const FiscalizationFilter& filter) {
  if (!filter.order_id.empty()) return PagedBy::kOrder;
  if (!filter.reason.empty()) return PagedBy::kReason;
  if (!filter.states.empty() && !Names(filter.states, domain::State::kFiscalized)) {
    return PagedBy::kWithoutReceipt;
  }
  if (!filter.integration_id.empty()) return PagedBy::kIntegration;
  return filter.register_fiscal_number.empty() ? PagedBy::kTime : PagedBy::kRegister;
}

// The statement of a page; its parameters are bound by BindPage() in the same order. "+" keeps a condition
// from choosing an index.
std::string PageSql(const FiscalizationFilter& filter, bool after) {
  const PagedBy by = PagingOf(filter);
  const auto plus = [by](PagedBy index) { return by == index ? "" : "+"; };
  std::string sql = absl::StrCat(kSelectFiscalization, "WHERE 1");
  if (!filter.states.empty()) absl::StrAppend(&sql, " AND +f.state IN (", StateList(filter.states), ")");
  // As in the index, which most documents are not in.
  if (by == PagedBy::kWithoutReceipt) absl::StrAppend(&sql, " AND f.state <> 4");
  if (!filter.integration_id.empty()) {
    absl::StrAppend(&sql, " AND ", plus(PagedBy::kIntegration), "f.integration_id = ?");
  }
  if (!filter.register_fiscal_number.empty()) {
    absl::StrAppend(&sql, " AND ", plus(PagedBy::kRegister), "f.register_fiscal_number = ?");
  }
  if (filter.kind) absl::StrAppend(&sql, " AND +f.kind = ?");
  if (!filter.source_system.empty()) absl::StrAppend(&sql, " AND +f.source_system = ?");
  if (!filter.order_id.empty()) absl::StrAppend(&sql, " AND f.order_id = ? AND f.order_id <> ''");
  if (!filter.reason.empty()) {
    absl::StrAppend(&sql, " AND ", plus(PagedBy::kReason), "f.failure_reason = ?");
  }
  if (filter.create_time_from) absl::StrAppend(&sql, " AND f.create_time >= ?");
  if (filter.create_time_before) absl::StrAppend(&sql, " AND f.create_time < ?");
  if (after) absl::StrAppend(&sql, " AND (f.create_time, f.id) > (?, ?)");
  absl::StrAppend(&sql, " ORDER BY f.create_time, f.id LIMIT ?");
  return sql;
}

// Whether a page's statement is worth keeping. What each lane asks for again and again is; what callers of
// the API put together has too many texts for each of them to be kept.
bool IsAskedOften(const FiscalizationFilter& filter) {
  return filter.states.size() <= 1 && filter.integration_id.empty() && !filter.kind &&
         filter.source_system.empty() && filter.order_id.empty() && filter.reason.empty() &&
         !filter.create_time_from && !filter.create_time_before;
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

constexpr absl::string_view kKnownSourceSystem =
    "SELECT 1 FROM fiscalizations WHERE source_system = ? LIMIT 1";

bool IsKnown(Connection& connection, const std::string& source_system) {
  Query query = connection.Prepare(kKnownSourceSystem);
  query.Bind(source_system);
  return query.Step();
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

FiscalizationPage PageOfFiscalizations(Connection& connection, FiscalizationFilter filter,
                                       const std::optional<PagePosition>& after, int limit) {
  // One that is not known at all is not looked for in every entry of an index.
  if (!filter.source_system.empty() && !IsKnown(connection, filter.source_system)) return {};
  if (after) DropPassed(filter.create_time_from, after->create_time);
  const std::string sql = PageSql(filter, after.has_value());
  Query query = IsAskedOften(filter) ? connection.Prepare(sql) : connection.PrepareOnce(sql);
  BindPage(query, filter, after, limit + 1);  // one more tells whether there is a next page
  FiscalizationPage page;
  PageBudget budget;
  while (query.Step()) {
    if (static_cast<int>(page.fiscalizations.size()) == limit || budget.IsUsedUp()) {
      page.next = PagePosition{page.fiscalizations.back().create_time, page.fiscalizations.back().id};
      break;
    }
    FiscalizationRow row = ReadFiscalization(query);
    budget.Take(row.bytes);
    page.fiscalizations.push_back(std::move(row.fiscalization));
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

std::vector<domain::Fiscalization> FindExpired(Connection& connection,
                                               const std::string& register_fiscal_number, absl::Time now,
                                               int64_t after_position, int limit) {
  Query query = connection.Prepare(ExpiredSql());
  query.Bind(register_fiscal_number, after_position, now, limit);
  std::vector<domain::Fiscalization> expired;
  PageBudget budget;
  while (!budget.IsUsedUp() && query.Step()) {
    FiscalizationRow row = ReadFiscalization(query);
    budget.Take(row.bytes);
    expired.push_back(std::move(row.fiscalization));
  }
  return expired;
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

namespace {

// Pages that start at the beginning, and after a document, of every sort of filter.
void AddPages(std::vector<NamedStatement>& statements) {
  const auto add = [&statements](absl::string_view name, absl::string_view index,
                                 FiscalizationFilter filter) {
    statements.push_back({name, PageSql(filter, false), index});
    statements.push_back({name, PageSql(filter, true), index, "(create_time,id)>(?,?)"});
    filter.create_time_before = absl::InfiniteFuture();
    statements.push_back({name, PageSql(filter, true), index, "(create_time,id)>(?,?) AND create_time<?"});
    filter.create_time_from = absl::UnixEpoch();
    statements.push_back({name, PageSql(filter, false), index, "create_time>? AND create_time<?"});
  };
  using domain::DocumentKind;
  using domain::State;
  const std::vector<State> not_completed = {State::kInDoubt, State::kFailed};
  add("page of all", "fiscalizations_by_time", {});
  add("page of a kind", "fiscalizations_by_time", {.kind = DocumentKind::kReturn});
  add("page of a source system", "fiscalizations_by_time", {.source_system = "x"});
  add("page of fiscalized ones", "fiscalizations_by_time", {.states = {State::kFiscalized}});
  add("page of not completed", "fiscalizations_without_receipt", {.states = not_completed});
  add("page of not completed of all filters but order and reason", "fiscalizations_without_receipt",
      {.states = not_completed,
       .integration_id = "x",
       .register_fiscal_number = "x",
       .kind = DocumentKind::kSale,
       .source_system = "x"});
  add("page of an integration", "fiscalizations_by_integration", {.integration_id = "x"});
  add("page of an integration, register, kind, and source system", "fiscalizations_by_integration",
      {.states = {State::kFiscalized},
       .integration_id = "x",
       .register_fiscal_number = "x",
       .kind = DocumentKind::kSale,
       .source_system = "x"});
  add("page of a register", "fiscalizations_by_register", {.register_fiscal_number = "x"});
  add("page of an order", "fiscalizations_by_order", {.order_id = "x"});
  add("page of an order and all else", "fiscalizations_by_order",
      {.states = not_completed,
       .integration_id = "x",
       .register_fiscal_number = "x",
       .kind = DocumentKind::kSale,
       .source_system = "x",
       .order_id = "x",
       .reason = "x"});
  add("page with a reason", "fiscalizations_by_reason", {.reason = "x"});
  add("page with a reason and all else but an order", "fiscalizations_by_reason",
      {.states = not_completed,
       .integration_id = "x",
       .register_fiscal_number = "x",
       .kind = DocumentKind::kSale,
       .source_system = "x",
       .reason = "x"});
}

}  // namespace

std::vector<NamedStatement> HotStatements() {
  std::vector<NamedStatement> statements = {
      {"head of lane", HeadOfLaneSql(), "fiscalizations_lane", "register_fiscal_number=? AND parked=?"},
      {"next that is parked", ParkedSql(), "fiscalizations_lane",
       "register_fiscal_number=? AND parked=? AND lane_position>?"},
      {"what waits past its day", ExpiredSql(), "fiscalizations_lane",
       "register_fiscal_number=? AND parked=? AND lane_position>?"},
      {"open lanes", OpenLanesSql(), "fiscalizations_lane"},
      {"summary of lane", SummaryOfLaneSql(), "fiscalizations_lane", "register_fiscal_number=?"},
      {"by fiscal number", ByFiscalNumberSql(), "sqlite_autoindex_receipts_1", "fiscal_number=?"},
      {"by register and fiscal number", ByRegisterAndFiscalNumberSql(), "sqlite_autoindex_receipts_1",
       "fiscal_number=? AND register_fiscal_number=?"},
      {"by id", SelectByIdSql(), "sqlite_autoindex_fiscalizations_1", "id=?"},
      {"by document", SelectByKeySql(), "sqlite_autoindex_fiscalizations_2",
       "source_system=? AND kind=? AND document_id=? AND mode=?"},
      {"known source system", std::string(kKnownSourceSystem), "sqlite_autoindex_fiscalizations_2",
       "source_system=?"},
  };
  AddPages(statements);
  return statements;
}

}  // namespace kasa::store
