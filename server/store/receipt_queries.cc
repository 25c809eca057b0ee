#include "server/store/receipt_queries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/page_budget.h"
#include "server/store/receipt_sums.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

constexpr absl::string_view kAfter = " AND (r.time, r.fiscal_number, r.register_fiscal_number) > (?, ?, ?)";
constexpr absl::string_view kOrder = " ORDER BY r.time, r.fiscal_number, r.register_fiscal_number LIMIT ?";

// The statement of a page; its parameters are bound by BindPage() in the same order. "+" keeps a condition
// from choosing an index, where another one has fewer receipts.
std::string PageSql(const ReceiptFilter& filter, bool after) {
  const bool by_order = !filter.order_id.empty();
  const bool by_integration = !by_order && !filter.integration_id.empty();
  std::string sql = absl::StrCat(kSelectFiscalization, "WHERE r.time IS NOT NULL");
  if (!filter.integration_id.empty()) {
    absl::StrAppend(&sql, " AND ", by_integration ? "" : "+", "r.integration_id = ?");
  }
  if (!filter.register_fiscal_number.empty()) {
    absl::StrAppend(&sql, " AND ", by_order || by_integration ? "+" : "", "r.register_fiscal_number = ?");
  }
  if (filter.kind) absl::StrAppend(&sql, " AND +r.kind = ?");
  if (by_order) absl::StrAppend(&sql, " AND f.order_id = ? AND f.order_id <> ''");
  if (filter.time_from) absl::StrAppend(&sql, " AND ", by_order ? "+" : "", "r.time >= ?");
  if (filter.time_before) absl::StrAppend(&sql, " AND ", by_order ? "+" : "", "r.time < ?");
  return absl::StrCat(sql, after ? kAfter : "", kOrder);
}

void BindPage(Query& query, const ReceiptFilter& filter, const std::optional<ReceiptPosition>& after,
              int limit) {
  if (!filter.integration_id.empty()) query.BindNext(filter.integration_id);
  if (!filter.register_fiscal_number.empty()) query.BindNext(filter.register_fiscal_number);
  if (filter.kind) query.BindNext(static_cast<int>(*filter.kind));
  if (!filter.order_id.empty()) query.BindNext(filter.order_id);
  if (filter.time_from) query.BindNext(*filter.time_from);
  if (filter.time_before) query.BindNext(*filter.time_before);
  if (after) query.Bind(after->time, after->fiscal_number, after->register_fiscal_number);
  query.BindNext(limit);
}

absl::string_view OwnerColumn(const TotalsFilter& filter) {
  return filter.integration_id.empty() ? "register_fiscal_number" : "integration_id";
}

const std::string& Owner(const TotalsFilter& filter) {
  return filter.integration_id.empty() ? filter.register_fiscal_number : filter.integration_id;
}

std::string TotalsSql(const TotalsFilter& filter) {
  return absl::StrCat(
      "SELECT r.time, r.fiscal_number, r.register_fiscal_number, r.receipt, c.draft"
      " FROM receipts r JOIN contents c ON c.fiscalization = r.fiscalization WHERE r.",
      OwnerColumn(filter), " = ? AND r.time < ?", kAfter, kOrder);
}

// By the indexes of what is open: left to itself, SQLite reads all that the integration ever had.
std::string InDoubtSql(const TotalsFilter& filter) {
  return absl::StrCat(
      "SELECT count(*) FROM fiscalizations f INDEXED BY ",
      filter.integration_id.empty() ? "fiscalizations_lane" : "fiscalizations_open_by_integration",
      " WHERE f.", OwnerColumn(filter),
      " = ? AND f.state IN (1, 2, 3) AND f.state = 3 AND EXISTS ("
      "SELECT 1 FROM exchanges e WHERE e.fiscalization_id = f.id AND e.unexplained = 1"
      " AND e.start_time < ? AND (e.end_time IS NULL OR e.end_time >= ?))");
}

// Adds up the receipts after `after` and before `before`, one by one.
absl::StatusOr<TotalsPart> AddUpOneByOne(Connection& connection, const TotalsFilter& filter,
                                         const ReceiptPosition& after, absl::Time before, int limit) {
  Query query = connection.Prepare(TotalsSql(filter));
  query.Bind(Owner(filter), before, after.time, after.fiscal_number, after.register_fiscal_number, limit);
  TotalsPart part;
  int read = 0;
  ReceiptPosition last;
  while (query.Step()) {
    ++read;
    last = {query.Time(0), query.Text(1), query.Text(2)};
    if (!filter.shift_number.empty()) {
      const domain::Receipt receipt = DecodeReceipt(query.Text(3));
      if (!receipt.shift_number.empty() && receipt.shift_number != filter.shift_number) continue;
      if (receipt.shift_number.empty()) ++part.without_shift;
    }
    if (!domain::AddReceipt(DecodeDraft(query.Text(4)).receipt, part.totals)) return DoesNotFit();
  }
  if (read == limit) part.next = std::move(last);
  return part;
}

// Before every receipt of that time.
ReceiptPosition StartOf(absl::Time time) {
  return {.time = time};
}

bool IsStart(const ReceiptPosition& position) {
  return position.fiscal_number.empty() && position.register_fiscal_number.empty();
}

}  // namespace

ReceiptPage PageOfReceipts(Connection& connection, ReceiptFilter filter,
                           const std::optional<ReceiptPosition>& after, int limit) {
  if (after) DropPassed(filter.time_from, after->time);
  Query query = connection.PrepareOnce(PageSql(filter, after.has_value()));
  BindPage(query, filter, after, limit + 1);  // one more tells whether there is a next page
  ReceiptPage page;
  PageBudget budget;
  while (query.Step()) {
    if (static_cast<int>(page.receipts.size()) == limit || budget.IsUsedUp()) {
      page.more = true;
      break;
    }
    FiscalizationRow row = ReadFiscalization(query);
    budget.Take(row.bytes);
    const domain::Receipt& receipt = *row.fiscalization.receipt;
    ReceiptPosition position{.time = *row.receipt_time,
                             .fiscal_number = receipt.fiscal_number,
                             .register_fiscal_number = receipt.register_fiscal_number};
    page.receipts.push_back({std::move(row.fiscalization), std::move(position)});
  }
  return page;
}

absl::StatusOr<TotalsPart> AddUpReceipts(Connection& connection, const TotalsFilter& filter,
                                         const std::optional<ReceiptPosition>& after, int limit) {
  const ReceiptPosition from = after.value_or(StartOf(filter.time_from));
  const bool has_sums = !filter.integration_id.empty() && filter.shift_number.empty();
  const int64_t last_hour = HourOf(filter.time_before);  // the one that the period may end in
  const int64_t hour = HourOf(from.time);
  if (!has_sums || hour >= last_hour) {
    return AddUpOneByOne(connection, filter, from, filter.time_before, limit);
  }
  if (IsStart(from) && IsStartOfHour(from.time)) {
    absl::StatusOr<HourSums> sums = AddUpHours(connection, filter.integration_id, hour, last_hour, limit);
    if (!sums.ok()) return sums.status();
    return TotalsPart{.totals = std::move(sums->totals), .next = StartOf(StartOfHour(sums->next_hour))};
  }
  // To the end of the hour that is begun, from where on there are sums.
  const absl::Time next_hour = StartOfHour(hour + 1);
  absl::StatusOr<TotalsPart> part = AddUpOneByOne(connection, filter, from, next_hour, limit);
  if (part.ok() && !part->next) part->next = StartOf(next_hour);
  return part;
}

int64_t CountInDoubt(Connection& connection, const TotalsFilter& filter, absl::Duration slack) {
  Query query = connection.PrepareOnce(InDoubtSql(filter));
  query.Bind(Owner(filter), filter.time_before, filter.time_from - slack);
  query.Step();
  return query.Int64(0);
}

bool RememberStsUrl(Connection& connection, const std::string& fiscalization_id, const std::string& url) {
  return connection
             .Prepare(
                 "UPDATE receipts SET sts_url = ? WHERE sts_url = ''"
                 " AND fiscalization = (SELECT number FROM fiscalizations WHERE id = ?)")
             .Bind(url, fiscalization_id)
             .Run() > 0;
}

std::vector<NamedStatement> HotReceiptStatements() {
  std::vector<NamedStatement> statements;
  const auto add = [&statements](absl::string_view name, absl::string_view index, ReceiptFilter filter) {
    // A register's is the same in all of its entries.
    const absl::string_view after_bounds = index == "receipts_by_register"
                                               ? "(time,fiscal_number)>(?,?)"
                                               : "(time,fiscal_number,register_fiscal_number)>(?,?,?)";
    const bool few = !filter.order_id.empty();
    statements.push_back({name, PageSql(filter, false), index});
    statements.push_back({name, PageSql(filter, true), index, few ? "" : after_bounds});
    filter.time_before = absl::InfiniteFuture();
    statements.push_back({name, PageSql(filter, true), index, few ? "" : after_bounds});
    filter.time_from = absl::UnixEpoch();
    statements.push_back({name, PageSql(filter, false), index, few ? "" : "time>? AND time<?"});
  };
  add("receipts of all", "receipts_by_time", {});
  add("receipts of a kind", "receipts_by_time", {.kind = domain::DocumentKind::kReturn});
  add("receipts of an integration", "receipts_by_integration", {.integration_id = "x"});
  add("receipts of an integration, register and kind", "receipts_by_integration",
      {.integration_id = "x", .register_fiscal_number = "x", .kind = domain::DocumentKind::kReturn});
  add("receipts of a register", "receipts_by_register",
      {.register_fiscal_number = "x", .kind = domain::DocumentKind::kReturn});
  add("receipts of an order", "fiscalizations_by_order",
      {.integration_id = "x",
       .register_fiscal_number = "x",
       .kind = domain::DocumentKind::kReturn,
       .order_id = "x"});
  TotalsFilter of_integration;
  of_integration.integration_id = "x";
  TotalsFilter of_register;
  of_register.register_fiscal_number = "x";
  statements.insert(
      statements.end(),
      {{"totals of an integration", TotalsSql(of_integration), "receipts_by_integration",
        "(time,fiscal_number,register_fiscal_number)>(?,?,?) AND time<?"},
       {"totals of a register", TotalsSql(of_register), "receipts_by_register",
        "(time,fiscal_number)>(?,?) AND time<?"},
       {"in doubt of an integration", InDoubtSql(of_integration), "fiscalizations_open_by_integration"},
       {"in doubt of a register", InDoubtSql(of_register), "fiscalizations_lane"},
       {"sums of hours", std::string(kSumsOfHours), "PRIMARY KEY",
        "integration_id=? AND hour>? AND hour<?"}});
  return statements;
}

}  // namespace kasa::store
