#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "tests/store/fixture.h"

// Sendings of receipts to customers: each is recorded before it is commanded, and commanded once.
namespace kasa::store {
namespace {

using domain::Sending;
using domain::SendingChannel;
using domain::SendingOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kPhone[] = "+380501234567";
constexpr char kEmail[] = "olena@example.com";

SendingCommand Command(const std::string& request_id, const std::string& fiscalization_id) {
  SendingCommand command;
  command.request_id = request_id;
  command.fiscalization_id = fiscalization_id;
  command.integration_id = "one";
  command.sendings = {{SendingChannel::kSms, kPhone}, {SendingChannel::kEmail, kEmail}};
  return command;
}

class SendingsTest : public StoreTest {
 protected:
  absl::StatusOr<BegunSendings> Begin(const SendingCommand& command) {
    return Await<BegunSendings>(
        [&](Callback<BegunSendings> done) { store().receipts().BeginSendings(command, std::move(done)); });
  }
  absl::StatusOr<Sending> End(const SendingEnd& end) {
    return Await<Sending>(
        [&](Callback<Sending> done) { store().receipts().EndSending(end, std::move(done)); });
  }
  SendingEnd Taken(const std::string& id) {
    SendingEnd end;
    end.sending_id = id;
    end.outcome = SendingOutcome::kTaken;
    end.message = "ok";
    end.answer_time = clock_.Now();
    end.exchange.fiscalization_id = "f-SO-1";
    end.exchange.kind = ExchangeKind::kSendReceipt;
    end.exchange.start_time = clock_.Now();
    return end;
  }
  std::vector<Sending> List(const SendingFilter& filter, int limit = 50) {
    std::vector<Sending> all;
    std::optional<SendingPosition> after;
    while (true) {
      const auto page = store().receipts().ListSendings(filter, after, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const Sending& one : page->sendings) {
        all.push_back(one);
        after = SendingPosition{one.create_time, one.id};
      }
      if (!page->more) return all;
    }
  }
  // Every byte of the table.
  std::string Table() {
    SQLite::Database database(path(), SQLite::OPEN_READONLY);
    SQLite::Statement rows(database, "SELECT * FROM sendings");
    std::string text;
    while (rows.executeStep()) {
      for (int i = 0; i < rows.getColumnCount(); ++i)
        absl::StrAppend(&text, rows.getColumn(i).getString(), "|");
    }
    return text;
  }
};

TEST_F(SendingsTest, AreInFlightBeforeTheyAreCommanded) {
  FiscalizedSale("SO-1", "F1");
  const auto begun = Begin(Command("r1", "f-SO-1"));
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_FALSE(begun->replayed);
  ASSERT_THAT(begun->sendings, SizeIs(2));
  const Sending& sms = begun->sendings[0];
  EXPECT_EQ(sms.outcome, SendingOutcome::kInFlight);
  EXPECT_EQ(sms.recipient_masked, "+380*****4567");
  EXPECT_EQ(sms.fiscal_number, "F1");
  EXPECT_EQ(sms.register_fiscal_number, kRegisterOne);
  EXPECT_EQ(begun->sendings[1].recipient_masked, "o***@example.com");
  Reopen();
  EXPECT_THAT(List({}), testing::UnorderedElementsAreArray(begun->sendings));
}

TEST_F(SendingsTest, TheTableHoldsNoRecipient) {
  FiscalizedSale("SO-1", "F1");
  ASSERT_TRUE(Begin(Command("r1", "f-SO-1")).ok());
  EXPECT_THAT(Table(), Not(HasSubstr("501234567")));
  EXPECT_THAT(Table(), Not(HasSubstr("olena")));
  EXPECT_THAT(Table(), HasSubstr("+380*****4567"));
}

TEST_F(SendingsTest, ARequestIdIsReplayedWithWhatBecameOfIt) {
  FiscalizedSale("SO-1", "F1");
  const auto begun = Begin(Command("r1", "f-SO-1"));
  const std::string id = begun->sendings[0].id;
  const auto ended = End(Taken(id));
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->outcome, SendingOutcome::kTaken);
  const auto again = Begin(Command("r1", "f-SO-1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->sendings, (std::vector<Sending>{*ended, begun->sendings[1]}));
  EXPECT_EQ(store().sends().ListExchanges("f-SO-1", 0, 50)->exchanges.back().kind,
            ExchangeKind::kSendReceipt);
}

TEST_F(SendingsTest, ARequestIdWithAnythingElseIsRefused) {
  FiscalizedSale("SO-1", "F1");
  FiscalizedSale("SO-2", "F2");
  ASSERT_TRUE(Begin(Command("r1", "f-SO-1")).ok());
  std::vector<SendingCommand> others(5, Command("r1", "f-SO-1"));
  others[0].fiscalization_id = "f-SO-2";
  others[1].sendings[0].recipient = "+380509994567";  // masked alike
  others[2].sendings[1].recipient = "oksana@example.com";
  others[3].sendings.pop_back();
  others[4].sendings.erase(others[4].sendings.begin());
  for (const SendingCommand& other : others) {
    const auto refused = Begin(other);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kRequestIdUsed);
  }
  EXPECT_THAT(List({}), SizeIs(2));
  EXPECT_TRUE(Begin(Command("r2", "f-SO-1")).ok());
}

TEST_F(SendingsTest, ARefusalStopsWhatIsNewAndNoReplay) {
  FiscalizedSale("SO-1", "F1");
  SendingCommand command = Command("r1", "f-SO-1");
  command.refusal = absl::FailedPreconditionError("no token");
  EXPECT_EQ(Begin(command).status(), command.refusal);
  EXPECT_THAT(List({}), SizeIs(0));
  ASSERT_TRUE(Begin(Command("r1", "f-SO-1")).ok());
  const auto again = Begin(command);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
}

TEST_F(SendingsTest, OnlyAReceiptIsSent) {
  AcceptSale("SO-1");
  EXPECT_EQ(ReasonOf(Begin(Command("r1", "f-SO-1")).status()), Reason::kReceiptNotFound);
  EXPECT_EQ(ReasonOf(Begin(Command("r1", "f-none")).status()), Reason::kFiscalizationNotFound);
  EXPECT_THAT(List({}), SizeIs(0));
}

TEST_F(SendingsTest, TheFirstEndStays) {
  FiscalizedSale("SO-1", "F1");
  const std::string id = Begin(Command("r1", "f-SO-1"))->sendings[0].id;
  SendingEnd refused = Taken(id);
  refused.outcome = SendingOutcome::kRefused;
  refused.reason = Reason::kRegisterRefused;
  const auto first = End(refused);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->reason, Reason::kRegisterRefused);
  EXPECT_EQ(*End(Taken(id)), *first);
  EXPECT_THAT(store().sends().ListExchanges("f-SO-1", 0, 50)->exchanges,
              SizeIs(2));  // the sale's and one of ours
  EXPECT_EQ(store().GetFiscalization("f-SO-1")->state, domain::State::kFiscalized);
}

TEST_F(SendingsTest, WhatACrashLeftInFlightIsUnknownAndNotRepeated) {
  FiscalizedSale("SO-1", "F1");
  const auto begun = Begin(Command("r1", "f-SO-1"));
  ASSERT_TRUE(End(Taken(begun->sendings[0].id)).ok());
  Reopen();
  ASSERT_TRUE(RecoverAfterStart().ok());
  const auto again = Begin(Command("r1", "f-SO-1"));
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->sendings[0].outcome, SendingOutcome::kTaken);
  EXPECT_EQ(again->sendings[1].outcome, SendingOutcome::kUnknown);
  EXPECT_EQ(again->sendings[1].reason, Reason::kAnswerLost);
  EXPECT_FALSE(again->sendings[1].answer_time.has_value());
}

TEST_F(SendingsTest, ContactsThatWentWithAReceiptAreSendingsOfIt) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const auto mark = Mark(sale.id);
  const absl::Time sent = clock_.Now();
  clock_.Advance(absl::Seconds(2));
  Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterOne, "F1");
  settlement.sent_to = {.phone = kPhone, .email = kEmail};
  ASSERT_TRUE(Settle(settlement).ok());
  ASSERT_TRUE(Settle(settlement).ok());  // its answer got lost on the way
  const std::vector<Sending> sendings = List({.fiscalization_id = "f-SO-1"});
  ASSERT_THAT(sendings, SizeIs(2));
  for (const Sending& one : sendings) {
    EXPECT_EQ(one.request_id, "");
    EXPECT_EQ(one.outcome, SendingOutcome::kTaken);
    EXPECT_EQ(one.create_time, sent);
    EXPECT_EQ(one.answer_time, clock_.Now());
  }
  EXPECT_THAT(Table(), Not(HasSubstr("501234567")));
}

TEST_F(SendingsTest, AnOperatorsWordOnTheReceiptSaysNothingAboutItsSendings) {
  SaleInDoubt("SO-1");
  ResolutionRequest request;
  request.fiscalization_id = "f-SO-1";
  request.resolution.outcome = domain::ResolutionOutcome::kReceiptExists;
  request.resolution.resolve_time = clock_.Now();
  request.receipt = AReceipt(kRegisterOne, "F1");
  request.sent_to.email = kEmail;
  ASSERT_TRUE(Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
                store().Resolve(request, std::move(done));
              }).ok());
  const std::vector<Sending> sendings = List({});
  ASSERT_THAT(sendings, SizeIs(1));
  EXPECT_EQ(sendings[0].outcome, SendingOutcome::kUnknown);
  EXPECT_EQ(sendings[0].channel, SendingChannel::kEmail);
  EXPECT_FALSE(sendings[0].answer_time.has_value());
}

TEST_F(SendingsTest, AreListedByTimeAndFiltered) {
  FiscalizedSale("SO-1", "F1");
  FiscalizedSale("SO-2", "F2");
  std::vector<absl::Time> times;
  for (int i = 0; i < 4; ++i) {
    times.push_back(clock_.Now());
    SendingCommand command = Command(absl::StrCat("r", i), i % 2 == 0 ? "f-SO-1" : "f-SO-2");
    command.sendings.pop_back();
    command.integration_id = i == 3 ? kTwo : kOne;
    ASSERT_TRUE(Begin(command).ok());
    clock_.Advance(absl::Seconds(1));
  }
  const auto ids = [&](const SendingFilter& filter) {
    std::vector<std::string> requests;
    for (const int limit : {1, 50}) {
      requests.clear();
      for (const Sending& one : List(filter, limit)) requests.push_back(one.request_id);
    }
    return requests;
  };
  EXPECT_THAT(ids({}), ElementsAre("r0", "r1", "r2", "r3"));
  EXPECT_THAT(ids({.fiscal_number = "F1"}), ElementsAre("r0", "r2"));
  EXPECT_THAT(ids({.fiscal_number = "none"}), ElementsAre());
  EXPECT_THAT(ids({.fiscalization_id = "f-SO-2"}), ElementsAre("r1", "r3"));
  EXPECT_THAT(ids({.integration_id = kTwo}), ElementsAre("r3"));
  EXPECT_THAT(ids({.create_time_from = times[1], .create_time_before = times[3]}), ElementsAre("r1", "r2"));
}

}  // namespace
}  // namespace kasa::store
