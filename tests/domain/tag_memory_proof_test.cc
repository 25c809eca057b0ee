#include "server/domain/tag_memory_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

// What may be concluded from the answers to a repeated tag.
namespace kasa::domain {
namespace {

using testing::HasSubstr;

ExpectedReceipt Expected() {
  return {.tag = "tag",
          .task = 1,
          .register_fiscal_number = "4000000001",
          .mode = RegisterMode::kTest,
          .due = Money::FromKopiykas(100)};
}

ProofAnswer Done() {
  ProofAnswer answer{.ending = SendEnding::kDone};
  answer.facts.fiscal_number = "TEST_1";
  answer.facts.register_fiscal_number = "4000000001";
  answer.facts.tag = "tag";
  answer.facts.task = 1;
  answer.facts.mode = RegisterMode::kTest;
  answer.facts.local_number = 7;
  return answer;
}

RepeatFinding Judge(const std::function<void(ProofAnswer&)>& change) {
  ProofAnswer again = Done();
  change(again);
  return JudgeRepeat(Done(), again, Expected(), Money::FromKopiykas(100));
}

TEST(TagMemoryProofTest, TheReceiptSentIsOneThatARegisterTakes) {
  const PricedReceipt receipt = ProofReceipt(2, "Олена");
  ASSERT_EQ(receipt.rows.size(), 1u);
  ASSERT_EQ(receipt.payments.size(), 1u);
  EXPECT_EQ(receipt.rows[0].tax_group, 2);
  EXPECT_EQ(receipt.rows[0].amount, receipt.sum);
  EXPECT_EQ(receipt.payments[0].sum, receipt.due);
  EXPECT_EQ(receipt.sum, receipt.due) << "cash of 1.00 is rounded by no step";
  EXPECT_EQ(receipt.payments[0].payment_type, 0);
  EXPECT_NE(receipt.rows[0].code, ProofReceipt(1, "").rows[0].code)
      << "an item keeps its tax group in a shift";
}

TEST(TagMemoryProofTest, TheFirstRequestMustHaveMadeTheReceipt) {
  EXPECT_EQ(ObjectionToFirst(Done(), Expected()), std::nullopt);
  ProofAnswer lost = Done();
  lost.ending = SendEnding::kDoubt;
  EXPECT_TRUE(ObjectionToFirst(lost, Expected()));
  ProofAnswer real = Done();
  real.facts.mode = RegisterMode::kReal;
  EXPECT_TRUE(ObjectionToFirst(real, Expected()));
  ProofAnswer nameless = Done();
  nameless.facts.fiscal_number.clear();
  EXPECT_TRUE(ObjectionToFirst(nameless, Expected()));
}

TEST(TagMemoryProofTest, EveryAnswerToTheRepetitionHasItsMeaning) {
  struct Case {
    const char* name;
    Repeat repeat;
    std::function<void(ProofAnswer&)> change;
  };
  const auto ends = [](SendEnding ending) { return [ending](ProofAnswer& a) { a.ending = ending; }; };
  const Case cases[] = {
      {"the same number", Repeat::kSameReceipt, [](ProofAnswer&) {}},
      {"the same number, without a local one", Repeat::kSameReceipt,
       [](ProofAnswer& a) { a.facts.local_number.reset(); }},
      {"check-task confirms", Repeat::kSameReceipt,
       [](ProofAnswer& a) {
         a.task = {.answered = true, .fiscal_number = "TEST_1", .tag = "tag", .task = 1};
       }},
      {"another number", Repeat::kSecondReceipt, [](ProofAnswer& a) { a.facts.fiscal_number = "TEST_2"; }},
      {"another number, and other things are odd too", Repeat::kSecondReceipt,
       [](ProofAnswer& a) {
         a.facts.fiscal_number = "TEST_2";
         a.facts.tag = "else";
       }},
      {"no number", Repeat::kUnclear, [](ProofAnswer& a) { a.facts.fiscal_number.clear(); }},
      {"another register", Repeat::kUnclear, [](ProofAnswer& a) { a.facts.register_fiscal_number = "4"; }},
      {"another tag", Repeat::kUnclear, [](ProofAnswer& a) { a.facts.tag = "else"; }},
      {"a real receipt", Repeat::kUnclear, [](ProofAnswer& a) { a.facts.mode = RegisterMode::kReal; }},
      {"another local number", Repeat::kUnclear, [](ProofAnswer& a) { a.facts.local_number = 8; }},
      {"check-task names another tag", Repeat::kUnclear,
       [](ProofAnswer& a) { a.task = {.answered = true, .fiscal_number = "TEST_1", .tag = "else"}; }},
      {"refused", Repeat::kRefused, ends(SendEnding::kRefusedDocument)},
      {"refused with an unknown code", Repeat::kRefused, ends(SendEnding::kUnknownRefusal)},
      {"the register can't work", Repeat::kRefused, ends(SendEnding::kRefusedRegister)},
      {"the shift is closed", Repeat::kRefused, ends(SendEnding::kShiftClosed)},
      {"no answer", Repeat::kUnclear, ends(SendEnding::kDoubt)},
      {"it wants the tag again", Repeat::kUnclear, ends(SendEnding::kDoubtSameTagNext)},
      {"never sent", Repeat::kUnclear, ends(SendEnding::kNeverSent)},
      {"throttled", Repeat::kUnclear, ends(SendEnding::kThrottled)},
      {"token refused", Repeat::kUnclear, ends(SendEnding::kTokenRefused)},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const RepeatFinding finding = Judge(one.change);
    EXPECT_EQ(finding.repeat, one.repeat) << finding.words;
    EXPECT_FALSE(finding.words.empty());
  }
  EXPECT_THAT(Judge([](ProofAnswer& a) { a.facts.fiscal_number = "TEST_2"; }).words, HasSubstr("UNPROVEN"));
}

TEST(TagMemoryProofTest, WhatIsProven) {
  EXPECT_EQ(ProvenBy(std::nullopt, std::nullopt), TagMemory::kUnproven);
  for (const Repeat bad : {Repeat::kSecondReceipt, Repeat::kRefused, Repeat::kUnclear}) {
    EXPECT_EQ(ProvenBy(bad, std::nullopt), TagMemory::kUnproven);
    EXPECT_EQ(ProvenBy(bad, Repeat::kSameReceipt), TagMemory::kUnproven);
    EXPECT_EQ(ProvenBy(Repeat::kSameReceipt, bad), TagMemory::kSameShift);
  }
  EXPECT_EQ(ProvenBy(Repeat::kSameReceipt, std::nullopt), TagMemory::kSameShift);
  EXPECT_EQ(ProvenBy(Repeat::kSameReceipt, Repeat::kSameReceipt), TagMemory::kForever);
}

}  // namespace
}  // namespace kasa::domain
