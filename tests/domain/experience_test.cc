#include "server/domain/experience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/coverage.h"

// What receipts teach about a register's codes, and how documents' ids are covered by the mapping.
namespace kasa::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

PricedReceipt Receipt(std::vector<int> groups, std::vector<int> types) {
  PricedReceipt receipt;
  for (const int group : groups) receipt.rows.emplace_back().tax_group = group;
  for (const int type : types) receipt.payments.emplace_back().payment_type = type;
  return receipt;
}

Lesson Tax(int group, bool refused = false) {
  return {LessonSubject::kTaxGroup, group, refused};
}

Lesson Pay(int type, bool refused = false) {
  return {LessonSubject::kPaymentType, type, refused};
}

TEST(ExperienceTest, AReceiptConfirmsItsCodesAndItsKind) {
  const PricedReceipt receipt = Receipt({1, 2, 1}, {0, 16});
  EXPECT_THAT(LessonsOfReceipt(receipt, DocumentKind::kSale, RegisterMode::kReal),
              UnorderedElementsAre(Tax(1), Tax(2), Pay(0), Pay(16)));
  EXPECT_THAT(
      LessonsOfReceipt(receipt, DocumentKind::kReturn, RegisterMode::kTest),
      UnorderedElementsAre(Tax(1), Tax(2), Pay(0), Pay(16),
                           Lesson{LessonSubject::kTestReceipt, static_cast<int>(DocumentKind::kReturn)}));
}

TEST(ExperienceTest, ARefusalMarksWhatCanBeConcluded) {
  struct Case {
    const char* name;
    NotEnabledHint hint;
    Experience known;
    std::vector<Lesson> learnt;
  };
  Experience tax_known;
  tax_known.tax_groups[1] = CodeState::kConfirmed;
  Experience all_known = tax_known;
  all_known.payment_types[16] = CodeState::kConfirmed;
  all_known.payment_types[0] = CodeState::kConfirmed;
  Experience refused_before = tax_known;
  refused_before.payment_types = {{0, CodeState::kConfirmed}, {16, CodeState::kNotEnabled}};
  const Case cases[] = {
      {"it names the payment type", {.payment_type = 16}, all_known, {Pay(16, true)}},
      {"it names the tax group", {.tax_group = 1}, all_known, {Tax(1, true)}},
      {"it names both", {.tax_group = 1, .payment_type = 0}, {}, {Tax(1, true), Pay(0, true)}},
      {"it names what is not in the receipt", {.payment_type = 99}, tax_known, {Pay(0, true), Pay(16, true)}},
      {"it speaks of payments", {.may_be_tax_group = false}, {}, {Pay(0, true), Pay(16, true)}},
      {"it speaks of taxes", {.may_be_payment_type = false}, {}, {Tax(1, true)}},
      {"nothing is known", {}, {}, {Tax(1, true), Pay(0, true), Pay(16, true)}},
      {"what works is not it", {}, refused_before, {Pay(16, true)}},
      {"all worked before: one was switched off", {}, all_known, {Tax(1, true), Pay(0, true), Pay(16, true)}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_THAT(LessonsOfRefusal(Receipt({1}, {0, 16}), one.hint, one.known),
                testing::UnorderedElementsAreArray(one.learnt));
  }
}

TEST(ExperienceTest, TheLastLessonCounts) {
  Experience experience;
  Learn(Tax(1, true), experience);
  EXPECT_EQ(experience.tax_groups[1], CodeState::kNotEnabled);
  Learn(Tax(1), experience);
  EXPECT_EQ(experience.tax_groups[1], CodeState::kConfirmed);
  Learn({LessonSubject::kTestReceipt, 3}, experience);
  EXPECT_THAT(experience.test_receipts, ElementsAre(DocumentKind::kPayment));
}

TEST(ExperienceTest, AChangedEntryMakesRefusalsVoid) {
  const Mapping before{.tax_groups = {{"a", 1}, {"b", 2}, {"c", 2}}, .payment_types = {{"x", 16}}};
  EXPECT_THAT(ForgottenBy(before, before), IsEmpty());
  Mapping moved = before;
  moved.tax_groups["a"] = 3;
  EXPECT_THAT(ForgottenBy(before, moved), UnorderedElementsAre(Tax(1), Tax(3)));
  Mapping shared = before;
  shared.tax_groups.erase("b");
  EXPECT_THAT(ForgottenBy(before, shared), IsEmpty()) << "c is mapped to it still";
  Mapping removed = before;
  removed.payment_types.clear();
  EXPECT_THAT(ForgottenBy(before, removed), UnorderedElementsAre(Pay(16)));
  Mapping added = before;
  added.payment_types["y"] = 16;
  EXPECT_THAT(ForgottenBy(before, added), UnorderedElementsAre(Pay(16)));
}

TEST(CoverageTest, ADocumentUsesEachIdOnceAndOnlyWhatCanBeOne) {
  Document document;
  for (const std::string& tax : {std::string("vat20"), std::string("vat20"), std::string("vat7"),
                                 std::string(), std::string(129, 'x'), std::string("a\nb")}) {
    document.lines.emplace_back().tax_id = tax;
  }
  document.payments.emplace_back().payment_method_id = "card";
  document.payments.emplace_back().kind = PaymentKind::kCash;
  const UsedIds used = IdsUsedBy(document);
  EXPECT_THAT(used.tax_ids, ElementsAre("vat20", "vat7"));
  EXPECT_THAT(used.payment_method_ids, ElementsAre("card"));
}

TEST(CoverageTest, GapsComeFirstThenTheMostUsed) {
  const absl::Time now = absl::FromUnixSeconds(1'764'000'000);
  const auto seen = [now](const std::string& id, int64_t documents,
                          absl::Duration ago = absl::ZeroDuration()) {
    return SeenId{SeenKind::kTax, id, documents, now - ago};
  };
  Experience experience;
  experience.tax_groups[2] = CodeState::kNotEnabled;
  experience.tax_groups[1] = CodeState::kConfirmed;
  const Mapping mapping{.tax_groups = {{"often", 1}, {"seldom", 1}, {"refused", 2}, {"old", 1}}};
  const Coverage coverage = CoverageOf({seen("seldom", 1),
                                        seen("often", 9),
                                        seen("refused", 2),
                                        seen("gap", 1),
                                        seen("big gap", 4),
                                        seen("old", 100, absl::Hours(2)),
                                        {SeenKind::kPaymentMethod, "card", 1, now}},
                                       now - absl::Hours(1), mapping, experience);
  std::vector<std::string> ids;
  std::vector<CoverageState> states;
  for (const CoverageEntry& entry : coverage.taxes) {
    ids.push_back(entry.seen.id);
    states.push_back(entry.state);
  }
  EXPECT_THAT(ids, ElementsAre("big gap", "gap", "refused", "often", "seldom"));
  EXPECT_THAT(states,
              ElementsAre(CoverageState::kUnmapped, CoverageState::kUnmapped, CoverageState::kNotEnabled,
                          CoverageState::kMapped, CoverageState::kMapped));
  EXPECT_EQ(coverage.taxes[0].mapped_to, std::nullopt);
  EXPECT_EQ(coverage.taxes[2].mapped_to, 2);
  ASSERT_EQ(coverage.payment_methods.size(), 1u);
  EXPECT_EQ(coverage.payment_methods[0].state, CoverageState::kUnmapped);
}

}  // namespace
}  // namespace kasa::domain
