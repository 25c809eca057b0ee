#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "tests/store/fixture.h"

// Nothing is sent before it is marked, and what a send proves is what is stored (architecture.md, rules 2,
// 3).
namespace kasa::store {
namespace {

using domain::Edge;
using domain::SendEnding;
using domain::SendOrder;
using domain::State;

class SendsTest : public StoreTest {
 protected:
  std::vector<Exchange> ExchangesOf(const std::string& id) {
    const absl::StatusOr<ExchangePage> page = store().sends().ListExchanges(id, 0, 100);
    EXPECT_TRUE(page.ok()) << page.status();
    return page->exchanges;
  }

  int UnexplainedSendsOf(const std::string& id) {
    int count = 0;
    for (const Exchange& exchange : ExchangesOf(id)) count += exchange.unexplained ? 1 : 0;
    return count;
  }

  void EndWith(const std::string& id, SendEnding ending) {
    absl::StatusOr<MarkedSend> mark = Mark(id);
    ASSERT_TRUE(mark.ok()) << mark.status();
    const absl::StatusOr<domain::Fiscalization> settled = Settle(Ended(*mark, ending));
    ASSERT_TRUE(settled.ok()) << settled.status();
  }
};

TEST_F(SendsTest, AMarkHoldsTheBytesAndTheState) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  ASSERT_TRUE(mark.ok()) << mark.status();
  EXPECT_EQ(mark->permit.body(), ASale("SO-1", kOne, kRegisterOne).request_body);
  EXPECT_EQ(mark->order, SendOrder::kFirst);
  EXPECT_FALSE(mark->first_unexplained_send.has_value());
  EXPECT_EQ(mark->fiscalization.state, State::kSending);
  EXPECT_EQ(mark->fiscalization.attempts, 1);
  const domain::Fiscalization stored = *store().GetFiscalization(sale.id);
  EXPECT_EQ(stored.state, State::kSending);
  EXPECT_EQ(stored.attempts, 1);

  const std::vector<Exchange> exchanges = ExchangesOf(sale.id);
  ASSERT_EQ(exchanges.size(), 1u);
  EXPECT_EQ(exchanges[0].id, mark->permit.exchange_id());
  EXPECT_EQ(exchanges[0].tag, sale.tag);
  EXPECT_EQ(exchanges[0].request, mark->permit.body());
  EXPECT_EQ(exchanges[0].integration_id, kOne);
  EXPECT_FALSE(exchanges[0].end_time.has_value());
}

TEST_F(SendsTest, OneRequestARegisterIsOnTheWire) {
  const domain::Fiscalization first = AcceptSale("SO-1");
  const domain::Fiscalization second = AcceptSale("SO-2");
  const absl::StatusOr<MarkedSend> mark = Mark(first.id);
  ASSERT_TRUE(mark.ok());
  EXPECT_EQ(ReasonOf(Mark(second.id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(MarkOpening().status()), Reason::kStateNotAllowed);
  EXPECT_EQ(store().GetFiscalization(second.id)->state, State::kAccepted);
  EXPECT_EQ(store().GetFiscalization(second.id)->attempts, 0);

  ASSERT_TRUE(Accept(ASale("SO-3", kTwo, kRegisterTwo)).ok());
  EXPECT_TRUE(Mark("f-SO-3").ok()) << "another register has a lane of its own";
  ASSERT_TRUE(Settle(Ended(*mark, SendEnding::kRefusedDocument)).ok());
  EXPECT_TRUE(Mark(second.id).ok());
}

// It may have been cancelled and sent anew since, to another register even.
TEST_F(SendsTest, AMarkIsForWhatTheLaneRead) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const SendCandidate read = CandidateNow(store(), sale.id);
  const auto marked = [&](const SendCandidate& candidate) {
    return Await<MarkedSend>(
        [&](Callback<MarkedSend> done) { store().sends().MarkSending(candidate, std::move(done)); });
  };
  SendCandidate other_lane = read;
  other_lane.register_fiscal_number = kRegisterTwo;
  SendCandidate other_state = read;
  other_state.state = State::kInDoubt;
  SendCandidate sent_since = read;
  sent_since.attempts = 1;
  for (const SendCandidate& candidate : {other_lane, other_state, sent_since}) {
    EXPECT_EQ(ReasonOf(marked(candidate).status()), Reason::kStateNotAllowed);
    EXPECT_EQ(store().GetFiscalization(sale.id)->state, State::kAccepted);
  }
  EXPECT_TRUE(marked(read).ok());
}

// Every cell of the state machine's table leaves what it says.
TEST_F(SendsTest, EveryEndingLeadsWhereTheTableSays) {
  int document = 0;
  for (const domain::Ruling& ruling : domain::RulingTable()) {
    SCOPED_TRACE(std::string(domain::NameOf(ruling.ending)) +
                 (ruling.order == SendOrder::kFirst ? " first" : " repeated"));
    const std::string name = "SO-" + std::to_string(++document);
    const bool repeated = ruling.order == SendOrder::kRepeated;
    const domain::Fiscalization before = repeated ? SaleInDoubt(name) : AcceptSale(name);
    const absl::Time first_send = clock_.Now();
    clock_.Advance(absl::Seconds(200));

    const absl::StatusOr<MarkedSend> mark = Mark(before.id);
    ASSERT_TRUE(mark.ok()) << mark.status();
    ASSERT_EQ(mark->order, ruling.order);
    EXPECT_EQ(mark->first_unexplained_send, repeated ? std::make_optional(first_send) : std::nullopt);
    Settlement settlement = Ended(*mark, ruling.ending);
    if (ruling.edge == Edge::kToFiscalized) settlement.receipt = AReceipt(kRegisterOne, "TEST_" + name);
    const absl::StatusOr<domain::Fiscalization> settled = Settle(settlement);
    ASSERT_TRUE(settled.ok()) << settled.status();

    const bool doubt = ruling.ending == SendEnding::kDoubt || ruling.ending == SendEnding::kDoubtSameTagNext;
    const bool made = ruling.edge == Edge::kToFiscalized;
    EXPECT_EQ(UnexplainedSendsOf(before.id), made ? 0 : (repeated ? 1 : 0) + (doubt ? 1 : 0));
    EXPECT_EQ(settled->receipt, settlement.receipt);
    EXPECT_EQ(settled->failure, settlement.failure);
    EXPECT_EQ(settled->attempts, repeated ? 2 : 1);
    const absl::StatusOr<domain::Fiscalization> read = store().GetFiscalization(before.id);
    EXPECT_EQ(read->state, settled->state);
    EXPECT_EQ(read->receipt, settled->receipt);
    EXPECT_EQ(read->revision, settled->revision);
    EXPECT_EQ(ExchangesOf(before.id).back().outcome, domain::NameOf(ruling.ending));

    if (settled->state == State::kInDoubt) {
      ASSERT_TRUE(ResolveIt(before.id, domain::ResolutionOutcome::kAbsentGiveUp).ok());
    } else if (settled->state == State::kAccepted) {
      ASSERT_TRUE(Cancel(before.id).ok());
    }
  }
}

TEST_F(SendsTest, ADoubtIsSentAgainWithItsFirstBytes) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  const std::string bytes = ExchangesOf(sale.id)[0].request;
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Minutes(3));
    const absl::StatusOr<MarkedSend> again = Mark(sale.id);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->permit.body(), bytes);
    EXPECT_EQ(again->fiscalization.tag, sale.tag);
    ASSERT_TRUE(Settle(Ended(*again, SendEnding::kDoubt)).ok());
  }
  const absl::StatusOr<std::optional<LaneHead>> head = store().HeadOfLane(kRegisterOne);
  EXPECT_EQ((*head)->first_unexplained_send, ExchangesOf(sale.id)[0].start_time);
  EXPECT_EQ((*head)->last_ending, SendEnding::kDoubt);
}

TEST_F(SendsTest, WhatIsUnexplainedNeverEndsAsSurelyNotMade) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  const absl::StatusOr<MarkedSend> again = Mark(sale.id);
  for (const Edge edge : {Edge::kToFailed, Edge::kToAccepted}) {
    Settlement wrong = Ended(*again, SendEnding::kRefusedDocument);
    wrong.edge = edge;
    EXPECT_EQ(ReasonOf(Settle(wrong).status()), Reason::kStateNotAllowed);
  }
  EXPECT_EQ(store().GetFiscalization(sale.id)->state, State::kSending);
  EXPECT_TRUE(Settle(Ended(*again, SendEnding::kRefusedDocument)).ok());
}

TEST_F(SendsTest, ADoubtfulFirstSendCanNotFail) {
  const absl::StatusOr<MarkedSend> mark = Mark(AcceptSale("SO-1").id);
  Settlement wrong = Ended(*mark, SendEnding::kDoubt);
  wrong.edge = Edge::kToFailed;
  EXPECT_EQ(ReasonOf(Settle(wrong).status()), Reason::kStateNotAllowed);
}

TEST_F(SendsTest, ASettlementAgainIsAnsweredAlikeAndAnotherIsRefused) {
  const absl::StatusOr<MarkedSend> mark = Mark(AcceptSale("SO-1").id);
  const Settlement settlement = Ended(*mark, SendEnding::kRefusedDocument);
  const absl::StatusOr<domain::Fiscalization> first = Settle(settlement);
  const absl::StatusOr<domain::Fiscalization> again = Settle(settlement);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->revision, first->revision);
  EXPECT_EQ(ReasonOf(Settle(Ended(*mark, SendEnding::kThrottled)).status()), Reason::kStateNotAllowed);
}

TEST_F(SendsTest, AReceiptBelongsToOneFiscalization) {
  FiscalizedSale("SO-1", "TEST_1");
  const absl::StatusOr<MarkedSend> mark = Mark(AcceptSale("SO-2").id);
  Settlement settlement = Ended(*mark, SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterOne, "TEST_1");
  EXPECT_EQ(Settle(settlement).status().code(), absl::StatusCode::kAlreadyExists);
  const domain::Fiscalization untouched = *store().GetFiscalization("f-SO-2");
  EXPECT_EQ(untouched.state, State::kSending);
  EXPECT_FALSE(untouched.receipt.has_value());
  EXPECT_FALSE(ExchangesOf("f-SO-2")[0].end_time.has_value());
  EXPECT_TRUE(Settle(Ended(*mark, SendEnding::kDoubt)).ok()) << "it is settled as doubt then";

  ASSERT_TRUE(Accept(ASale("SO-3", kTwo, kRegisterTwo)).ok());
  const absl::StatusOr<MarkedSend> elsewhere = Mark("f-SO-3");
  settlement = Ended(*elsewhere, SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterTwo, "TEST_1");
  EXPECT_TRUE(Settle(settlement).ok()) << "another register numbers on its own";
}

TEST_F(SendsTest, OnlyRefusalsCount) {
  const struct {
    SendEnding ending;
    bool counts;
  } cases[] = {{SendEnding::kRefusedRegister, true}, {SendEnding::kShiftClosed, true},
               {SendEnding::kUnknownRefusal, true},  {SendEnding::kTokenRefused, true},
               {SendEnding::kThrottled, false},      {SendEnding::kNeverSent, false}};
  const domain::Fiscalization sale = AcceptSale("SO-1");
  int expected = 0;
  for (const auto& given : cases) {
    EndWith(sale.id, given.ending);
    expected += given.counts ? 1 : 0;
    EXPECT_EQ(store().GetFiscalization(sale.id)->refused_with_this_tag, expected)
        << domain::NameOf(given.ending);
  }
}

TEST_F(SendsTest, TheLastRefusalsCodeIsKeptUntilTheTagChanges) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  Settlement refused = Ended(*mark, SendEnding::kShiftClosed);
  refused.failure->upstream = domain::Upstream{.http_status = 200, .res = 1092};
  EXPECT_EQ(Settle(refused)->last_refusal_res, 1092);
  EndWith(sale.id, SendEnding::kThrottled);
  EXPECT_EQ(store().GetFiscalization(sale.id)->last_refusal_res, 1092);

  const absl::StatusOr<MarkedSend> last = Mark(sale.id);
  Settlement rise = Ended(*last, SendEnding::kShiftClosed);
  rise.raise_tag_number = true;
  rise.next_tag = domain::TagFor(TestInstallation(), sale.key, 1);
  rise.next_body = "next body";
  const absl::StatusOr<domain::Fiscalization> raised = Settle(rise);
  ASSERT_TRUE(raised.ok()) << raised.status();
  EXPECT_EQ(raised->tag_number, 1);
  EXPECT_EQ(raised->tag, rise.next_tag);
  EXPECT_EQ(raised->refused_with_this_tag, 0);
  EXPECT_FALSE(raised->last_refusal_res.has_value());
  EXPECT_EQ(raised->attempts, 3);
  EXPECT_EQ(Mark(sale.id)->permit.body(), "next body");
}

TEST_F(SendsTest, ATagRisesByOneAndOnlyOnTheWayBack) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  Settlement rise = Ended(*mark, SendEnding::kShiftClosed);
  rise.raise_tag_number = true;
  rise.next_tag = domain::TagFor(TestInstallation(), sale.key, 2);
  EXPECT_EQ(Settle(rise).status().code(), absl::StatusCode::kInternal);
  rise.next_tag = domain::TagFor(TestInstallation(), sale.key, 1);
  rise.ending = SendEnding::kRefusedDocument;
  rise.edge = Edge::kToFailed;
  EXPECT_EQ(Settle(rise).status().code(), absl::StatusCode::kInternal);
}

TEST_F(SendsTest, ALongAnswerIsCut) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  Settlement settlement = Ended(*mark, SendEnding::kDoubt);
  settlement.answer = std::string(100'000, 'x') + '\0';
  ASSERT_TRUE(Settle(settlement).ok());
  EXPECT_EQ(ExchangesOf(sale.id)[0].answer, std::string(65536, 'x'));
}

// After res_action 1 or 2 the register waits for the same tag, until it has judged it.
TEST_F(SendsTest, ARegisterStaysBoundToATagUntilItHasJudgedIt) {
  const struct {
    SendEnding ending;
    bool bound;
  } sends[] = {{SendEnding::kDoubt, false},
               {SendEnding::kDoubtSameTagNext, true},
               {SendEnding::kDoubt, true},
               {SendEnding::kNeverSent, true},
               {SendEnding::kThrottled, true},
               {SendEnding::kTokenRefused, true},
               {SendEnding::kRefusedRegister, false},
               {SendEnding::kDoubt, false},
               {SendEnding::kDoubtSameTagNext, true},
               {SendEnding::kRefusedDocument, false}};
  const domain::Fiscalization sale = AcceptSale("SO-1");
  for (const auto& given : sends) {
    SCOPED_TRACE(std::string(domain::NameOf(given.ending)));
    EndWith(sale.id, given.ending);
    EXPECT_EQ((*store().HeadOfLane(kRegisterOne))->bound_to_tag, given.bound);
  }
  EndWith(sale.id, SendEnding::kDoubtSameTagNext);
  ASSERT_TRUE(Mark(sale.id).ok());
  Reopen();
  ASSERT_TRUE(RecoverAfterStart().ok());
  EXPECT_TRUE((*store().HeadOfLane(kRegisterOne))->bound_to_tag) << "a crash is no judgement";
}

// --- after a crash

TEST_F(SendsTest, AfterAStartWhatWasOnTheWireIsInDoubt) {
  const domain::Fiscalization waiting = AcceptSale("SO-0");
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  const absl::Time marked = clock_.Now();
  Reopen();
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(RecoverAfterStart().value(), 1);

  const domain::Fiscalization recovered = *store().GetFiscalization(sale.id);
  EXPECT_EQ(recovered.state, State::kInDoubt);
  EXPECT_EQ(recovered.failure->reason, Reason::kAnswerLost);
  EXPECT_EQ(store().GetFiscalization(waiting.id)->state, State::kAccepted);
  const std::vector<Exchange> exchanges = ExchangesOf(sale.id);
  EXPECT_TRUE(exchanges[0].unexplained);
  EXPECT_EQ(exchanges[0].end_time, clock_.Now());

  const absl::StatusOr<MarkedSend> again = Mark(sale.id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->order, SendOrder::kRepeated);
  EXPECT_EQ(again->first_unexplained_send, marked);
  EXPECT_EQ(RecoverAfterStart().value(), 1) << "that one is on the wire now";
}

TEST_F(SendsTest, AfterAStartACutOffHeadTellsThatNothingWasHeard) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  ASSERT_TRUE(Mark(sale.id).ok());
  Reopen();
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(RecoverAfterStart().ok());
  const std::optional<LaneHead> head = *store().HeadOfLane(kRegisterOne);
  EXPECT_FALSE(head->last_ending.has_value());
  EXPECT_EQ(UnexplainedSendsOf(sale.id), 2);
}

}  // namespace
}  // namespace kasa::store
