#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/look_store.h"
#include "tests/store/fixture.h"

namespace kasa::store {
namespace {

using domain::Fiscalization;
using domain::SendEnding;
using domain::State;

class LookStoreTest : public StoreTest {
 protected:
  // A sale that was sent once, and in doubt since.
  std::string Doubted(const std::string& document_id, SendEnding ending = SendEnding::kDoubt) {
    const std::string id = AcceptSale(document_id).id;
    const auto mark = Mark(id);
    EXPECT_TRUE(mark.ok()) << mark.status();
    EXPECT_TRUE(Settle(Ended(*mark, ending)).ok());
    return id;
  }
  absl::StatusOr<Fiscalization> SettleIt(DoubtSettlement settlement) {
    return Await<Fiscalization>([&](Callback<Fiscalization> done) {
      store().looks().SettleDoubt(std::move(settlement), std::move(done));
    });
  }
  absl::StatusOr<Fiscalization> DoubtAsSeen(const SeenReceipt& seen) {
    return Await<Fiscalization>(
        [&](Callback<Fiscalization> done) { store().looks().DoubtAsSeen(seen, std::move(done)); });
  }
  // Whether the store was paused by it.
  bool Remember(std::vector<UnknownReceipt> receipts) {
    const auto paused = Await<bool>([&](Callback<bool> done) {
      store().looks().RememberUnknown(kRegisterOne, std::move(receipts), absl::FromUnixSeconds(50),
                                      std::move(done));
    });
    EXPECT_TRUE(paused.ok()) << paused.status();
    return paused.ok() && *paused;
  }
  static UnknownReceipt OwnReceipt(const std::string& fiscal_number, const std::string& tag,
                                   std::optional<absl::Time> time = std::nullopt) {
    return {.listed = {.fiscal_number = fiscal_number, .tag = tag, .time = time}, .ours = true};
  }
};

TEST_F(LookStoreTest, AFoundReceiptEndsTheDoubt) {
  const std::string id = Doubted("SO-1");
  const auto settled =
      SettleIt({.fiscalization_id = id, .attempts = 1, .receipt = AReceipt(kRegisterOne, "F-1")});
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_FALSE(settled->doubt);
  EXPECT_EQ(store().FindByFiscalNumber("F-1", kRegisterOne)->id, id);
  EXPECT_FALSE(store().sends().ListExchanges(id, 0, 10)->exchanges[0].unexplained);
}

TEST_F(LookStoreTest, AReceiptOfAnotherIsNotTaken) {
  FiscalizedSale("SO-0", "F-1");
  const std::string id = Doubted("SO-1");
  const auto refused =
      SettleIt({.fiscalization_id = id, .attempts = 1, .receipt = AReceipt(kRegisterOne, "F-1")});
  EXPECT_TRUE(absl::IsAlreadyExists(refused.status())) << refused.status();
  EXPECT_EQ(store().GetFiscalization(id)->state, State::kInDoubt);
}

TEST_F(LookStoreTest, WithProvenAbsenceTheNextSendIsAFirstOne) {
  const std::string id = Doubted("SO-1");
  const auto settled = SettleIt({.fiscalization_id = id, .attempts = 1, .to = State::kAccepted});
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->state, State::kAccepted);
  const auto mark = Mark(id);
  ASSERT_TRUE(mark.ok());
  EXPECT_EQ(mark->order, domain::SendOrder::kFirst);
}

TEST_F(LookStoreTest, WhatWasSentSinceItWasLookedForIsNotSettled) {
  const std::string id = Doubted("SO-1");
  const auto again = Mark(id);
  ASSERT_TRUE(again.ok());
  const DoubtSettlement absent{.fiscalization_id = id, .attempts = 1, .to = State::kAccepted};
  EXPECT_EQ(ReasonOf(SettleIt(absent).status()), Reason::kStateNotAllowed);
  ASSERT_TRUE(Settle(Ended(*again, SendEnding::kDoubt)).ok());
  EXPECT_EQ(ReasonOf(SettleIt(absent).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(store().GetFiscalization(id)->state, State::kInDoubt);
}

TEST_F(LookStoreTest, WhatItsRegisterWaitsForDoesNotLeaveTheDoubtByAbsence) {
  const std::string id = Doubted("SO-1", SendEnding::kDoubtSameTagNext);
  const auto refused = SettleIt({.fiscalization_id = id, .attempts = 1, .to = State::kAccepted});
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kStateNotAllowed);
}

TEST_F(LookStoreTest, WhatIsParkedFailsByProvenAbsenceAndIsNotPutBack) {
  const std::string id = Doubted("SO-1");
  const auto parked = Await<Fiscalization>([&](Callback<Fiscalization> done) {
    store().Park(id, AFailure(Reason::kAnswerLost), DoubtPlan(), std::move(done));
  });
  ASSERT_TRUE(parked.ok()) << parked.status();
  DoubtSettlement absent{.fiscalization_id = id, .attempts = 1, .to = State::kAccepted};
  EXPECT_EQ(ReasonOf(SettleIt(absent).status()), Reason::kStateNotAllowed);
  absent.to = State::kFailed;
  absent.failure = AFailure(Reason::kReceiptProvenAbsent, /*correction_allowed=*/true);
  const auto failed = SettleIt(absent);
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_EQ(failed->state, State::kFailed);
  EXPECT_FALSE(failed->doubt);
}

TEST_F(LookStoreTest, CountsLooksAndKeepsTheLastFinding) {
  const std::string id = Doubted("SO-1");
  for (const char* finding : {"first", "second"}) {
    ASSERT_TRUE(Await<bool>([&](Callback<bool> done) {
                  store().looks().NoteLook(id, finding, absl::FromUnixSeconds(1), std::move(done));
                }).ok());
  }
  const auto doubted = store().GetFiscalization(id);
  EXPECT_EQ(doubted->doubt->looks, 2);
  EXPECT_EQ(doubted->doubt->last_finding, "second");
}

TEST_F(LookStoreTest, KnowsReceiptsByTimeByNumberAndTheNewestBefore) {
  FiscalizedSale("SO-1", "F-1");
  FiscalizedSale("SO-2", "F-2");
  const auto all = store().looks().KnownReceipts(kRegisterOne, absl::InfinitePast(), {}, 10);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), 2);
  EXPECT_EQ((*all)[0].tag, store().FindByFiscalNumber((*all)[0].fiscal_number, kRegisterOne)->tag);
  EXPECT_EQ(store().looks().KnownReceipts(kRegisterOne, absl::FromUnixSeconds(4'000'000'000), {}, 10)->size(),
            1);
  EXPECT_EQ(store()
                .looks()
                .KnownReceipts(kRegisterOne, absl::FromUnixSeconds(4'000'000'000), {"F-1", "F-2", "F-3"}, 10)
                ->size(),
            2);
  EXPECT_TRUE(
      absl::IsOutOfRange(store().looks().KnownReceipts(kRegisterOne, absl::InfinitePast(), {}, 1).status()));
  EXPECT_TRUE(store().looks().KnownReceipts(kRegisterTwo, absl::InfinitePast(), {"F-1"}, 10)->empty());
}

TEST_F(LookStoreTest, RemembersReceiptsThatItDoesNotHaveUntilItHasThem) {
  Remember({{.listed = {.fiscal_number = "X-1", .tag = "deadbeef"}, .ours = false},
            {.listed = {.fiscal_number = "F-1", .tag = "00C0FFEE"}, .ours = true}});
  Remember({{.listed = {.fiscal_number = "X-1", .tag = "deadbeef"}, .ours = false}});
  const auto counted = store().looks().CountUnknown(kRegisterOne, absl::InfinitePast());
  EXPECT_EQ(counted->foreign, 1);
  EXPECT_EQ(counted->ours, 1);
  EXPECT_EQ(counted->since, absl::FromUnixSeconds(50));
  const auto own = store().looks().OwnUnknown(kRegisterOne);
  ASSERT_EQ(own->size(), 1);
  EXPECT_EQ(own->front().fiscal_number, "F-1");
  EXPECT_EQ(own->front().tag, "00c0ffee");
  EXPECT_TRUE(store().looks().OwnUnknown(kRegisterTwo)->empty());
  FiscalizedSale("SO-1", "F-1");
  EXPECT_EQ(store().looks().CountUnknown(kRegisterOne, absl::InfinitePast())->ours, 0);
  EXPECT_TRUE(store().looks().OwnUnknown(kRegisterOne)->empty());
  EXPECT_EQ(store().looks().CountUnknown(kRegisterOne, absl::FromUnixSeconds(51))->foreign, 0);
}

// A look had not made out its tag, and the next one does.
TEST_F(LookStoreTest, WhatWasTakenForAnothersAndIsOursIsOurs) {
  Remember({{.listed = {.fiscal_number = "F-1", .tag = ""}, .ours = false}});
  EXPECT_TRUE(Remember({OwnReceipt("F-1", "00c0ffee")}));
  ASSERT_EQ(store().looks().OwnUnknown(kRegisterOne)->size(), 1);
  EXPECT_EQ(store().looks().OwnUnknown(kRegisterOne)->front().tag, "00c0ffee");
  Remember({{.listed = {.fiscal_number = "F-1", .tag = "deadbeef"}, .ours = false}});
  EXPECT_EQ(store().looks().OwnUnknown(kRegisterOne)->front().tag, "00c0ffee");
  EXPECT_EQ(store().looks().CountUnknown(kRegisterOne, absl::InfinitePast())->foreign, 0);
}

TEST_F(LookStoreTest, AReceiptOfALostHistoryPausesTheStoreOnce) {
  const std::string waits = AcceptSale("SO-1").id;
  EXPECT_FALSE(Remember({{.listed = {.fiscal_number = "X-1", .tag = "deadbeef"}, .ours = false}}));
  EXPECT_TRUE(Remember({OwnReceipt("F-1", "00c0ffee")}));
  EXPECT_TRUE(store().ReadPause()->paused);
  EXPECT_EQ(store().GetFiscalization(waits)->state, State::kInDoubt);
  ASSERT_TRUE(Await<Adopted>([&](Callback<Adopted> done) {
                store().Adopt({.registers = {}, .principal = "Olena", .note = ""}, std::move(done));
              }).ok());
  EXPECT_FALSE(Remember({OwnReceipt("F-1", "00c0ffee")}));
  EXPECT_FALSE(store().ReadPause()->paused);
}

TEST_F(LookStoreTest, WhatWasMadeBeforeTheStoreWasAdoptedIsNoNews) {
  ASSERT_TRUE(Await<bool>([&](Callback<bool> done) { store().Pause(std::move(done)); }).ok());
  ASSERT_TRUE(Await<Adopted>([&](Callback<Adopted> done) {
                store().Adopt({.registers = {}, .principal = "Olena", .note = ""}, std::move(done));
              }).ok());
  EXPECT_FALSE(Remember({OwnReceipt("F-1", "00c0ffe1", absl::FromUnixSeconds(40))}));
  EXPECT_TRUE(Remember({OwnReceipt("F-2", "00c0ffe2", absl::FromUnixSeconds(4'000'000'000))}));
}

// A register that refused it, and made it all the same: the history is whole.
TEST_F(LookStoreTest, AReceiptThatThisStoreSentItselfDoesNotPauseIt) {
  const Fiscalization sent = AcceptSale("SO-1");
  const auto mark = Mark(sent.id);
  ASSERT_TRUE(mark.ok());
  ASSERT_TRUE(Settle(Ended(*mark, SendEnding::kRefusedDocument)).ok());
  EXPECT_FALSE(Remember({OwnReceipt("F-1", sent.tag)}));
  EXPECT_EQ(store().looks().CountUnknown(kRegisterOne, absl::InfinitePast())->ours, 1);
}

TEST_F(LookStoreTest, TellsTheNumbersOfTheNewestReceipts) {
  EXPECT_EQ(store().looks().NewestNumbers(kRegisterOne)->sale, std::nullopt);
  FiscalizedSale("SO-1", "F-1");
  FiscalizedSale("SO-2", "F-2");
  const auto newest = store().looks().NewestNumbers(kRegisterOne);
  EXPECT_EQ(newest->sale, store().FindByFiscalNumber("F-2", kRegisterOne)->receipt->local_number);
  EXPECT_EQ(newest->returned, std::nullopt);
  EXPECT_EQ(store().looks().NewestNumbers(kRegisterTwo)->sale, std::nullopt);
  // In the same second, and before the others by its fiscal number.
  domain::Receipt later = AReceipt(kRegisterOne, "A-9");
  later.local_number = 9;
  ASSERT_TRUE(SettleIt({.fiscalization_id = Doubted("SO-3"), .attempts = 1, .receipt = later}).ok());
  EXPECT_EQ(store().looks().NewestNumbers(kRegisterOne)->sale, 9);
}

TEST_F(LookStoreTest, ExpectsReceiptsOfWhatIsInDoubtAndNotOfWhatWaits) {
  const Fiscalization waits = AcceptSale("SO-1");
  const std::string doubted = store().GetFiscalization(Doubted("SO-2"))->tag;
  EXPECT_THAT(*store().looks().ExpectedTags(kRegisterOne, {waits.tag, doubted, "none"}),
              testing::ElementsAre(doubted));
  EXPECT_TRUE(store().looks().ExpectedTags(kRegisterTwo, {doubted})->empty());
}

// A listing may show it among the receipts, and not say what it is.
TEST_F(LookStoreTest, TakesNoOpeningOfAShiftForAReceiptThatItLost) {
  const Fiscalization waits = AcceptSale("SO-1");
  const auto opening = Await<MarkedSend>([&](Callback<MarkedSend> done) {
    store().sends().MarkShiftOpening({.register_fiscal_number = kRegisterOne,
                                      .integration_id = kOne,
                                      .for_fiscalization_id = waits.id,
                                      .doubts_until = clock_.Now() - absl::Minutes(5),
                                      .make_body = [](const std::string& tag) { return "open:" + tag; }},
                                     std::move(done));
  });
  ASSERT_TRUE(opening.ok()) << opening.status();
  const std::string tag = opening->permit.body().substr(5);
  EXPECT_THAT(*store().looks().ExpectedTags(kRegisterOne, {tag}), testing::ElementsAre(tag));
}

TEST_F(LookStoreTest, WhatHasItsReceiptFromALostHistoryIsDoubtedAndNotSent) {
  const Fiscalization waits = AcceptSale("SO-1");
  SeenReceipt seen{.fiscalization_id = waits.id,
                   .revision = waits.revision,
                   .tag = waits.tag,
                   .since = absl::FromUnixSeconds(1'763'000'000),
                   .why = AFailure(Reason::kStoreCopied)};
  const auto doubted = DoubtAsSeen(seen);
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  EXPECT_EQ(doubted->state, State::kInDoubt);
  EXPECT_EQ(store().HeadOfLane(kRegisterOne)->value().first_unexplained_send, seen.since);
  seen.revision = doubted->revision;
  EXPECT_EQ(ReasonOf(DoubtAsSeen(seen).status()), Reason::kStateNotAllowed);
}

// Its bytes were made from what it held when it was read.
TEST_F(LookStoreTest, WhatWasCorrectedSinceItWasReadIsNotDoubtedWithTheBytesOfBefore) {
  const Fiscalization read = AcceptSale("SO-1");
  ASSERT_TRUE(Cancel(read.id).ok());
  ASSERT_EQ(Accept(ASale("SO-1", kOne, kRegisterOne, 100))->kind, AcceptanceKind::kReplaced);
  const std::string body = *store().GetRequestBody(read.id);
  const auto doubted = DoubtAsSeen({.fiscalization_id = read.id,
                                    .revision = read.revision,
                                    .tag = "later tag",
                                    .tag_number = 3,
                                    .body = "of the content before",
                                    .since = absl::FromUnixSeconds(1'763'000'000),
                                    .why = AFailure(Reason::kStoreCopied)});
  EXPECT_EQ(ReasonOf(doubted.status()), Reason::kEtagMismatch);
  EXPECT_EQ(store().GetFiscalization(read.id)->state, State::kAccepted);
  EXPECT_EQ(*store().GetRequestBody(read.id), body);
}

TEST_F(LookStoreTest, WhatHasItsReceiptUnderALaterTagIsLookedForUnderThatOne) {
  for (const std::string& id : {AcceptSale("SO-1").id, Doubted("SO-2")}) {
    const std::string tag = "later tag of " + id;
    const SeenReceipt seen{.fiscalization_id = id,
                           .revision = store().GetFiscalization(id)->revision,
                           .tag = tag,
                           .tag_number = 3,
                           .body = "under the later tag",
                           .since = absl::FromUnixSeconds(1'763'000'000),
                           .why = AFailure(Reason::kStoreCopied)};
    const auto doubted = DoubtAsSeen(seen);
    ASSERT_TRUE(doubted.ok()) << doubted.status();
    EXPECT_EQ(doubted->state, State::kInDoubt);
    EXPECT_EQ(doubted->tag, tag);
    EXPECT_EQ(doubted->tag_number, 3);
    EXPECT_EQ(*store().GetRequestBody(id), "under the later tag");
    const auto found = SettleIt({.fiscalization_id = id,
                                 .attempts = doubted->attempts,
                                 .receipt = AReceipt(kRegisterOne, "F-" + id)});
    EXPECT_TRUE(found.ok()) << found.status();
  }
}

// It is in doubt under a later tag by now, and was not sent meanwhile.
TEST_F(LookStoreTest, WhatIsAnotherRequestSinceIsNeitherFoundNorAbsentNorResolved) {
  const std::string id = Doubted("SO-1");
  const Fiscalization sought = *store().GetFiscalization(id);
  ASSERT_TRUE(DoubtAsSeen({.fiscalization_id = id,
                           .revision = sought.revision,
                           .tag = "later tag",
                           .tag_number = 3,
                           .body = "under the later tag",
                           .since = absl::FromUnixSeconds(1'763'000'000),
                           .why = AFailure(Reason::kStoreCopied)})
                  .ok());
  DoubtSettlement settlement{.fiscalization_id = id,
                             .attempts = sought.attempts,
                             .sought = SoughtFor(sought),
                             .to = State::kAccepted};
  EXPECT_EQ(ReasonOf(SettleIt(settlement).status()), Reason::kStateNotAllowed);
  settlement.to = State::kFiscalized;
  settlement.receipt = AReceipt(kRegisterOne, "F-1");
  EXPECT_EQ(ReasonOf(SettleIt(settlement).status()), Reason::kStateNotAllowed);
  ResolutionRequest word{.fiscalization_id = id,
                         .resolution = {.outcome = domain::ResolutionOutcome::kAbsentGiveUp},
                         .attempts = sought.attempts,
                         .sought = SoughtFor(sought)};
  const auto resolve = [&] {
    return Await<Fiscalization>(
        [&](Callback<Fiscalization> done) { store().Resolve(word, std::move(done)); });
  };
  EXPECT_EQ(ReasonOf(resolve().status()), Reason::kStateNotAllowed);
  word.sought = SoughtFor(*store().GetFiscalization(id));
  EXPECT_TRUE(resolve().ok());
}

}  // namespace
}  // namespace kasa::store
