#include "server/domain/register_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasa::domain {
namespace {

using testing::HasSubstr;

PinnedRegister Pinned(bool stated_by_operator) {
  return {"4000000001", "12345678", RegisterMode::kReal, stated_by_operator};
}

RegisterStatus Status() {
  RegisterStatus status;
  status.fiscal_number = "4000000001";
  status.edrpou = "12345678";
  status.mode = RegisterMode::kReal;
  return status;
}

TEST(PinnedRegisterCheck, TakesTheStatusOfThePinnedRegister) {
  EXPECT_EQ(ObjectionTo(Status(), Pinned(false)), std::nullopt);
  EXPECT_EQ(ObjectionTo(Status(), Pinned(true)), std::nullopt);
}

TEST(PinnedRegisterCheck, EveryFieldThatDiffersIsAnObjectionStatedOrNot) {
  for (const bool stated : {false, true}) {
    RegisterStatus other_number = Status();
    other_number.fiscal_number = "4000000002";
    EXPECT_THAT(ObjectionTo(other_number, Pinned(stated)).value_or(""), HasSubstr("fiscal number"));
    RegisterStatus other_company = Status();
    other_company.edrpou = "87654321";
    EXPECT_THAT(ObjectionTo(other_company, Pinned(stated)).value_or(""), HasSubstr("EDRPOU"));
    RegisterStatus other_mode = Status();
    other_mode.mode = RegisterMode::kTest;
    EXPECT_THAT(ObjectionTo(other_mode, Pinned(stated)).value_or(""), HasSubstr("mode"));
  }
}

TEST(PinnedRegisterCheck, AnAbsentFieldIsAnObjectionOnlyWhenItWasReadBefore) {
  RegisterStatus no_number = Status();
  no_number.fiscal_number.clear();
  RegisterStatus no_company = Status();
  no_company.edrpou.clear();
  RegisterStatus no_mode = Status();
  no_mode.mode.reset();
  for (const RegisterStatus& status : {no_number, no_company, no_mode}) {
    EXPECT_TRUE(ObjectionTo(status, Pinned(false)).has_value());
    EXPECT_EQ(ObjectionTo(status, Pinned(true)), std::nullopt);
  }
}

TEST(PinnedRegisterCheck, WhatIsNotPinnedCannotDiffer) {
  PinnedRegister pinned = Pinned(false);
  pinned.edrpou.clear();
  EXPECT_EQ(ObjectionTo(Status(), pinned), std::nullopt);
}

TEST(ReasonNotToWork, IsABlockedShiftOrAMissingSignature) {
  struct Case {
    std::optional<ShiftStatus> shift;
    std::optional<SignStatus> sign;
    std::optional<Reason> reason;
  };
  const Case cases[] = {
      {std::nullopt, std::nullopt, std::nullopt},
      {ShiftStatus::kOpen, SignStatus::kFine, std::nullopt},
      {ShiftStatus::kClosed, SignStatus::kNotUsed, std::nullopt},
      {ShiftStatus::kUnknown, SignStatus::kWarning, std::nullopt},
      {ShiftStatus::kBlocked, SignStatus::kFine, Reason::kRegisterBlocked},
      {ShiftStatus::kBlocked, SignStatus::kMissing, Reason::kRegisterBlocked},
      {ShiftStatus::kOpen, SignStatus::kMissing, Reason::kSignatureMissing},
      {std::nullopt, SignStatus::kMissing, Reason::kSignatureMissing},
  };
  for (const Case& c : cases) {
    RegisterStatus status;
    status.shift = c.shift;
    status.sign = c.sign;
    EXPECT_EQ(ReasonNotToWork(status), c.reason);
  }
}

TEST(ShiftAge, IsKnownOfAnOpenShiftThatTellsWhenItOpened) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  RegisterStatus status;
  status.shift = ShiftStatus::kOpen;
  EXPECT_EQ(ShiftAge(status, now), std::nullopt);
  status.shift_opened = now - absl::Hours(23);
  EXPECT_EQ(ShiftAge(status, now), absl::Hours(23));
  status.shift_opened = now + absl::Seconds(2);
  EXPECT_EQ(ShiftAge(status, now), absl::ZeroDuration()) << "the register's clock is ahead";
  for (const ShiftStatus shift : {ShiftStatus::kClosed, ShiftStatus::kUnknown, ShiftStatus::kBlocked}) {
    status.shift = shift;
    EXPECT_EQ(ShiftAge(status, now), std::nullopt);
  }
}

}  // namespace
}  // namespace kasa::domain
