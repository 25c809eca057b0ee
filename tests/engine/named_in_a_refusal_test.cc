#include <functional>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A re-send that is refused with an error, in an answer that names a receipt all the same: it may be the one
// that the first send made, and check-task tells (architecture.md, rule 3).
namespace kasa::engine {
namespace {

using domain::SendEnding;
using domain::State;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());

class NamedInARefusal : public testing::Test {
 protected:
  // A sale whose receipt was made and not answered; every re-send is refused so, and names the receipt.
  void SellAndSendAgain(const std::function<void(vchasno::ExecuteAnswer&)>& refusal = nullptr) {
    ASSERT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized);
    engine_.cash_register.instead =
        [this, refusal, sends = 0](
            const std::string& tag,
            const std::function<void()>& make) mutable -> std::optional<vchasno::ExecuteAnswer> {
      if (++sends == 1) return MadeAndUnheard(tag, make);
      vchasno::ExecuteAnswer answer = Refused(SendEnding::kDoubt, Reason::kAnswerContradicts, 7777);
      answer.wire.http_status = 200;
      answer.facts.fiscal_number = Made().fiscal_number;
      if (refusal) refusal(answer);
      return answer;
    };
    id_ = engine_.Fiscalize(engine_.Sale("doubted"))->id;
    ASSERT_EQ(engine_.Get(id_).state, State::kInDoubt);
    engine_.Pass(absl::Minutes(9), absl::Seconds(30),
                 [this] { return engine_.Get(id_).state == State::kFiscalized; });
    EXPECT_GE(engine_.Get(id_).attempts, 2);
  }
  HandRegister::Made Made() const { return engine_.cash_register.receipts.back(); }
  // What check-task answers about every receipt.
  void CheckTaskTells(const std::function<domain::TaskFacts()>& facts) {
    engine_.client.OnCheckTask([facts](const FakeClient::Request&) {
      vchasno::CheckTaskAnswer answer;
      answer.facts = facts();
      return answer;
    });
  }

  EngineByHand engine_{{.now = kNoon}};
  std::string id_;
};

TEST_F(NamedInARefusal, IsAdoptedWhereCheckTaskTellsItsTag) {
  CheckTaskTells([this] { return domain::TaskFacts{.answered = true, .tag = Made().tag, .task = 1}; });
  SellAndSendAgain();
  const domain::Fiscalization settled = engine_.Get(id_);
  ASSERT_EQ(settled.state, State::kFiscalized);
  EXPECT_EQ(settled.receipt->fiscal_number, Made().fiscal_number);
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereCheckTaskSaysNothing) {
  SellAndSendAgain();
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereCheckTaskTellsNoTag) {
  CheckTaskTells([] { return domain::TaskFacts{.answered = true, .task = 1}; });
  SellAndSendAgain();
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereCheckTaskTellsAnotherTag) {
  CheckTaskTells([] {
    return domain::TaskFacts{.answered = true, .tag = "0123456789abcdef0123456789abcdef", .task = 1};
  });
  SellAndSendAgain();
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereCheckTaskTellsAnotherSum) {
  CheckTaskTells([this] {
    return domain::TaskFacts{
        .answered = true, .tag = Made().tag, .task = 1, .sum = Money::FromKopiykas(4600)};
  });
  SellAndSendAgain();
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereTheRefusalTellsOfAnotherRegister) {
  CheckTaskTells([this] { return domain::TaskFacts{.answered = true, .tag = Made().tag, .task = 1}; });
  SellAndSendAgain(
      [](vchasno::ExecuteAnswer& answer) { answer.facts.register_fiscal_number = "4000000002"; });
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

// As after 1073 to 1075: a person must act.
TEST_F(NamedInARefusal, StaysInDoubtWhereTheRegisterAsksForAPerson) {
  CheckTaskTells([this] { return domain::TaskFacts{.answered = true, .tag = Made().tag, .task = 1}; });
  SellAndSendAgain([](vchasno::ExecuteAnswer& answer) { answer.never_park = true; });
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereTheRegisterAsksForTheSameAgain) {
  CheckTaskTells([this] { return domain::TaskFacts{.answered = true, .tag = Made().tag, .task = 1}; });
  SellAndSendAgain([](vchasno::ExecuteAnswer& answer) { answer.ending = SendEnding::kDoubtSameTagNext; });
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

TEST_F(NamedInARefusal, StaysInDoubtWhereTheServiceBeforeTheRegisterFailed) {
  CheckTaskTells([this] { return domain::TaskFacts{.answered = true, .tag = Made().tag, .task = 1}; });
  SellAndSendAgain([](vchasno::ExecuteAnswer& answer) { answer.wire.http_status = 502; });
  EXPECT_EQ(engine_.Get(id_).state, State::kInDoubt);
}

}  // namespace
}  // namespace kasa::engine
