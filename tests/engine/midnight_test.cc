#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// Kyiv's midnight, for each kind of document in each state that it can be in (product.md, point 8).
namespace kasa::engine {
namespace {

using domain::State;

constexpr absl::Duration kToMidnight = absl::Minutes(15);

enum class Kind { kSale, kReturn, kPayment, kAutomation };

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kSale:
      return "Sale";
    case Kind::kReturn:
      return "Return";
    case Kind::kPayment:
      return "Payment";
    case Kind::kAutomation:
      return "AutomationSale";
  }
  return "";
}

bool IsDated(Kind kind) {
  return kind == Kind::kSale || kind == Kind::kReturn;
}

// Where midnight finds it.
enum class Found {
  kWaiting,           // ACCEPTED, behind a register that can't work
  kOnTheWireDone,     // SENDING; then the receipt
  kOnTheWireRefused,  // SENDING; then a refusal for a shift that has just been closed
  kOnTheWireTrouble,  // SENDING; then a refusal for the register's trouble
  kOnTheWireUnheard,  // SENDING; then nothing: in doubt after midnight
  kInDoubt,           // its receipt may exist
  kFailed,
  kCancelled,
};

const char* NameOf(Found found) {
  switch (found) {
    case Found::kWaiting:
      return "Waiting";
    case Found::kOnTheWireDone:
      return "OnTheWireDone";
    case Found::kOnTheWireRefused:
      return "OnTheWireRefused";
    case Found::kOnTheWireTrouble:
      return "OnTheWireTrouble";
    case Found::kOnTheWireUnheard:
      return "OnTheWireUnheard";
    case Found::kInDoubt:
      return "InDoubt";
    case Found::kFailed:
      return "Failed";
    case Found::kCancelled:
      return "Cancelled";
  }
  return "";
}

struct MidnightCase {
  Kind kind;
  Found found;
  State dated;    // what a sale or return that a caller dated comes to
  State undated;  // what a payment, or what automation made, comes to
  int receipts;   // of a dated one, after all; an undated one that is FISCALIZED has one
};

void PrintTo(const MidnightCase& one, std::ostream* out) {
  *out << NameOf(one.kind) << NameOf(one.found);
}

std::vector<MidnightCase> Cases() {
  std::vector<MidnightCase> cases;
  for (const Kind kind : {Kind::kSale, Kind::kReturn, Kind::kPayment, Kind::kAutomation}) {
    cases.push_back({kind, Found::kWaiting, State::kFailed, State::kFiscalized, 0});
    cases.push_back({kind, Found::kOnTheWireDone, State::kFiscalized, State::kFiscalized, 1});
    cases.push_back({kind, Found::kOnTheWireRefused, State::kFailed, State::kFiscalized, 0});
    cases.push_back({kind, Found::kOnTheWireTrouble, State::kFailed, State::kFiscalized, 0});
    // What may have been made is exempt: it is sent again under its tag, and its receipt may be the next
    // day's.
    cases.push_back({kind, Found::kOnTheWireUnheard, State::kFiscalized, State::kFiscalized, 1});
    cases.push_back({kind, Found::kInDoubt, State::kFiscalized, State::kFiscalized, 1});
    cases.push_back({kind, Found::kFailed, State::kFailed, State::kFiscalized, 0});
    cases.push_back({kind, Found::kCancelled, State::kCancelled, State::kFiscalized, 0});
  }
  return cases;
}

class Midnight : public testing::TestWithParam<MidnightCase> {
 protected:
  Midnight() {
    // What is returned was sold before.
    const auto sold = engine_.Fiscalize(engine_.Sale("sold"));
    EXPECT_EQ(sold->state, State::kFiscalized);
    sold_receipts_ = engine_.cash_register.receipts.size();
  }

  DocumentRequest Document() const {
    switch (GetParam().kind) {
      case Kind::kSale:
        return engine_.Sale("doc");
      case Kind::kReturn:
        return engine_.ReturnOf("sold", "doc");
      case Kind::kPayment:
        return engine_.Payment("doc");
      case Kind::kAutomation:
        return engine_.AutomationSale("doc");
    }
    return {};
  }

  // The register refuses all for its own trouble.
  void RegisterCanNotWork() {
    engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
      return Refused(domain::SendEnding::kRefusedRegister, Reason::kNoBalance, 1123);
    };
  }
  void RegisterWorks() { engine_.cash_register.instead = nullptr; }

  std::string Accept() {
    const auto accepted = engine_.Fiscalize(Document());
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return accepted.ok() ? accepted->id : "";
  }

  // Sends it, lets midnight pass while it is on the wire, and then lets this answer come.
  std::string SendOverMidnight(std::function<vchasno::ExecuteAnswer()> answer) {
    if (answer) {
      engine_.cash_register.instead = [answer](const std::string&, const std::function<void()>&) {
        return answer();
      };
    }
    engine_.client.HoldAnswers();
    const std::string id = Accept();
    EXPECT_EQ(engine_.Get(id).state, State::kSending);
    engine_.Pass(kToMidnight);
    EXPECT_EQ(engine_.Get(id).state, State::kSending);
    RegisterWorks();
    engine_.client.Release();
    engine_.Settle();
    return id;
  }

  std::string MeetMidnight() {
    switch (GetParam().found) {
      case Found::kWaiting: {
        RegisterCanNotWork();
        const std::string id = Accept();
        EXPECT_EQ(engine_.Get(id).state, State::kAccepted);
        engine_.Pass(kToMidnight);
        RegisterWorks();
        return id;
      }
      case Found::kOnTheWireDone:
        return SendOverMidnight(nullptr);
      case Found::kOnTheWireRefused: {
        const std::string id = SendOverMidnight(
            [] { return Refused(domain::SendEnding::kShiftClosed, Reason::kShiftClosed, 1092); });
        return id;
      }
      case Found::kOnTheWireTrouble:
        return SendOverMidnight(
            [] { return Refused(domain::SendEnding::kRefusedRegister, Reason::kNoBalance, 1123); });
      case Found::kOnTheWireUnheard:
        return SendOverMidnight([] { return Unheard(); });
      case Found::kInDoubt: {
        engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
          return Unheard();
        };
        const std::string id = Accept();
        EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
        engine_.Pass(kToMidnight);
        RegisterWorks();
        return id;
      }
      case Found::kFailed: {
        engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
          return Refused(domain::SendEnding::kRefusedDocument, Reason::kPaymentTypeNotEnabled, 1110);
        };
        const std::string id = Accept();
        EXPECT_EQ(engine_.Get(id).state, State::kFailed);
        engine_.Pass(kToMidnight);
        RegisterWorks();
        return id;
      }
      case Found::kCancelled: {
        RegisterCanNotWork();
        const std::string id = Accept();
        bool cancelled = false;
        engine_.engine().fiscalizer().Cancel(id, std::nullopt,
                                             [&](const absl::StatusOr<domain::Fiscalization>& now) {
                                               EXPECT_TRUE(now.ok()) << now.status();
                                               cancelled = true;
                                             });
        engine_.Settle();
        EXPECT_TRUE(cancelled);
        engine_.Pass(kToMidnight);
        RegisterWorks();
        return id;
      }
    }
    return "";
  }

  EngineByHand engine_{{.now = Kyiv(24, 23, 50)}};
  size_t sold_receipts_ = 0;
};

TEST_P(Midnight, ComesToWhatTheDayAllows) {
  const MidnightCase& given = GetParam();
  const bool dated = IsDated(given.kind);
  const State expected = dated ? given.dated : given.undated;
  const std::string id = MeetMidnight();
  ASSERT_EQ(engine_.kyiv().DayOf(engine_.clock.Now()), absl::CivilDay(2026, 11, 25));
  // What failed or was given up is sent again by a retry only, and then with the day of the retry.
  if (given.found == Found::kFailed || given.found == Found::kCancelled) {
    const auto retried = engine_.Retry(id);
    if (dated) {
      EXPECT_EQ(ReasonOf(retried.status()), Reason::kDocumentDatePassed) << retried.status();
    } else {
      EXPECT_TRUE(retried.ok()) << retried.status();
    }
  }
  EXPECT_TRUE(engine_.AwaitState(id, expected)) << domain::NameOf(engine_.Get(id).state);
  const domain::Fiscalization now = engine_.Get(id);
  const size_t made = engine_.cash_register.receipts.size() - sold_receipts_;
  EXPECT_EQ(made, expected == State::kFiscalized ? 1u : 0u);
  if (dated) {
    EXPECT_EQ(static_cast<int>(made), given.receipts);
  }
  if (dated && expected == State::kFailed && given.found != Found::kFailed) {
    EXPECT_EQ(now.failure->reason, Reason::kDocumentDatePassed);
    EXPECT_TRUE(now.failure->correction_allowed);
    // Sent anew with the new date it takes its place, and is fiscalized.
    const auto anew = engine_.Fiscalize(Document());
    ASSERT_TRUE(anew.ok()) << anew.status();
    EXPECT_EQ(anew->id, id);
    EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  }
}

INSTANTIATE_TEST_SUITE_P(EachKindInEachState, Midnight, testing::ValuesIn(Cases()), [](const auto& of) {
  return absl::StrCat(NameOf(of.param.kind), NameOf(of.param.found));
});

TEST(ClosingShift, WhileASaleIsOnItsWayMakesOneReceiptInTheNextShift) {
  EngineByHand engine({.now = Kyiv(24, 21, 0)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.client.HoldAnswers();
  // It meets the closed shift.
  engine.cash_register.CloseShift();
  const std::string id = engine.Fiscalize(engine.Sale("late"))->id;
  EXPECT_EQ(engine.Get(id).state, State::kSending);
  engine.client.Release();
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.openings, 2);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

}  // namespace
}  // namespace kasa::engine
