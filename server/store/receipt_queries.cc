#include "server/store/receipt_queries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

constexpr absl::string_view kAfterAndOrder =
    " ORDER BY r.time, r.fiscal_number, r.register_fiscal_number LIMIT ?";
constexpr absl::string_view kAfter = " AND (r.time, r.fiscal_number, r.register_fiscal_number) > (?, ?, ?)";

// The statement of a page; its parameters are bound by BindPage() in the same order.
std::string PageSql(const ReceiptFilter& filter, bool after) {
  std::string sql = absl::StrCat(kSelectFiscalization, "WHERE r.time IS NOT NULL");
  if (!filter.integration_id.empty()) absl::StrAppend(&sql, " AND r.integration_id = ?");
  if (!filter.register_fiscal_number.empty()) absl::StrAppend(&sql, " AND r.register_fiscal_number = ?");
  if (filter.kind) absl::StrAppend(&sql, " AND r.kind = ?");
  if (!filter.order_id.empty()) absl::StrAppend(&sql, " AND f.order_id = ? AND f.order_id <> ''");
  if (filter.time_from) absl::StrAppend(&sql, " AND r.time >= ?");
  if (filter.time_before) absl::StrAppend(&sql, " AND r.time < ?");
  return absl::StrCat(sql, after ? kAfter : "", kAfterAndOrder);
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

std::string TotalsSql(const TotalsFilter& filter, bool after) {
  return absl::StrCat(
      "SELECT r.time, r.fiscal_number, r.register_fiscal_number, r.receipt, c.draft"
      " FROM receipts r JOIN contents c ON c.fiscalization = r.fiscalization WHERE r.",
      OwnerColumn(filter), " = ? AND r.time >= ? AND r.time < ?", after ? kAfter : "", kAfterAndOrder);
}

std::string InDoubtSql(const TotalsFilter& filter) {
  return absl::StrCat("SELECT count(*) FROM fiscalizations f WHERE f.", OwnerColumn(filter),
                      " = ? AND f.state IN (1, 2, 3) AND f.state = 3 AND EXISTS ("
                      "SELECT 1 FROM exchanges e WHERE e.fiscalization_id = f.id AND e.unexplained = 1"
                      " AND e.start_time < ? AND (e.end_time IS NULL OR e.end_time >= ?))");
}

}  // namespace

ReceiptPage PageOfReceipts(Connection& connection, const ReceiptFilter& filter,
                           const std::optional<ReceiptPosition>& after, int limit) {
  Query query = connection.PrepareOnce(PageSql(filter, after.has_value()));
  BindPage(query, filter, after, limit + 1);  // one more tells whether there is a next page
  ReceiptPage page;
  while (query.Step()) {
    if (static_cast<int>(page.receipts.size()) == limit) {
      page.more = true;
      break;
    }
    FiscalizationRow row = ReadFiscalization(query);
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
  Query query = connection.PrepareOnce(TotalsSql(filter, after.has_value()));
  query.Bind(Owner(filter), filter.time_from, filter.time_before);
  if (after) query.Bind(after->time, after->fiscal_number, after->register_fiscal_number);
  query.BindNext(limit);
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
    if (!domain::AddReceipt(DecodeDraft(query.Text(4)).receipt, part.totals)) {
      return absl::OutOfRangeError("the receipts add up to more than fits");
    }
  }
  if (read == limit) part.next = std::move(last);
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
  ReceiptFilter of_integration;
  of_integration.integration_id = "x";
  ReceiptFilter of_register;
  of_register.register_fiscal_number = "x";
  ReceiptFilter of_period;
  of_period.time_from = absl::UnixEpoch();
  of_period.time_before = absl::UnixEpoch();
  ReceiptFilter of_order;
  of_order.order_id = "x";
  TotalsFilter totals_of_integration;
  totals_of_integration.integration_id = "x";
  TotalsFilter totals_of_register;
  totals_of_register.register_fiscal_number = "x";
  return {
      {"receipts of all", PageSql({}, true)},
      {"receipts of a period", PageSql(of_period, true)},
      {"receipts of an integration", PageSql(of_integration, true)},
      {"receipts of a register", PageSql(of_register, true)},
      {"receipts of an order", PageSql(of_order, true)},
      {"totals of an integration", TotalsSql(totals_of_integration, true)},
      {"totals of a register", TotalsSql(totals_of_register, true)},
      {"in doubt of an integration", InDoubtSql(totals_of_integration)},
      {"in doubt of a register", InDoubtSql(totals_of_register)},
  };
}

}  // namespace kasa::store
