#include <future>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A document that is corrected while its retry is under way: the receipt is of what is stored, never of what
// was stored when the retry began.
namespace kasa::engine {
namespace {

using domain::State;

// Stands in the store's writer until it is let go: what is asked of it meanwhile is done afterwards, in
// order.
class HeldWriter {
 public:
  explicit HeldWriter(store::Store& store) {
    store.integrations().Change(
        "shop-1", std::nullopt,
        [go = go_.get_future().share()](store::IntegrationRecord&, const store::IntegrationSurroundings&) {
          go.wait();
          return absl::OkStatus();
        },
        [](const absl::StatusOr<domain::Integration>&) {});
  }
  void LetGo() { go_.set_value(); }

 private:
  std::promise<void> go_;
};

class RetryRace : public testing::Test {
 protected:
  using Answer = std::optional<absl::StatusOr<FiscalizeOutcome>>;

  void Refuse() {
    engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
      vchasno::ExecuteAnswer refused =
          Refused(domain::SendEnding::kRefusedDocument, Reason::kRegisterRefused, 1083);
      return refused;
    };
  }

  void Begin(DocumentRequest request) {
    engine_.engine().fiscalizer().Fiscalize(std::move(request),
                                            [](const absl::StatusOr<FiscalizeOutcome>&) {});
    engine_.RunWhatIsReady();
  }

  void BeginRetry(const std::string& id, Answer& answer) {
    engine_.engine().fiscalizer().Retry(
        {.fiscalization_id = id, .max_wait = absl::ZeroDuration()},
        [&answer](absl::StatusOr<FiscalizeOutcome> outcome) { answer.emplace(std::move(outcome)); });
    engine_.RunWhatIsReady();
  }

  // Of a sale made elsewhere.
  DocumentRequest ReturnOf(const std::string& fiscal_number) const {
    DocumentRequest back = engine_.ReturnOf("", "r-1");
    back.document.original_sale =
        domain::OriginalSale{.document = std::nullopt, .fiscal_number = fiscal_number};
    return back;
  }

  EngineByHand engine_{{.now = Kyiv(24, 12, 0)}};
};

TEST_F(RetryRace, SendsWhatTheDocumentWasCorrectedToMeanwhile) {
  Refuse();
  const auto failed = engine_.Fiscalize(engine_.Sale("so-1", 4500));
  ASSERT_EQ(failed->state, State::kFailed);
  engine_.cash_register.instead = nullptr;

  HeldWriter writer(engine_.store());
  Begin(engine_.Sale("so-1", 7700));
  engine_.engine().fiscalizer().Cancel(failed->id, std::nullopt,
                                       [](const absl::StatusOr<domain::Fiscalization>&) {});
  Answer retried;
  BeginRetry(failed->id, retried);
  writer.LetGo();
  engine_.Settle();

  ASSERT_TRUE(retried && retried->ok()) << (retried ? retried->status() : absl::UnknownError("no answer"));
  const domain::Fiscalization now = engine_.Get(failed->id);
  EXPECT_EQ(now.state, State::kFiscalized);
  EXPECT_EQ(now.document.lines[0].price, Money::FromKopiykas(7700));
  EXPECT_EQ(now.draft.sum, Money::FromKopiykas(7700));
  EXPECT_TRUE(absl::StrContains(*engine_.store().GetRequestBody(failed->id), "77"));
}

// Who names a version is told instead.
TEST_F(RetryRace, OfANamedVersionIsRefusedWhenTheDocumentWasCorrectedMeanwhile) {
  Refuse();
  const auto failed = engine_.Fiscalize(engine_.Sale("so-1", 4500));
  HeldWriter writer(engine_.store());
  Begin(engine_.Sale("so-1", 7700));
  engine_.engine().fiscalizer().Cancel(failed->id, std::nullopt,
                                       [](const absl::StatusOr<domain::Fiscalization>&) {});
  Answer retried;
  engine_.engine().fiscalizer().Retry(
      {.fiscalization_id = failed->id, .revision = failed->revision, .max_wait = absl::ZeroDuration()},
      [&retried](absl::StatusOr<FiscalizeOutcome> outcome) { retried.emplace(std::move(outcome)); });
  engine_.RunWhatIsReady();
  writer.LetGo();
  engine_.Settle();
  ASSERT_TRUE(retried);
  EXPECT_EQ(retried->status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(engine_.Get(failed->id).state, State::kCancelled);
}

TEST_F(RetryRace, OfAReturnIsNotHeldAgainstTheSaleThatItReturnedBefore) {
  engine_.client.OnCheckTask([](const FakeClient::Request& request) {
    vchasno::CheckTaskAnswer told;
    told.facts.answered = true;
    told.facts.fiscal_number = request.body;
    // The first is of less than what is returned in the end.
    told.facts.receipt.sum = Money::FromKopiykas(request.body == "TEST_a" ? 5000 : 90000);
    return told;
  });
  Refuse();
  const auto failed = engine_.Fiscalize(ReturnOf("TEST_a"));
  ASSERT_TRUE(failed.ok()) << failed.status();
  ASSERT_EQ(failed->state, State::kFailed);

  engine_.client.HoldAnswersTo("TEST_a");
  Answer retried;
  BeginRetry(failed->id, retried);
  DocumentRequest corrected = ReturnOf("TEST_b");
  corrected.document.lines[0].price = corrected.document.payments[0].amount = Money::FromKopiykas(7700);
  const auto again = engine_.Fiscalize(std::move(corrected));
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_EQ(again->state, State::kFailed);
  engine_.cash_register.instead = nullptr;
  engine_.client.Release();
  engine_.Settle();

  ASSERT_TRUE(retried && retried->ok()) << (retried ? retried->status() : absl::UnknownError("no answer"));
  EXPECT_TRUE((*retried)->violations.empty());
  EXPECT_EQ(engine_.Get(failed->id).state, State::kFiscalized);
}

}  // namespace
}  // namespace kasa::engine
