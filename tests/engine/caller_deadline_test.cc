#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A caller is answered before its deadline, wherever its time went.
namespace kasa::engine {
namespace {

using domain::State;

class CallerDeadline : public testing::Test {
 protected:
  using Answer = std::optional<absl::StatusOr<FiscalizeOutcome>>;

  void Begin(DocumentRequest request, Answer& answer) {
    engine_.engine().fiscalizer().Fiscalize(
        std::move(request),
        [&answer](absl::StatusOr<FiscalizeOutcome> outcome) { answer.emplace(std::move(outcome)); });
    engine_.RunWhatIsReady();
  }

  DocumentRequest ReturnOfElsewhere(const std::string& id) const {
    DocumentRequest back = engine_.ReturnOf("", id);
    back.document.original_sale = domain::OriginalSale{.document = std::nullopt, .fiscal_number = "TEST_a"};
    return back;
  }

  // How long the register was asked about a receipt at most, each time.
  std::vector<absl::Duration> LookUps() const {
    std::vector<absl::Duration> timeouts;
    for (const FakeClient::Request& request : engine_.client.requests()) {
      if (request.kind != FakeClient::Kind::kCheckTask) continue;
      timeouts.push_back(request.timeout.value_or(absl::InfiniteDuration()));
    }
    return timeouts;
  }

  EngineByHand engine_{{.now = Kyiv(24, 12, 0)}};
};

// Nothing is stored before the cloud has told what is returned, or has not in time.
TEST_F(CallerDeadline, IsNotSpentOnACloudThatIsSilentAboutAReceiptMadeElsewhere) {
  engine_.client.HoldAnswersTo("TEST_a");
  Answer at_once;
  DocumentRequest back = ReturnOfElsewhere("r-1");
  back.max_wait = absl::ZeroDuration();
  Begin(std::move(back), at_once);
  EXPECT_FALSE(at_once);
  // The transport ends it, as it was told.
  ASSERT_EQ(LookUps(), std::vector<absl::Duration>({absl::Seconds(3)}));
  engine_.Pass(absl::Seconds(3), absl::Seconds(1));
  engine_.client.Release();
  engine_.Settle();
  ASSERT_TRUE(at_once && at_once->ok());
  EXPECT_TRUE((*at_once)->fiscalization);
  EXPECT_TRUE(std::ranges::any_of((*at_once)->warnings, [](const domain::Notice& warning) {
    return warning.reason == Reason::kOriginalNotChecked;
  }));
}

TEST_F(CallerDeadline, LeavesHalfOfItsTimeForStoring) {
  Answer answer;
  DocumentRequest back = ReturnOfElsewhere("r-1");
  back.answer_within = absl::Seconds(2);
  Begin(std::move(back), answer);
  EXPECT_EQ(LookUps(), std::vector<absl::Duration>({absl::Seconds(1)}));
}

TEST_F(CallerDeadline, ThatIsOverAsksNothing) {
  Answer answer;
  DocumentRequest back = ReturnOfElsewhere("r-1");
  back.answer_within = absl::ZeroDuration();
  Begin(std::move(back), answer);
  engine_.Settle();
  EXPECT_TRUE(LookUps().empty());
  EXPECT_TRUE(answer && answer->ok());
}

TEST_F(CallerDeadline, CountsWhatTheStoreTakes) {
  engine_.client.HoldAnswers();
  std::promise<void> go;
  engine_.store().integrations().Change(
      "shop-1", std::nullopt,
      [&go](store::IntegrationRecord&, const store::IntegrationSurroundings&) {
        go.get_future().wait();
        return absl::OkStatus();
      },
      [](const absl::StatusOr<domain::Integration>&) {});
  Answer answer;
  DocumentRequest sale = engine_.Sale("so-1");
  sale.max_wait = absl::Seconds(30);
  sale.answer_within = absl::Seconds(10);
  Begin(std::move(sale), answer);
  engine_.clock.Advance(absl::Seconds(8));
  go.set_value();
  engine_.Settle();
  EXPECT_FALSE(answer);
  engine_.Pass(absl::Seconds(2), absl::Seconds(1));
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->fiscalization->state, State::kAccepted);
}

}  // namespace
}  // namespace kasa::engine
