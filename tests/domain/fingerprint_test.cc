#include "server/domain/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/domain/random_document.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

// Every field has a value.
Document FullDocument() {
  Document document = CoffeeSale();
  document.branch_id = "b";
  document.integration_id = "i";
  document.discount = K(1);
  document.comment = "c";
  document.order_total = K(4500);
  document.buyer = {"+380501234567", "o@example.com"};
  Line& line = document.lines[0];
  line.line_id = "1";
  line.discount = K(5);
  line.amount = K(4495);
  line.code = "code";
  line.barcode = "barcode";
  line.uktzed = "1234";
  line.dkpp = "62.01";
  line.excise_stamps = {"AAAA111111", "AAAA111112"};
  line.unit_code = "pcs";
  line.comment = "lc";
  line.original_line_id = "o";
  Payment& payment = document.payments[0];
  payment.kind = PaymentKind::kCashless;
  payment.tendered = K(5000);
  payment.card = CardDetails{"rrn", "auth", "term", "****1234", "Visa", "bank", "Bank", K(3)};
  return document;
}

struct Change {
  const char* field;
  std::function<void(Document&)> apply;
};

std::vector<Change> ChangesOfOneField() {
  return {
      {"activated", [](Document& d) { d.activated = false; }},
      {"document_date", [](Document& d) { d.document_date = "2026-11-24"; }},
      {"currency_code", [](Document& d) { d.currency_code = "EUR"; }},
      {"branch_id", [](Document& d) { d.branch_id = "b2"; }},
      {"legal_entity_id", [](Document& d) { d.legal_entity_id = "tov-2"; }},
      {"integration_id", [](Document& d) { d.integration_id.clear(); }},
      {"order_id", [](Document& d) { d.order_id = "order-2"; }},
      {"lines[0].line_id", [](Document& d) { d.lines[0].line_id = "2"; }},
      {"lines[0].name", [](Document& d) { d.lines[0].name += " "; }},
      {"lines[0].quantity_thousandths", [](Document& d) { d.lines[0].quantity = Q(1001); }},
      {"lines[0].price_kopiykas", [](Document& d) { d.lines[0].price = K(4501); }},
      {"lines[0].discount_kopiykas", [](Document& d) { d.lines[0].discount = K(-5); }},
      {"lines[0].tax_id", [](Document& d) { d.lines[0].tax_id = "none"; }},
      {"lines[0].amount_kopiykas", [](Document& d) { d.lines[0].amount.reset(); }},
      {"lines[0].amount_kopiykas", [](Document& d) { d.lines[0].amount = K(0); }},
      {"lines[0].code", [](Document& d) { d.lines[0].code = "code2"; }},
      {"lines[0].barcode", [](Document& d) { d.lines[0].barcode = "barcode2"; }},
      {"lines[0].uktzed", [](Document& d) { d.lines[0].uktzed = "12345"; }},
      {"lines[0].dkpp", [](Document& d) { d.lines[0].dkpp = "62.02"; }},
      {"lines[0].excise_stamps[1]", [](Document& d) { d.lines[0].excise_stamps[1] = "AAAA111113"; }},
      {"lines[0].excise_stamps[1]", [](Document& d) { d.lines[0].excise_stamps.pop_back(); }},
      {"lines[0].excise_stamps[2]", [](Document& d) { d.lines[0].excise_stamps.emplace_back(); }},
      {"lines[0].unit_code", [](Document& d) { d.lines[0].unit_code = "kg"; }},
      {"lines[0].comment", [](Document& d) { d.lines[0].comment.clear(); }},
      {"lines[0].original_line_id", [](Document& d) { d.lines[0].original_line_id = "p"; }},
      {"lines[1]", [](Document& d) { d.lines.emplace_back(); }},
      {"lines[1]", [](Document& d) { d.lines.push_back(d.lines[0]); }},
      {"lines[0]", [](Document& d) { d.lines.clear(); }},
      {"discount_kopiykas", [](Document& d) { d.discount = K(0); }},
      {"payments[0].payment_method_id", [](Document& d) { d.payments[0].payment_method_id = "cash"; }},
      {"payments[0].kind", [](Document& d) { d.payments[0].kind = PaymentKind::kUnspecified; }},
      {"payments[0].amount_kopiykas", [](Document& d) { d.payments[0].amount = K(4499); }},
      {"payments[0].tendered_kopiykas", [](Document& d) { d.payments[0].tendered.reset(); }},
      {"payments[0].card", [](Document& d) { d.payments[0].card.reset(); }},
      {"payments[0].card.rrn", [](Document& d) { d.payments[0].card->rrn = "r"; }},
      {"payments[0].card.auth_code", [](Document& d) { d.payments[0].card->auth_code = "a"; }},
      {"payments[0].card.terminal_id", [](Document& d) { d.payments[0].card->terminal_id = "t"; }},
      {"payments[0].card.card_mask", [](Document& d) { d.payments[0].card->card_mask = "****1235"; }},
      {"payments[0].card.payment_system", [](Document& d) { d.payments[0].card->payment_system = "MC"; }},
      {"payments[0].card.bank_id", [](Document& d) { d.payments[0].card->bank_id = "b"; }},
      {"payments[0].card.bank_name", [](Document& d) { d.payments[0].card->bank_name = "B"; }},
      {"payments[0].card.commission_kopiykas", [](Document& d) { d.payments[0].card->commission = K(4); }},
      {"payments[1]", [](Document& d) { d.payments.emplace_back(); }},
      {"comment", [](Document& d) { d.comment = "d"; }},
      {"chain_role", [](Document& d) { d.chain_role = ChainRole::kPrepayment; }},
      {"order_total_kopiykas", [](Document& d) { d.order_total.reset(); }},
  };
}

TEST(Fingerprint, ChangesWithEveryFiscalFieldAndTheDifferenceNamesIt) {
  const Document stored = FullDocument();
  for (const Change& change : ChangesOfOneField()) {
    Document received = stored;
    change.apply(received);
    EXPECT_NE(FingerprintOf(received), FingerprintOf(stored)) << change.field;
    EXPECT_THAT(DifferencesBetween(stored, received), ElementsAre(change.field));
    EXPECT_THAT(DifferencesBetween(received, stored), ElementsAre(change.field));
  }
}

TEST(Fingerprint, IsTheSameForOtherContacts) {
  Document received = FullDocument();
  received.buyer = {};
  EXPECT_EQ(FingerprintOf(received), FingerprintOf(FullDocument()));
  EXPECT_THAT(DifferencesBetween(FullDocument(), received), IsEmpty());
}

// Stored fingerprints outlive releases. The digest is that of the canonical form written out by hand:
// "9:activated1:1" "13:document_date10:2026-11-23" "13:currency_code3:UAH" ...
TEST(Fingerprint, OfVersionOneNeverChanges) {
  EXPECT_THAT(FingerprintOf(Document()),
              "v1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_THAT(FingerprintOf(CoffeeSale()), MatchesRegex("v1:[0-9a-f]+"));
  EXPECT_EQ(FingerprintOf(CoffeeSale()),
            "v1:a031404612f7e83d85f30cabe76276f128a5ad64b03445fd1113bd4bfccfe79e");
}

TEST(Differences, AreInTheContractsOrderAndAtMostAsManyAsAskedFor) {
  const Document stored = FullDocument();
  Document received = stored;
  received.order_total = K(1);
  received.payments.clear();
  received.lines[0].name = "Чай";
  received.lines.push_back(LineOf("Торт", 1000, 100));
  received.document_date.clear();
  EXPECT_THAT(DifferencesBetween(stored, received), ElementsAre("document_date", "lines[0].name", "lines[1]",
                                                                "payments[0]", "order_total_kopiykas"));
  EXPECT_THAT(DifferencesBetween(stored, received, 2), ElementsAre("document_date", "lines[0].name"));
  EXPECT_THAT(DifferencesBetween(stored, received, 0), IsEmpty());

  Document many = stored;
  for (int i = 0; i < 50; ++i) many.lines.push_back(LineOf("Чай", 1000, 100));
  EXPECT_THAT(DifferencesBetween(stored, many), SizeIs(20));
}

TEST(Fingerprint, IsTheSameExactlyWhenThereAreNoDifferences) {
  int same = 0;
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    fuzz::Random random(seed);
    const Document a = fuzz::RandomSale(random).document;
    Document b = random.OneIn(2) ? a : fuzz::RandomSale(random).document;
    if (!b.lines.empty() && random.OneIn(3)) {
      b.lines[0].name = a.lines.empty() ? "" : a.lines[0].name;
      b.discount = K(random.Between(0, 2));
    }
    const bool no_differences = DifferencesBetween(a, b).empty();
    same += no_differences ? 1 : 0;
    ASSERT_EQ(FingerprintOf(a) == FingerprintOf(b), no_differences);
    Document a_without_buyer = a;
    Document b_without_buyer = b;
    a_without_buyer.buyer = b_without_buyer.buyer = {};
    ASSERT_EQ(a_without_buyer == b_without_buyer, no_differences);
  }
  EXPECT_GT(same, 400);
  EXPECT_LT(same, 1'600);
}

}  // namespace
}  // namespace kasa::domain
