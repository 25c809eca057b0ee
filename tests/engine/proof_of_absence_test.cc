#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// How long it takes to prove that a receipt was not made, and what stands against it for as long as nothing
// takes it back (docs/reliability.md).
namespace kasa::engine {
namespace {

using domain::ResolutionOutcome;
using domain::State;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());

// A register whose status counts the receipts that it made, and whose listing may hide some.
class ProofOfAbsence : public testing::Test {
 protected:
  ProofOfAbsence() {
    engine_.client.OnStatus([this](const FakeClient::Request&) {
      vchasno::StatusAnswer answer = engine_.cash_register.Status();
      if (tells_last_number_) {
        answer.status->last_receipt_number = static_cast<int64_t>(engine_.cash_register.receipts.size());
      }
      answer.status->online_raw = online_;
      return answer;
    });
    engine_.client.OnShifts([this](const FakeClient::Request& request) {
      vchasno::ShiftsAnswer answer;
      answer.outcome = vchasno::ListingOutcome::kRead;
      answer.page.total = 1;
      if (request.body == "1") {
        answer.page.rows = {{.id = "7", .opened = engine_.cash_register.shift_opened}};
      }
      return answer;
    });
    engine_.client.OnChecks([this](const FakeClient::Request& request) {
      vchasno::ChecksAnswer answer;
      answer.outcome = vchasno::ListingOutcome::kRead;
      std::vector<domain::ListedReceipt> rows = Listed();
      answer.page.total = static_cast<int64_t>(rows.size());
      if (absl::EndsWith(request.body, "/1")) answer.page.rows = std::move(rows);
      return answer;
    });
    EXPECT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized);
  }

  std::vector<domain::ListedReceipt> Listed() const {
    std::vector<domain::ListedReceipt> rows;
    int64_t number = 0;
    for (const HandRegister::Made& one : engine_.cash_register.receipts) {
      ++number;
      if (hides_the_last_ && number == static_cast<int64_t>(engine_.cash_register.receipts.size())) break;
      rows.push_back({.fiscal_number = one.fiscal_number,
                      .tag = one.tag,
                      .task = 1,
                      .local_number = number,
                      .time = one.time});
    }
    return rows;
  }

  // A sale of which nothing is heard; then all is heard again.
  std::string Doubt(bool made) {
    engine_.cash_register.instead = [made](const std::string& tag, const std::function<void()>& make)
        -> std::optional<vchasno::ExecuteAnswer> { return made ? MadeAndUnheard(tag, make) : Unheard(); };
    const std::string id = engine_.Fiscalize(engine_.Sale("doubted"))->id;
    engine_.cash_register.instead = nullptr;
    hides_the_last_ = made;
    EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
    return id;
  }

  void SetPolicy(domain::DoubtPolicy policy) {
    engine_.Change([policy](store::IntegrationRecord& record) { record.integration.doubt_policy = policy; });
  }

  absl::StatusOr<domain::Fiscalization> SayAbsent(const std::string& id, bool accept_unverified) {
    return engine_.Resolve({.fiscalization_id = id,
                            .outcome = ResolutionOutcome::kAbsentGiveUp,
                            .principal = "olena",
                            .accept_unverified = accept_unverified});
  }

  EngineByHand engine_{{.now = kNoon, .tag_memory = domain::TagMemory::kUnproven}};
  bool hides_the_last_ = false;
  bool tells_last_number_ = true;
  int online_ = 1;
};

TEST_F(ProofOfAbsence, TakesTheLongestLagAlsoWhereTheRegistersNumberAgrees) {
  const std::string id = Doubt(/*made=*/false);
  // The hold time of two minutes, and ten minutes from the first look after it.
  engine_.Pass(absl::Minutes(11) + absl::Seconds(30), absl::Seconds(10));
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine_.Get(id).attempts, 1);
  ASSERT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

TEST_F(ProofOfAbsence, IsNoneWhereTheNumberDifferedAndIsNotAskedAnyMore) {
  SetPolicy(domain::DoubtPolicy::kPark);
  const std::string id = Doubt(/*made=*/true);
  engine_.Pass(absl::Hours(1), absl::Seconds(30), [&] { return engine_.Get(id).doubt->parked; });
  ASSERT_TRUE(engine_.Get(id).doubt->parked);
  // It is looked for on, and its lane's status is not asked for it.
  engine_.Pass(absl::Hours(1));
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
  EXPECT_TRUE(absl::StartsWith(engine_.Get(id).doubt->last_finding, "LAST_NUMBER_DIFFERS"))
      << engine_.Get(id).doubt->last_finding;
  engine_.CrashAndStart();
  engine_.Pass(absl::Hours(1));
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
  hides_the_last_ = false;
  engine_.Pass(absl::Minutes(6));
  EXPECT_EQ(engine_.Get(id).state, State::kFiscalized);
}

// It held the request, went offline, made the receipt, and lists it only once the tax service has it.
TEST_F(ProofOfAbsence, IsNoneWhereTheRegisterWentOfflineAtTheSend) {
  tells_last_number_ = false;
  const std::string id = Doubt(/*made=*/true);
  online_ = 0;
  engine_.Pass(absl::Hours(1));
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
  EXPECT_TRUE(absl::StartsWith(engine_.Get(id).doubt->last_finding, "OFFLINE_UNCLEAR"))
      << engine_.Get(id).doubt->last_finding;
  online_ = 1;
  engine_.Pass(absl::Hours(1));
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt) << "that it is back does not show what it made meanwhile";
  hides_the_last_ = false;
  ASSERT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

TEST_F(ProofOfAbsence, ByTimeAloneIsGivenWhereTheRegisterStayedAsItWas) {
  tells_last_number_ = false;
  const std::string id = Doubt(/*made=*/false);
  ASSERT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

TEST_F(ProofOfAbsence, IsNoneForAnOperatorsWordEither) {
  SetPolicy(domain::DoubtPolicy::kPark);
  const std::string id = Doubt(/*made=*/true);
  engine_.Pass(absl::Hours(2));
  ASSERT_TRUE(engine_.Get(id).doubt->parked);
  EXPECT_EQ(ReasonOf(SayAbsent(id, /*accept_unverified=*/false).status()), Reason::kResolutionUnverified);
  const auto resolved = SayAbsent(id, /*accept_unverified=*/true);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->state, State::kFailed);
  EXPECT_FALSE(resolved->resolution->verified);
}

TEST_F(ProofOfAbsence, IsGivenForWhatIsParkedWhereTheNumberAgreed) {
  SetPolicy(domain::DoubtPolicy::kPark);
  const std::string id = Doubt(/*made=*/false);
  engine_.Pass(absl::Hours(1));
  EXPECT_EQ(engine_.Get(id).state, State::kFailed);
  EXPECT_EQ(engine_.Get(id).failure->reason, Reason::kReceiptProvenAbsent);
}

}  // namespace
}  // namespace kasa::engine
