#include <algorithm>
#include <future>
#include <string>

#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Receipts on a register that its store does not know: what others made, and what a history made that the
// store lost (architecture.md, rule 11).
namespace kasa::engine {
namespace {

using domain::State;
using domain::TagMemory;
using simulator::ListingState;
using simulator::Switches;

// A receipt that another program makes on the first register: the request of one of ours under another tag.
void MakeForeignReceipt(EngineOnSimulator& gateway, const std::string& like_id) {
  auto body = gateway.store().GetRequestBody(like_id);
  ASSERT_TRUE(body.ok()) << body.status();
  const std::string tag = gateway.Get(like_id)->tag;
  body->replace(body->find(tag), tag.size(), "deadbeef000000000000000000000001");
  std::promise<domain::SendEnding> ended;
  gateway.client().Execute(domain::SendPermitIssuer::IssueAfterDurableMark(1, *body),
                           Secret("simulator-token-1"),
                           [&ended](vchasno::ExecuteAnswer answer) { ended.set_value(answer.ending); });
  ASSERT_EQ(ended.get_future().get(), domain::SendEnding::kDone);
}

TEST(ForeignReceipts, AreNoticedWhereLocalNumbersAreLeftOut) {
  EngineOnSimulator gateway({});
  const auto first = gateway.Fiscalize(gateway.Sale("first"));
  ASSERT_TRUE(first.ok());
  MakeForeignReceipt(gateway, first->fiscalization->id);
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("second")).ok());
  EXPECT_TRUE(gateway.AwaitThat([&] {
    const auto unknown =
        gateway.store().looks().CountUnknown(EngineOnSimulator::kFisid, absl::InfinitePast());
    return unknown.ok() && unknown->foreign == 1 && unknown->ours == 0;
  }));
}

TEST(ForeignReceipts, AreNeitherOursNorInTheWayOfProvingAbsence) {
  Switches forgetful;
  forgetful.tag_memory = simulator::TagMemory::kNone;
  EngineOnSimulator gateway({.switches = forgetful, .tag_memory = TagMemory::kUnproven});
  const auto first = gateway.Fiscalize(gateway.Sale("first"));
  ASSERT_TRUE(first.ok());
  MakeForeignReceipt(gateway, first->fiscalization->id);
  ASSERT_TRUE(gateway.cloud().AddFault(LostSaleOn(EngineOnSimulator::kFisid, /*made=*/false)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
  MakeForeignReceipt(gateway, first->fiscalization->id);
  // Both are listed under tags of another installation, so nothing is left that could be ours.
  const auto settled = gateway.Get(id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  const auto receipts = gateway.Receipts();
  EXPECT_EQ(receipts.size(), 4);
  EXPECT_EQ(std::count_if(receipts.begin(), receipts.end(),
                          [&](const simulator::LedgerEntry& one) { return one.tag == settled->tag; }),
            1);
  EXPECT_EQ(gateway.store().looks().CountUnknown(EngineOnSimulator::kFisid, absl::InfinitePast())->foreign,
            2);
}

TEST(LostHistory, GivesADocumentTheReceiptThatItHas) {
  Switches forgetful;
  forgetful.tag_memory = simulator::TagMemory::kNone;
  EngineOnSimulator gateway({.switches = forgetful});
  const auto before = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(before.ok());
  gateway.LoseStore(/*noticed=*/true);
  const auto waits = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(waits.ok()) << waits.status();
  EXPECT_EQ(gateway.Receipts().size(), 1);

  const AdoptionOutcome adopted = gateway.Adopt();
  ASSERT_EQ(adopted.reconciliations.size(), 1);
  EXPECT_EQ(adopted.reconciliations[0].gap, "");
  EXPECT_EQ(adopted.reconciliations[0].unknown_foreign, 0);
  const auto settled = gateway.Get(waits->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(settled->receipt->fiscal_number, before->fiscalization->receipt->fiscal_number);
  EXPECT_EQ(gateway.Receipts().size(), 1);

  // What the lost history did not make is sent as ever.
  const auto other = gateway.Fiscalize(gateway.Sale("so-2"));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

// The receipt was seen when the store was started; what its caller says, or midnight, comes before the
// adoption.
TEST(LostHistory, GivesADocumentTheReceiptThatItHasThoughItWasToBeCancelledAndItsDayIsOver) {
  Switches forgetful;
  forgetful.tag_memory = simulator::TagMemory::kNone;
  EngineOnSimulator gateway({.switches = forgetful});
  const auto before = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(before.ok());
  gateway.LoseStore(/*noticed=*/true);
  gateway.KeepStore();  // started again, now that it has the integration
  ASSERT_TRUE(gateway.AwaitThat([&] {
    return gateway.store().looks().CountUnknown(EngineOnSimulator::kFisid, absl::InfinitePast())->ours == 1;
  }));
  const auto waits = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(waits.ok()) << waits.status();
  const std::string id = waits->fiscalization->id;
  EXPECT_EQ(ReasonOf(gateway.Cancel(id).status()), Reason::kInDoubtReconciling);
  gateway.SetForward(absl::Hours(24));
  // It wakes the lane, which fails what is of yesterday.
  const auto other = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(gateway.Get(id, absl::Milliseconds(300))->state, State::kAccepted);

  gateway.Adopt();
  const auto settled = gateway.Get(id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(settled->receipt->fiscal_number, before->fiscalization->receipt->fiscal_number);
}

// Refused twice, it got on to its second tag, and the store forgot that.
TEST(LostHistory, GivesADocumentTheReceiptThatItHasUnderALaterTag) {
  Switches switches;
  switches.tag_memory = simulator::TagMemory::kNone;
  EngineOnSimulator gateway({.switches = switches});
  simulator::Fault refusal = RefusalOf(1, 1083);
  refusal.times = 2;
  ASSERT_TRUE(gateway.cloud().AddFault(refusal).ok());
  const auto before = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(before.ok());
  ASSERT_EQ(before->fiscalization->tag_number, 1);
  gateway.LoseStore(/*noticed=*/true);
  const auto waits = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(waits.ok()) << waits.status();
  gateway.Adopt();
  const auto settled = gateway.Get(waits->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(settled->receipt->fiscal_number, before->fiscalization->receipt->fiscal_number);
  EXPECT_EQ(settled->tag, before->fiscalization->tag);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

// The store is put back with everything beside it, so that only the register knows of what came since.
TEST(LostHistory, ThatOnlyTheRegisterKnowsOfPausesTheStoreBeforeAnythingIsSentTwice) {
  Switches forgetful;
  forgetful.tag_memory = simulator::TagMemory::kNone;
  EngineOnSimulator gateway({.switches = forgetful, .tag_memory = TagMemory::kUnproven, .registers = 2});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  gateway.KeepStore();
  const auto lost = gateway.Fiscalize(gateway.Sale("so-2"));
  ASSERT_TRUE(lost.ok());
  gateway.PutStoreBack();

  const auto again = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(again.ok()) << again.status();
  const std::string id = again->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.store().ReadPause()->paused; }));
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
  // Whatever the register: the lost history may have gone on there as well.
  const auto elsewhere = gateway.Fiscalize(gateway.Sale("so-3", 4500, 2), absl::Milliseconds(300));
  ASSERT_TRUE(elsewhere.ok());
  EXPECT_EQ(elsewhere->fiscalization->state, State::kAccepted);
  EXPECT_EQ(gateway.Receipts().size(), 2);

  gateway.Adopt();
  const auto settled = gateway.Get(id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(settled->receipt->fiscal_number, lost->fiscalization->receipt->fiscal_number);
  EXPECT_EQ(gateway.Get(elsewhere->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 3);
  EXPECT_FALSE(gateway.store().ReadPause()->paused);
}

// Nothing is sent while the store waits to be adopted, and so the hold time passes as ever.
TEST(LostHistory, LeavesWhatIsInDoubtToAnOperatorsWordOnceTheHoldTimeIsOver) {
  EngineOnSimulator gateway({.tag_memory = TagMemory::kUnproven});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  gateway.KeepStore();
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-2")).ok());
  gateway.PutStoreBack();
  const auto again = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(again.ok()) << again.status();
  const std::string id = again->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
  ASSERT_TRUE(gateway.store().ReadPause()->paused);
  ResolveRequest word{.fiscalization_id = id,
                      .outcome = domain::ResolutionOutcome::kReceiptExists,
                      .fiscal_number = gateway.Receipts().back().fiscal_number,
                      .principal = "olena"};
  EXPECT_EQ(gateway.ResolveWhenTaken(word), absl::OkStatus());
  EXPECT_TRUE(gateway.store().ReadPause()->paused);
  EXPECT_EQ(gateway.Get(id)->state, State::kFiscalized);
}

TEST(LostHistory, IsNotSuspectedForWhatOthersMadeOrWhatIsInDoubt) {
  EngineOnSimulator gateway({.tag_memory = TagMemory::kUnproven});
  const auto first = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(gateway.cloud().AddFault(LostSaleOn(EngineOnSimulator::kFisid, /*made=*/true)).ok());
  const auto doubted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok());
  ASSERT_TRUE(
      gateway.AwaitThat([&] { return gateway.Get(doubted->fiscalization->id)->state == State::kInDoubt; }));
  gateway.CrashAndStart();
  EXPECT_EQ(gateway.Get(doubted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  MakeForeignReceipt(gateway, first->fiscalization->id);
  gateway.CrashAndStart();
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-3"))->fiscalization->state, State::kFiscalized);
  EXPECT_FALSE(gateway.store().ReadPause()->paused);
  const auto unknown = gateway.store().looks().CountUnknown(EngineOnSimulator::kFisid, absl::InfinitePast());
  EXPECT_EQ(unknown->foreign, 1);
  EXPECT_EQ(unknown->ours, 0);
}

TEST(LostHistory, ThatCantBeReadIsSaid) {
  Switches unlisted;
  unlisted.listing_state = ListingState::kNotFound;
  EngineOnSimulator gateway({.switches = unlisted});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  gateway.LoseStore(/*noticed=*/true);
  const AdoptionOutcome adopted = gateway.Adopt();
  ASSERT_EQ(adopted.reconciliations.size(), 1);
  EXPECT_NE(adopted.reconciliations[0].gap, "");
}

}  // namespace
}  // namespace kasa::engine
