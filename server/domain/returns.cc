#include "server/domain/returns.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"
#include "server/domain/contact_checks.h"
#include "server/domain/document_checks.h"
#include "server/domain/findings.h"
#include "server/domain/limits.h"
#include "server/domain/payment_checks.h"
#include "server/domain/pricing_steps.h"
#include "server/domain/register_text.h"
#include "server/domain/return_lines.h"

namespace kasa::domain {
namespace {

constexpr absl::string_view kCommentSeparator = "; ";

void CompareId(absl::string_view field, const std::string& given, const std::string& sold,
               const FieldScope& scope) {
  if (given.empty() || sold.empty() || given == sold) return;
  scope.Violate(field, Reason::kDiffersFromSale, absl::StrCat("expected ", sold, ", as the sale has it"));
}

void CompareHeader(const Document& sales_return, const Original& original, const Integration& integration,
                   const FieldScope& scope) {
  // A sale that named neither was served by an integration which has them, perhaps.
  const auto known = [](const std::string& of_sale, const std::string& of_integration) {
    return of_sale.empty() ? of_integration : of_sale;
  };
  CompareId("branch_id", sales_return.branch_id, known(original.branch_id, integration.branch_id), scope);
  CompareId("legal_entity_id", sales_return.legal_entity_id,
            known(original.legal_entity_id, integration.legal_entity_id), scope);
  CompareId("order_id", sales_return.order_id, original.order_id, scope);
}

// The lines of a return whose original is not known: as those of a sale.
struct UncheckedLines {
  CheckedLines lines;
  std::optional<Money> total;
};

UncheckedLines PriceUnchecked(Document sales_return, const Mapping& mapping, const FieldScope& scope) {
  for (Line& line : sales_return.lines) line.original_line_id.clear();
  UncheckedLines unchecked{CheckLines(sales_return.lines, mapping, scope), std::nullopt};
  unchecked.total = PriceRows(sales_return, unchecked.lines, scope);
  return unchecked;
}

// Whether the discount on the whole document, when there is one, leaves `total`.
void CheckDocumentDiscount(const Document& sales_return, const std::vector<PricedRow>& rows, Money total,
                           const FieldScope& scope) {
  constexpr absl::string_view kField = "discount_kopiykas";
  if (!scope.IsInRange(kField, sales_return.discount) || sales_return.discount.IsZero()) return;
  int64_t stated = 0;  // lines less their own discounts: each in range, and few
  for (size_t i = 0; i < rows.size(); ++i) {
    stated +=
        rows[i].amount.kopiykas() + rows[i].discount.kopiykas() - sales_return.lines[i].discount.kopiykas();
  }
  const int64_t expected = stated - total.kopiykas();
  if (expected == sales_return.discount.kopiykas()) return;
  scope.Violate(kField, Reason::kDiffersFromSale,
                absl::StrCat("is ", sales_return.discount.ToDecimal(), ", expected ",
                             Money::FromKopiykas(expected).ToDecimal(), " (", expected,
                             " kopiykas): it has to leave what was paid for what comes back, ",
                             total.ToDecimal(), "; or give no discount"));
}

struct CheckedRefund {
  std::map<int, Money> by_type;
  std::optional<SettledPayments> settled;
};

std::optional<CheckedRefund> PriceRefund(const Document& sales_return, const Integration& integration,
                                         const Mapping& mapping, std::optional<Money> total,
                                         const FieldScope& scope) {
  auto checked = CheckPayments(sales_return.payments, integration, mapping, scope);
  // No payments, or too many, were told already.
  const bool countable = !sales_return.payments.empty() && sales_return.payments.size() <= kMaxPayments;
  const bool covered = total && countable && PaymentsCover(sales_return.payments, *total, scope);
  if (!checked || !covered) return std::nullopt;
  CheckedRefund refund;
  for (size_t i = 0; i < checked->size(); ++i) {
    CheckedPayment& payment = (*checked)[i];
    Money& of_type = refund.by_type[payment.payment_type];
    of_type = Money::FromKopiykas(of_type.kopiykas() + payment.amount.kopiykas());
    if (payment.tendered) {
      scope.Item("payments", i)
          .Warn(Reason::kFieldIgnored, "has no meaning in a return, and was left out", "tendered_kopiykas");
      payment.tendered.reset();
    }
  }
  refund.settled = SettlePayments(*checked, integration.cash_rounding, scope);
  return refund;
}

void CheckMethodChange(const Document& sales_return, Findings& findings) {
  if (!sales_return.refund_method_change) return;
  const FieldScope change(findings, "refund_method_change");
  if (!sales_return.refund_method_change->buyer_agreed) {
    change.Violate("buyer_agreed", Reason::kFieldRequired,
                   "is false; leave refund_method_change out when the money goes back the way it came");
  }
  change.IsShortEnough("note", sales_return.refund_method_change->note, kMaxNoteLength);
}

absl::Status Refuse(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status RefuseExcess(const std::vector<Excess>& excesses, const FieldScope& scope) {
  const Excess& first = excesses.front();
  const std::string field = scope.Item("lines", first.line).PathOf("quantity_thousandths");
  std::string message =
      absl::StrCat(field, ": ", first.asked.ToDecimal(), " is to come back, and ", first.left.ToDecimal(),
                   " of the ", first.sold.ToDecimal(), " sold is left over all returns");
  if (excesses.size() > 1) {
    absl::StrAppend(
        &message, "; so it is with lines ",
        absl::StrJoin(excesses.begin() + 1, excesses.end(), ", ",
                      [](std::string* out, const Excess& excess) { absl::StrAppend(out, excess.line); }));
  }
  absl::Status refusal = Refuse(Reason::kReturnExceedsSale, message);
  refusal = WithFact(std::move(refusal), "field", field);
  return WithFact(std::move(refusal), "left_thousandths", absl::StrCat(first.left.thousandths()));
}

absl::Status CheckSum(Money total, const Original& original) {
  if (!original.sum) return absl::OkStatus();
  const int64_t left = std::max<int64_t>(original.sum->kopiykas() - original.returned_sum.kopiykas(), 0);
  if (total.kopiykas() <= left) return absl::OkStatus();
  return WithFact(Refuse(Reason::kReturnExceedsSale,
                         absl::StrCat(total.ToDecimal(), " is to be paid back, and ",
                                      Money::FromKopiykas(left).ToDecimal(), " of the ",
                                      original.sum->ToDecimal(), " paid is left over all returns")),
                  "left_kopiykas", absl::StrCat(left));
}

absl::Status CheckWay(const std::map<int, Money>& refund, const Original& original) {
  if (!original.paid_left) return absl::OkStatus();
  for (const auto& [type, amount] : refund) {
    const auto found = original.paid_left->find(type);
    const int64_t left =
        found == original.paid_left->end() ? 0 : std::max<int64_t>(found->second.kopiykas(), 0);
    if (amount.kopiykas() <= left) continue;
    absl::Status refusal =
        Refuse(Reason::kRefundMethodDiffers,
               absl::StrCat(amount.ToDecimal(), " is to go back by payment type ", type, ", and ",
                            Money::FromKopiykas(left).ToDecimal(),
                            " of what came that way is left; state refund_method_change.buyer_agreed if the "
                            "buyer agreed to it"));
    refusal = WithFact(std::move(refusal), "payment_type", absl::StrCat(type));
    return WithFact(std::move(refusal), "left_kopiykas", absl::StrCat(left));
  }
  return absl::OkStatus();
}

std::string CheckFoot(const Document& sales_return, const Original& original, const FieldScope& scope) {
  const size_t taken = LengthInCharacters(original.fiscal_number) + kCommentSeparator.size();
  const size_t room = kRegisterCommentLength > taken ? kRegisterCommentLength - taken : 0;
  const std::string comment = CheckDocumentComment(sales_return, room, scope);
  return comment.empty() ? original.fiscal_number
                         : absl::StrCat(original.fiscal_number, kCommentSeparator, comment);
}

void WarnOfUnknowns(const Original& original, const FieldScope& scope) {
  if (!original.rows_known) {
    scope.warnings().Add(
        Reason::kOriginalNotChecked,
        "the lines could not be held against the sale: the register told nothing of it that could be read");
  }
  if (!original.rows_known && !original.sum) {
    scope.warnings().Add(Reason::kOriginalNotChecked,
                         "that no more is returned than was sold could not be checked");
  }
  if (!original.paid_left) {
    scope.warnings().Add(Reason::kOriginalNotChecked,
                         "that the money goes back by the way it came could not be checked");
  }
}

}  // namespace

Violations CheckOriginalSale(const OriginalSale& original) {
  Findings findings;
  const FieldScope scope(findings, "original_sale");
  constexpr absl::string_view kNumber = "fiscal_number";
  if (original.document) {
    const FieldScope document = scope.Member("document");
    if (original.document->kind == DocumentKind::kReturn) {
      document.Violate("kind", Reason::kFieldInvalid, "a return can't be returned");
    }
    document.IsId("document_id", original.document->document_id, kMaxIdLength);
    document.IsId("source_system", original.document->source_system, kMaxSourceSystemLength);
  } else if (scope.IsId(kNumber, original.fiscal_number, kMaxFiscalNumberLength) &&
             CleanText(original.fiscal_number, kMaxTextLength).text != original.fiscal_number) {
    scope.Violate(kNumber, Reason::kFieldInvalid, "has characters that no fiscal number has");
  }
  return std::move(findings.violations);
}

PricedReturn PriceReturn(const Document& sales_return, const Original& original,
                         const Integration& integration, const Mapping& mapping, absl::CivilDay today_in_kyiv,
                         absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));

  // In the order of the contract's fields, so that the violations come in it too.
  CheckHeader(sales_return, today_in_kyiv, scope);
  CompareHeader(sales_return, original, integration, scope);
  ReturnLines lines;
  std::optional<Money> total;
  if (original.rows_known) {
    lines = CheckReturnLines(sales_return, original, scope);
    if (lines.amounts_known) {
      total = TotalOf(lines.rows);
      CheckDocumentDiscount(sales_return, lines.rows, *total, scope);
    }
  } else {
    UncheckedLines unchecked = PriceUnchecked(sales_return, mapping, scope);
    lines.rows = std::move(unchecked.lines.rows);
    total = unchecked.total;
  }
  auto refund = PriceRefund(sales_return, integration, mapping, total, scope);
  CheckBuyer(sales_return.buyer, scope);
  std::string foot = CheckFoot(sales_return, original, scope);
  CheckOrderTotal(sales_return, scope);
  CheckMethodChange(sales_return, findings);
  WarnOfUnknowns(original, scope);

  PricedReturn priced;
  priced.warnings = std::move(findings.warnings).Take();
  priced.violations = std::move(findings.violations);
  if (!priced.violations.empty()) return priced;
  if (!lines.excesses.empty()) {
    priced.refusal = RefuseExcess(lines.excesses, scope);
    return priced;
  }
  if (!total || !refund || !refund->settled) {
    priced.refusal = absl::InternalError("a return without violations has no total");
    return priced;
  }
  priced.refusal = CheckSum(*total, original);
  if (priced.refusal.ok() && !sales_return.refund_method_change) {
    priced.refusal = CheckWay(refund->by_type, original);
  }
  if (!priced.refusal.ok()) return priced;

  PricedReceipt receipt;
  receipt.kind = DocumentKind::kReturn;
  // Checked when it was set; what is cleaned of it here is no fault of the document's.
  receipt.cashier = CleanText(integration.cashier_name, kRegisterCashierLength).text;
  receipt.rows = std::move(lines.rows);
  receipt.payments = std::move(refund->settled->payments);
  receipt.sum = *total;
  receipt.rounding = refund->settled->rounding;
  receipt.due = Money::FromKopiykas(total->kopiykas() + receipt.rounding.kopiykas());
  receipt.comment_down = std::move(foot);
  priced.receipt = std::move(receipt);
  return priced;
}

}  // namespace kasa::domain
