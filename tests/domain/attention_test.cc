#include "server/domain/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// What a person should look at, from when on, and how urgent it is.
namespace kasa::domain {
namespace {

using testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1764000000);

RegisterStatus OpenSince(absl::Duration ago) {
  RegisterStatus status;
  status.shift = ShiftStatus::kOpen;
  status.shift_opened = kNow - ago;
  return status;
}

const absl::CivilDay kToday(2026, 11, 23);

// What a report of half an hour ago told of the account.
void Told(RegisterFacts& facts, std::optional<absl::CivilDay> paid_until, std::optional<bool> enough) {
  facts.billing = Billing{.paid_until = paid_until, .enough_to_renew = enough};
  facts.report_time = kNow - absl::Minutes(30);
}

LanePause PausedFor(Reason reason) {
  return {.reason = reason, .message = "as told", .since = kNow - absl::Minutes(5), .queued = 3};
}

struct RegisterCase {
  std::string name;
  std::function<void(RegisterFacts&)> have;
  std::vector<std::string> expected;  // "SHIFT_TOO_LONG critical 60": code, severity, seconds since
};

absl::string_view Name(AttentionCode code) {
  switch (code) {
    case AttentionCode::kInDoubt:
      return "IN_DOUBT";
    case AttentionCode::kShiftTooLong:
      return "SHIFT_TOO_LONG";
    case AttentionCode::kOfflineTooLong:
      return "OFFLINE_TOO_LONG";
    case AttentionCode::kForeignReceipts:
      return "FOREIGN_RECEIPTS";
    case AttentionCode::kOfflineNumbersLow:
      return "OFFLINE_NUMBERS_LOW";
    case AttentionCode::kLanePaused:
      return "LANE_PAUSED";
    case AttentionCode::kFailed:
      return "FAILED";
    case AttentionCode::kStoreCopied:
      return "STORE_COPIED";
    case AttentionCode::kTokenRefused:
      return "TOKEN_REFUSED";
    case AttentionCode::kSubscriptionEnding:
      return "SUBSCRIPTION_ENDING";
    case AttentionCode::kMappingNotEnabled:
      return "MAPPING_NOT_ENABLED";
    case AttentionCode::kRecordsDisagree:
      return "RECORDS_DISAGREE";
    case AttentionCode::kReturnDue:
      return "RETURN_DUE";
  }
  return "";
}

std::string Tell(const Attention& attention) {
  return absl::StrCat(Name(attention.code),
                      attention.severity == AttentionSeverity::kCritical ? " critical " : " warning ",
                      absl::ToInt64Minutes(kNow - attention.since), "m ", attention.count);
}

class OfRegister : public testing::TestWithParam<RegisterCase> {};

TEST_P(OfRegister, IsToldFromItsLimitOn) {
  RegisterFacts facts;
  facts.integration_id = "shop-1";
  facts.register_fiscal_number = "4000000001";
  facts.token_state = TokenState::kAccepted;
  facts.token_state_since = kNow - absl::Hours(2);
  facts.status_time = kNow - absl::Minutes(10);
  GetParam().have(facts);
  std::vector<std::string> told;
  for (const Attention& attention : AttentionTo(facts, kNow, kToday, AttentionRules())) {
    told.push_back(Tell(attention));
    EXPECT_EQ(attention.integration_id, "shop-1");
    EXPECT_EQ(attention.register_fiscal_number, "4000000001");
    EXPECT_EQ(attention.fiscalization_id, attention.code == AttentionCode::kOfflineTooLong ? "f-1" : "");
    EXPECT_NE(attention.message, "");
    EXPECT_NE(attention.remedy, "");
  }
  EXPECT_EQ(told, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Each, OfRegister,
    testing::ValuesIn(std::vector<RegisterCase>{
        {"NothingKnown", [](RegisterFacts&) {}, {}},
        {"ReceiptsThatOthersMade",
         [](RegisterFacts& f) {
           f.foreign_receipts = 2;
           f.own_receipts_unknown = 1;
           f.unknown_receipts_since = kNow - absl::Minutes(7);
         },
         {"FOREIGN_RECEIPTS warning 7m 3"}},
        {"AYoungShift", [](RegisterFacts& f) { f.status = OpenSince(absl::Minutes(23 * 60 - 1)); }, {}},
        {"AShiftOf23Hours",
         [](RegisterFacts& f) { f.status = OpenSince(absl::Hours(23)); },
         {"SHIFT_TOO_LONG critical 0m 0"}},
        {"AShiftOf25Hours",
         [](RegisterFacts& f) { f.status = OpenSince(absl::Hours(25)); },
         {"SHIFT_TOO_LONG critical 120m 0"}},
        {"AClosedShift",
         [](RegisterFacts& f) {
           f.status = OpenSince(absl::Hours(25));
           f.status->shift = ShiftStatus::kClosed;
         },
         {}},
        {"AShiftSeenADayAgo",
         [](RegisterFacts& f) {
           f.status = OpenSince(absl::Hours(30));
           f.status_time = kNow - absl::Hours(25);
         },
         {}},
        {"AShiftThatWeOpened",
         [](RegisterFacts& f) {
           f.status = OpenSince(absl::Hours(0));
           f.status->shift_opened.reset();
           f.own_opening = kNow - absl::Hours(24);
         },
         {"SHIFT_TOO_LONG critical 60m 0"}},
        {"OurOpeningWhereTheStatusKnowsBetter",
         [](RegisterFacts& f) {
           f.status = OpenSince(absl::Hours(1));
           f.own_opening = kNow - absl::Hours(24);
         },
         {}},
        {"OurOpeningOfAShiftThatIsNotKnownToBeOpen",
         [](RegisterFacts& f) { f.own_opening = kNow - absl::Hours(24); },
         {}},
        {"OfflineForAWhile",
         [](RegisterFacts& f) {
           f.offline = OfflineRun{kNow - absl::Hours(23), 7, "f-1", "TEST_1"};
         },
         {}},
        {"OfflineForADay",
         [](RegisterFacts& f) {
           f.offline = OfflineRun{kNow - absl::Hours(24), 7, "f-1", "TEST_1"};
         },
         {"OFFLINE_TOO_LONG warning 1440m 7"}},
        {"OfflineForAsLongAsIsAllowed",
         [](RegisterFacts& f) {
           f.offline = OfflineRun{kNow - absl::Hours(34), 7, "f-1", "TEST_1"};
         },
         {"OFFLINE_TOO_LONG critical 2040m 7"}},
        {"ManyOfflineNumbers",
         [](RegisterFacts& f) {
           f.status = RegisterStatus();
           f.status->vacant_offline_numbers = 200;
         },
         {}},
        {"FewOfflineNumbers",
         [](RegisterFacts& f) {
           f.status = RegisterStatus();
           f.status->vacant_offline_numbers = 199;
         },
         {"OFFLINE_NUMBERS_LOW warning 10m 199"}},
        {"NoOfflineNumbers",
         [](RegisterFacts& f) {
           f.status = RegisterStatus();
           f.status->vacant_offline_numbers = 0;
         },
         {"OFFLINE_NUMBERS_LOW critical 10m 0"}},
        {"ARefusedToken",
         [](RegisterFacts& f) { f.token_state = TokenState::kRefused; },
         {"TOKEN_REFUSED critical 120m 0"}},
        {"ARefusedTokenThatWasNeverTaken",
         [](RegisterFacts& f) { f.token_state = TokenState::kRefusedUnverified; },
         {"TOKEN_REFUSED critical 120m 0"}},
        {"ARefusedTokenThatPausesItsLaneIsToldOnce",
         [](RegisterFacts& f) {
           f.token_state = TokenState::kRefused;
           f.pause = PausedFor(Reason::kTokenRefused);
         },
         {"TOKEN_REFUSED critical 120m 0"}},
        {"APausedLane",
         [](RegisterFacts& f) { f.pause = PausedFor(Reason::kRegisterBlocked); },
         {"LANE_PAUSED critical 5m 3"}},
        {"AnInactiveIntegrationWithWork",
         [](RegisterFacts& f) { f.pause = PausedFor(Reason::kIntegrationInactive); },
         {"LANE_PAUSED warning 5m 3"}},
        {"AStoreThatWasCopied",
         [](RegisterFacts& f) { f.pause = PausedFor(Reason::kStoreCopied); },
         {"STORE_COPIED critical 5m 3"}},
        {"AQuietWindowIsAsItWasWished",
         [](RegisterFacts& f) { f.pause = PausedFor(Reason::kQuietWindow); },
         {}},
        {"ASubscriptionThatRenewsItself", [](RegisterFacts& f) { Told(f, kToday + 1, true); }, {}},
        {"ASubscriptionOfTwoWeeksAndNoMoney", [](RegisterFacts& f) { Told(f, kToday + 14, false); }, {}},
        {"ASubscriptionOfLessAndNoMoney",
         [](RegisterFacts& f) { Told(f, kToday + 13, false); },
         {"SUBSCRIPTION_ENDING warning 30m 13"}},
        {"ASubscriptionThatEndsTomorrow",
         [](RegisterFacts& f) { Told(f, kToday + 1, false); },
         {"SUBSCRIPTION_ENDING critical 30m 1"}},
        {"ASubscriptionThatIsOver",
         [](RegisterFacts& f) { Told(f, kToday - 3, std::nullopt); },
         {"SUBSCRIPTION_ENDING critical 30m 0"}},
        {"ASubscriptionOfAWeekThatMayRenewItself",
         [](RegisterFacts& f) { Told(f, kToday + 7, std::nullopt); },
         {}},
        {"ASubscriptionOfLessThanAWeekThatMayRenewItself",
         [](RegisterFacts& f) { Told(f, kToday + 6, std::nullopt); },
         {"SUBSCRIPTION_ENDING warning 30m 6"}},
        {"NoMoneyForASubscriptionOfAnUnknownEnd",
         [](RegisterFacts& f) { Told(f, std::nullopt, false); },
         {"SUBSCRIPTION_ENDING warning 30m 0"}},
        {"EntriesThatTheRegisterRefused",
         [](RegisterFacts& f) {
           f.refused = {{"tax vat7 (tax group 4)", kNow - absl::Minutes(2)},
                        {"payment method bonus (payment type 77)", kNow - absl::Minutes(9)}};
         },
         {"MAPPING_NOT_ENABLED warning 9m 2"}},
        {"TotalsThatDiffer",
         [](RegisterFacts& f) {
           f.disagreement = Disagreement{kNow - absl::Hours(1), 4, "sale_count 3 here and 4 at the register"};
         },
         {"RECORDS_DISAGREE critical 60m 4"}},
        {"SeveralAtOnce",
         [](RegisterFacts& f) {
           f.status = OpenSince(absl::Hours(25));
           f.pause = PausedFor(Reason::kShiftTooLong);
         },
         {"SHIFT_TOO_LONG critical 120m 0", "LANE_PAUSED critical 5m 3"}},
    }),
    [](const auto& each) { return each.param.name; });

FiscalizationFacts AMatter(const std::string& id, bool in_doubt, absl::Duration ago) {
  return {.id = id,
          .integration_id = "shop-1",
          .register_fiscal_number = "4000000001",
          .in_doubt = in_doubt,
          .since = kNow - ago,
          .reason = in_doubt ? Reason::kAnswerLost : Reason::kRegisterRefused};
}

TEST(AttentionToFiscalization, ADoubtIsToldAfterTheAlertTimeAndAFailureAtOnce) {
  const AttentionRules rules;
  EXPECT_TRUE(AttentionTo(AMatter("f-1", true, absl::Seconds(59)), kNow, rules).empty());
  const auto doubt = AttentionTo(AMatter("f-1", true, absl::Seconds(60)), kNow, rules);
  ASSERT_EQ(doubt.size(), 1u);
  EXPECT_EQ(Tell(doubt[0]), "IN_DOUBT critical 1m 0");
  EXPECT_EQ(doubt[0].fiscalization_id, "f-1");
  EXPECT_EQ(doubt[0].reason, Reason::kAnswerLost);
  const auto failed = AttentionTo(AMatter("f-2", false, absl::ZeroDuration()), kNow, rules);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(Tell(failed[0]), "FAILED warning 0m 0");
  EXPECT_EQ(failed[0].remedy, InfoOf(Reason::kRegisterRefused).remedy);
}

TEST(AttentionToFiscalization, AContradictionIsToldAtOnceAndBesideTheDoubt) {
  FiscalizationFacts facts = AMatter("f-1", true, absl::Seconds(5));
  facts.contradiction = "the sum is 45.00, and 44.00 was told";
  facts.contradiction_since = facts.since;
  const auto young = AttentionTo(facts, kNow, AttentionRules());
  ASSERT_EQ(young.size(), 1u);
  EXPECT_EQ(Tell(young[0]), "RECORDS_DISAGREE critical 0m 0");
  EXPECT_EQ(young[0].fiscalization_id, "f-1");
  EXPECT_NE(young[0].message.find(facts.contradiction), std::string::npos);
  EXPECT_EQ(AttentionTo(facts, kNow + absl::Minutes(1), AttentionRules()).size(), 2u);
  facts.in_doubt = false;
  for (const Attention& one : AttentionTo(facts, kNow, AttentionRules()))
    EXPECT_EQ(one.code, AttentionCode::kFailed);
}

TEST(AttentionToOrder, AReturnThatIsDueIsToldWithItsOrder) {
  ReturnDueFacts facts{.source_system = "shop",
                       .order_id = "O-1",
                       .integration_id = "shop-1",
                       .register_fiscal_number = "4000000001",
                       .cancelled = true,
                       .due = Money::FromKopiykas(4500),
                       .since = kNow - absl::Minutes(7)};
  const Attention cancelled = AttentionTo(facts);
  EXPECT_EQ(Tell(cancelled), "RETURN_DUE warning 7m 0");
  EXPECT_EQ(cancelled.order_id, "O-1");
  EXPECT_EQ(cancelled.source_system, "shop");
  EXPECT_EQ(cancelled.reason, std::nullopt);
  EXPECT_NE(cancelled.message.find("45.00"), std::string::npos);
  facts.cancelled = false;
  EXPECT_EQ(AttentionTo(facts).reason, Reason::kReceivedAmountDecreased);
  Attention other = cancelled;
  other.order_id = "O-2";
  EXPECT_LT(OrderOf(cancelled), OrderOf(other)) << "no two matters are equal in the list";
}

TEST(AttentionOrder, IsMostUrgentFirstThenOldestFirst) {
  const AttentionRules rules;
  std::vector<Attention> list = {
      AttentionTo(AMatter("young-failed", false, absl::Minutes(1)), kNow, rules).at(0),
      AttentionTo(AMatter("young-doubt", true, absl::Minutes(2)), kNow, rules).at(0),
      AttentionTo(AMatter("old-failed", false, absl::Hours(9)), kNow, rules).at(0),
      AttentionTo(AMatter("old-doubt", true, absl::Minutes(3)), kNow, rules).at(0),
  };
  std::sort(list.begin(), list.end(),
            [](const Attention& a, const Attention& b) { return OrderOf(a) < OrderOf(b); });
  std::vector<std::string> ids;
  for (const Attention& one : list) ids.push_back(one.fiscalization_id);
  EXPECT_THAT(ids, ElementsAre("old-doubt", "young-doubt", "old-failed", "young-failed"));
}

}  // namespace
}  // namespace kasa::domain
