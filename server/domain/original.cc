#include "server/domain/original.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "common/wide.h"
#include "server/domain/catalogue.h"
#include "server/domain/state_machine.h"

namespace kasa::domain {
namespace {

// Long enough for a register's usual answer; the caller's own patience decides how often.
constexpr absl::Duration kUnsettledRetryDelay = absl::Seconds(5);

// Sums of a receipt's amounts: few, and each in range, so that they are far from overflow.
void Increase(Money& sum, Money by) {
  sum = Money::FromKopiykas(sum.kopiykas() + by.kopiykas());
}

bool IsPartOfChain(const Fiscalization& original) {
  return original.document.chain_role != ChainRole::kNone ||
         std::any_of(original.draft.payments.begin(), original.draft.payments.end(),
                     [](const PricedPayment& payment) {
                       return payment.payment_type == kPrepaymentType ||
                              payment.payment_type == kPostpaymentType;
                     });
}

OriginalRow RowOf(PricedRow sold) {
  OriginalRow row;
  row.stamps_left = sold.excise_stamps;
  row.sold = std::move(sold);
  return row;
}

// The row that `returned` came off.
OriginalRow* FindRow(const PricedRow& returned, Original& original) {
  if (returned.original_row > 0) {
    const auto place = static_cast<size_t>(returned.original_row);
    return place <= original.rows.size() ? &original.rows[place - 1] : nullptr;
  }
  OriginalRow* found = nullptr;
  for (OriginalRow& row : original.rows) {
    if (row.sold.name != returned.name || row.sold.price != returned.price ||
        row.sold.tax_group != returned.tax_group) {
      continue;
    }
    if (found != nullptr) return nullptr;
    found = &row;
  }
  return found;
}

void TakeStampsOff(const std::vector<std::string>& returned, std::vector<std::string>& left) {
  for (const std::string& stamp : returned) {
    const auto found = std::find(left.begin(), left.end(), stamp);
    if (found != left.end()) left.erase(found);
  }
}

}  // namespace

Quantity OriginalRow::Left() const {
  return Quantity::FromThousandths(
      std::max<int64_t>(sold.quantity.thousandths() - returned.thousandths(), 0));
}

absl::Status MayBeReturned(const Fiscalization& original) {
  if (IsPartOfChain(original)) {
    return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kFiscalChainReturn,
                                  "the sale is part of a prepayment or postpayment chain"),
                    "fiscalization_id", original.id);
  }
  if (original.state == State::kFiscalized && original.receipt) return absl::OkStatus();
  absl::Status refusal =
      ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kSaleNotFiscalized,
                    absl::StrCat("what is to be returned has no receipt: fiscalization ", original.id, " is ",
                                 std::string(NameOf(original.state))));
  refusal = WithFact(std::move(refusal), "fiscalization_id", original.id);
  refusal = WithFact(std::move(refusal), "state", NameOf(original.state));
  return IsFinal(original.state) ? refusal : WithRetryDelay(std::move(refusal), kUnsettledRetryDelay);
}

Original OriginalOf(const Fiscalization& original) {
  Original result;
  const Document& document = original.document;
  if (original.receipt) result.fiscal_number = original.receipt->fiscal_number;
  for (const PricedRow& row : original.draft.rows) result.rows.push_back(RowOf(row));
  if (document.lines.size() == result.rows.size()) {
    // Otherwise the row is the integration's default payment line, and no line of the caller's.
    for (size_t i = 0; i < result.rows.size(); ++i) result.rows[i].tax_id = document.lines[i].tax_id;
  }
  result.sum = original.draft.sum;
  result.paid_left = PaidByType(original.draft);
  result.branch_id = document.branch_id;
  result.legal_entity_id = document.legal_entity_id;
  result.order_id = original.order_id;
  return result;
}

Original OriginalOf(const std::string& fiscal_number, const std::optional<ToldReceipt>& told) {
  Original result;
  result.fiscal_number = fiscal_number;
  result.rows_known = told && !told->rows.empty();
  if (!told) return result;
  for (const PricedRow& row : told->rows) result.rows.push_back(RowOf(row));
  result.sum = told->sum;
  if (!told->paid.empty()) result.paid_left = told->paid;
  return result;
}

void TakeOff(const PricedReceipt& earlier_return, Original& original) {
  for (const PricedRow& returned : earlier_return.rows) {
    OriginalRow* row = FindRow(returned, original);
    if (row == nullptr) continue;
    row->returned = Quantity::FromThousandths(row->returned.thousandths() + returned.quantity.thousandths());
    Increase(row->returned_amount, returned.amount);
    TakeStampsOff(returned.excise_stamps, row->stamps_left);
  }
  Increase(original.returned_sum, earlier_return.sum);
  if (!original.paid_left) return;
  for (const auto& [type, amount] : PaidByType(earlier_return)) {
    Increase((*original.paid_left)[type], Money::FromKopiykas(-amount.kopiykas()));
  }
}

std::map<int, Money> PaidByType(const PricedReceipt& receipt) {
  std::map<int, Money> paid;
  for (const PricedPayment& payment : receipt.payments) Increase(paid[payment.payment_type], payment.sum);
  if (!receipt.rounding.IsZero()) {
    Increase(paid[kCashPaymentType], Money::FromKopiykas(-receipt.rounding.kopiykas()));
  }
  return paid;
}

Money ShareOf(const OriginalRow& row, Quantity quantity) {
  const Wide sold = row.sold.quantity.thousandths();
  const Wide back = Wide{row.returned.thousandths()} + quantity.thousandths();
  const Wide due = (2 * Wide{row.sold.amount.kopiykas()} * back + sold) / (2 * sold);
  return Money::FromKopiykas(static_cast<int64_t>(due - row.returned_amount.kopiykas()));
}

}  // namespace kasa::domain
