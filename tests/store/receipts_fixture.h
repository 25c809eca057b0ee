#ifndef KASA_TESTS_STORE_RECEIPTS_FIXTURE_H_
#define KASA_TESTS_STORE_RECEIPTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/store/fixture.h"

// A store with receipts, and what is asked of them.
namespace kasa::store {

inline absl::Time At(int64_t second) {
  return absl::FromUnixSeconds(1764000000 + second);
}

struct Made {
  std::string document_id;
  std::string fiscal_number;
  int64_t second = 0;
  domain::DocumentKind kind = domain::DocumentKind::kSale;
  int64_t kopiykas = 4500;
  int64_t rounding = 0;
  std::string shift_number;
  bool untimed = false;
  int tax_group = 1;
  int payment_type = 2;
  size_t comment_bytes = 0;  // of the document
};

class ReceiptsTest : public StoreTest {
 protected:
  // Makes a receipt of integration "one", or of "two".
  void Make(const Made& made, bool second_register = false) {
    const std::string fisid = second_register ? kRegisterTwo : kRegisterOne;
    Acceptance acceptance = ASale(made.document_id, second_register ? kTwo : kOne, fisid);
    domain::Fiscalization& f = acceptance.fiscalization;
    f.key.kind = made.kind;
    f.tag = domain::TagFor(TestInstallation(), f.key, 0);
    f.draft.kind = made.kind;
    f.document.comment.assign(made.comment_bytes, 'x');
    domain::PricedRow row;
    row.amount = Money::FromKopiykas(made.kopiykas);
    row.tax_group = made.tax_group;
    f.draft.rows = {row};
    domain::PricedPayment payment;
    payment.payment_type = made.payment_type;
    payment.sum = Money::FromKopiykas(made.kopiykas + made.rounding);
    f.draft.payments = {payment};
    f.draft.sum = row.amount;
    f.draft.rounding = Money::FromKopiykas(made.rounding);
    f.draft.due = payment.sum;
    const auto accepted = Accept(std::move(acceptance));
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    const auto mark = Mark(accepted->fiscalization.id);
    ASSERT_TRUE(mark.ok()) << mark.status();
    Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
    settlement.receipt = AReceipt(fisid, made.fiscal_number);
    settlement.receipt->fiscal_time.reset();
    if (!made.untimed) settlement.receipt->fiscal_time = At(made.second);
    settlement.receipt->shift_number = made.shift_number;
    const auto settled = Settle(std::move(settlement));
    ASSERT_TRUE(settled.ok()) << settled.status();
  }

  // The fiscal numbers that a filter gives, page by page; `between` runs after each page.
  std::vector<std::string> Pages(
      const ReceiptFilter& filter, int limit = 50, const std::function<void()>& between = [] {}) {
    std::vector<std::string> numbers;
    std::optional<ReceiptPosition> after;
    while (true) {
      const auto page = store().receipts().List(filter, after, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const ListedReceipt& one : page->receipts) {
        numbers.push_back(one.fiscalization.receipt->fiscal_number);
        after = one.position;
      }
      if (!page->more) return numbers;
      between();
    }
  }

  domain::Totals AddUpAll(const TotalsFilter& filter, int limit = 1000) {
    domain::Totals totals;
    std::optional<ReceiptPosition> after;
    do {
      const auto part = store().receipts().AddUp(filter, after, limit);
      EXPECT_TRUE(part.ok()) << part.status();
      EXPECT_TRUE(domain::AddTotals(part->totals, totals));
      after = part->next;
    } while (after);
    return totals;
  }
};

}  // namespace kasa::store

#endif  // KASA_TESTS_STORE_RECEIPTS_FIXTURE_H_
