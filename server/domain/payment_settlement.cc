// SettlePayments of payment_checks.h.
#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/domain/catalogue.h"
#include "server/domain/payment_checks.h"
#include "server/domain/pricing.h"

namespace kasa::domain {
namespace {

// The cash of one document. Its amounts are in range and few, so that their sums are far from overflow.
struct Cash {
  size_t first = 0;  // place of the first cash payment
  bool is_there = false;
  bool any_tendered = false;
  size_t first_tendered = 0;
  int64_t amount = 0;
  int64_t tendered = 0;  // where not told: as much as the payment
};

Cash CashOf(const std::vector<CheckedPayment>& payments) {
  Cash cash;
  for (size_t i = 0; i < payments.size(); ++i) {
    const CheckedPayment& payment = payments[i];
    if (!payment.IsCash()) continue;
    if (!cash.is_there) cash.first = i;
    if (payment.tendered && !cash.any_tendered) cash.first_tendered = i;
    cash.is_there = true;
    cash.any_tendered = cash.any_tendered || payment.tendered.has_value();
    cash.amount += payment.amount.kopiykas();
    cash.tendered += payment.tendered.value_or(payment.amount).kopiykas();
  }
  return cash;
}

}  // namespace

std::optional<SettledPayments> SettlePayments(const std::vector<CheckedPayment>& payments, CashRounding step,
                                              const FieldScope& document) {
  const Cash cash = CashOf(payments);
  const Money rounded = RoundCash(Money::FromKopiykas(cash.amount), step);
  if (cash.is_there && rounded.IsZero()) {
    // Without a cash payment the receipt's rounding would be of nothing, and only cash may be rounded.
    document.Item("payments", cash.first)
        .Violate("amount_kopiykas", Reason::kPaymentNotPositive,
                 absl::StrCat("all cash, ", Money::FromKopiykas(cash.amount).ToDecimal(),
                              ", rounds to 0.00, and a register takes neither a payment of zero nor rounding "
                              "without cash; give it as a discount, or to another payment"));
    return std::nullopt;
  }
  SettledPayments settled;
  settled.rounding = Money::FromKopiykas(rounded.kopiykas() - cash.amount);
  if (cash.any_tendered) {
    settled.change = Money::FromKopiykas(cash.tendered - rounded.kopiykas());
    if (settled.change.IsNegative()) {
      document.Item("payments", cash.first_tendered)
          .Violate(
              "tendered_kopiykas", Reason::kTenderedTooSmall,
              absl::StrCat("with all cash tendered it is ", Money::FromKopiykas(cash.tendered).ToDecimal(),
                           ", expected at least ", rounded.ToDecimal(), ", the rounded cash part"));
      return std::nullopt;
    }
  }
  for (size_t i = 0; i < payments.size(); ++i) {
    const CheckedPayment& payment = payments[i];
    if (!payment.IsCash()) {
      const Money amount =
          KASA_MUTANT("round-the-card-part") ? RoundCash(payment.amount, step) : payment.amount;
      settled.payments.push_back({payment.payment_type, amount, Money(), payment.card});
    } else if (i == cash.first) {
      settled.payments.push_back({kCashPaymentType, rounded, settled.change, std::nullopt});
    }
  }
  return settled;
}

}  // namespace kasa::domain
