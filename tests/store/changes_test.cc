#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "tests/store/fixture.h"

// What callers and operators change while nothing is on the wire.
namespace kasa::store {
namespace {

using domain::ResolutionOutcome;
using domain::State;

class ChangesTest : public StoreTest {
 protected:
  absl::StatusOr<domain::Fiscalization> FailUnsent(const std::string& id) {
    return Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
      const auto unsent = store().GetFiscalization(id);
      store().FailUnsent(id, unsent.ok() ? unsent->revision : 0, AFailure(Reason::kDocumentDatePassed, true),
                         std::move(done));
    });
  }

  absl::StatusOr<domain::Fiscalization> Note(const std::string& id, Reason reason,
                                             std::optional<absl::Time> until) {
    return Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
      store().NoteWaiting(id, AFailure(reason), until, std::move(done));
    });
  }

  // One sale in each state; SENDING on the second register, so that the first one's wire is free.
  std::map<State, std::string> OneOfEach() {
    std::map<State, std::string> ids;
    ids[State::kFiscalized] = FiscalizedSale("SO-1", "TEST_1").id;
    ids[State::kFailed] = FailedSale("SO-2", false).id;
    ids[State::kInDoubt] = SaleInDoubt("SO-3").id;
    ids[State::kCancelled] = Cancel(AcceptSale("SO-4").id)->id;
    ids[State::kAccepted] = AcceptSale("SO-5").id;
    EXPECT_TRUE(Accept(ASale("SO-6", kTwo, kRegisterTwo)).ok());
    EXPECT_TRUE(Mark("f-SO-6").ok());
    ids[State::kSending] = "f-SO-6";
    return ids;
  }
};

TEST_F(ChangesTest, EachChangeIsForItsStatesOnly) {
  const std::map<State, std::string> ids = OneOfEach();
  const struct {
    const char* name;
    std::function<absl::Status(const std::string&)> change;
    std::vector<State> allowed;
  } cases[] = {
      {"cancel", [&](const std::string& id) { return Cancel(id).status(); }, {State::kAccepted}},
      {"fail unsent", [&](const std::string& id) { return FailUnsent(id).status(); }, {State::kAccepted}},
      {"retry",
       [&](const std::string& id) { return RetryIt(id).status(); },
       {State::kFailed, State::kCancelled}},
      {"resolve",
       [&](const std::string& id) { return ResolveIt(id, ResolutionOutcome::kAbsentGiveUp).status(); },
       {State::kInDoubt}},
      {"note waiting",
       [&](const std::string& id) { return Note(id, Reason::kRegisterBlocked, std::nullopt).status(); },
       {State::kAccepted, State::kInDoubt}},
  };
  for (const auto& given : cases) {
    for (const auto& [state, id] : ids) {
      SCOPED_TRACE(std::string(given.name) + " " + std::string(domain::NameOf(state)));
      if (std::find(given.allowed.begin(), given.allowed.end(), state) != given.allowed.end()) continue;
      const int64_t before = store().GetFiscalization(id)->revision;
      const absl::Status refused = given.change(id);
      EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
      const bool cancel_in_doubt = std::string(given.name) == "cancel" && state == State::kInDoubt;
      EXPECT_EQ(ReasonOf(refused), cancel_in_doubt ? Reason::kInDoubtReconciling : Reason::kStateNotAllowed);
      EXPECT_EQ(FactsOf(refused)["state"], domain::NameOf(state));
      EXPECT_EQ(store().GetFiscalization(id)->revision, before);
    }
  }
  for (const auto& given : cases) {
    EXPECT_EQ(ReasonOf(given.change("nobody")), Reason::kFiscalizationNotFound) << given.name;
  }
}

TEST_F(ChangesTest, AnOldEtagIsRefused) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::Status refused = Cancel(sale.id, sale.revision + 1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(refused), Reason::kEtagMismatch);
  EXPECT_EQ(Cancel(sale.id, sale.revision)->state, State::kCancelled);
}

// What its lane would fail may have other content by now.
TEST_F(ChangesTest, OnlyWhatWasReadFailsUnsent) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  ASSERT_TRUE(Cancel(sale.id).ok());
  ASSERT_EQ(Accept(ASale("SO-1", kOne, kRegisterOne, 100))->kind, AcceptanceKind::kReplaced);
  const auto failed = Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
    store().FailUnsent(sale.id, sale.revision, AFailure(Reason::kRegisterRefused, false), std::move(done));
  });
  EXPECT_EQ(ReasonOf(failed.status()), Reason::kEtagMismatch);
  EXPECT_EQ(store().GetFiscalization(sale.id)->state, State::kAccepted);
}

TEST_F(ChangesTest, TheDayIsOverForWhatWaits) {
  const domain::Fiscalization failed = *FailUnsent(AcceptSale("SO-1").id);
  EXPECT_EQ(failed.state, State::kFailed);
  EXPECT_EQ(failed.failure->reason, Reason::kDocumentDatePassed);
  EXPECT_TRUE(failed.failure->correction_allowed);
}

TEST_F(ChangesTest, AnotherReasonToWaitIsAChangeAndAnotherTimeIsNot) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::Time soon = clock_.Now() + absl::Seconds(5);
  const domain::Fiscalization noted = *Note(sale.id, Reason::kRegisterBlocked, soon);
  EXPECT_EQ(noted.state, State::kAccepted);
  EXPECT_EQ(noted.failure->reason, Reason::kRegisterBlocked);
  EXPECT_EQ(noted.next_attempt_time, soon);
  EXPECT_EQ(noted.revision, sale.revision + 1);
  EXPECT_GT(noted.change_sequence, sale.change_sequence);

  const domain::Fiscalization later = *Note(sale.id, Reason::kRegisterBlocked, soon + absl::Seconds(5));
  EXPECT_EQ(later.revision, noted.revision);
  EXPECT_EQ(store().GetFiscalization(sale.id)->next_attempt_time, soon + absl::Seconds(5));
}

TEST_F(ChangesTest, ARetryGoesToTheEndOfTheLaneWithTheSameTagAndNewBytes) {
  const domain::Fiscalization failed = FailedSale("SO-1", false);
  const domain::Fiscalization other = AcceptSale("SO-2");
  const domain::Fiscalization retried = *RetryIt(failed.id, "priced anew");
  EXPECT_EQ(retried.state, State::kAccepted);
  EXPECT_EQ(retried.tag, failed.tag);
  EXPECT_FALSE(retried.failure.has_value());
  EXPECT_GT(retried.lane_position, other.lane_position);
  EXPECT_EQ((*store().HeadOfLane(kRegisterOne))->fiscalization.id, other.id);
  ASSERT_TRUE(Cancel(other.id).ok());
  EXPECT_EQ(Mark(failed.id)->permit.body(), "priced anew");
}

// Prepared from content that was corrected since, its receipt would be another document's.
TEST_F(ChangesTest, ARetryIsOfTheContentThatItWasPreparedFrom) {
  const domain::Fiscalization failed = FailedSale("SO-1", true);
  ASSERT_EQ(Accept(ASale("SO-1", kOne, kRegisterOne, 100))->kind, AcceptanceKind::kReplaced);
  const domain::Fiscalization corrected = *Cancel(failed.id);
  Retry late{.fiscalization_id = failed.id,
             .prepared_revision = failed.revision,
             .draft = failed.draft,
             .request_body = "of the content before"};
  const auto refused = Await<domain::Fiscalization>(
      [&](Callback<domain::Fiscalization> done) { store().RetryFailed(std::move(late), std::move(done)); });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kEtagMismatch);
  const domain::Fiscalization now = *store().GetFiscalization(failed.id);
  EXPECT_EQ(now.state, State::kCancelled);
  EXPECT_EQ(now.draft, corrected.draft);
  EXPECT_NE(*store().GetRequestBody(failed.id), "of the content before");
}

TEST_F(ChangesTest, ARetryNeedsAnIntegrationThatTakesWork) {
  const domain::Fiscalization failed = FailedSale("SO-1", false);
  ASSERT_TRUE(Change(kOne, [](IntegrationRecord& record) { record.integration.active = false; }).ok());
  EXPECT_EQ(ReasonOf(RetryIt(failed.id).status()), Reason::kIntegrationInactive);
}

TEST_F(ChangesTest, AnOperatorFindsTheReceipt) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  const domain::Fiscalization resolved =
      *ResolveIt(sale.id, ResolutionOutcome::kReceiptExists, AReceipt(kRegisterOne, "TEST_9"));
  EXPECT_EQ(resolved.state, State::kFiscalized);
  EXPECT_EQ(resolved.receipt->fiscal_number, "TEST_9");
  EXPECT_EQ(resolved.resolution->principal, "olena");
  EXPECT_EQ(store().GetFiscalization(sale.id)->resolution, resolved.resolution);
  EXPECT_FALSE(store().sends().ListExchanges(sale.id, 0, 10)->exchanges[0].unexplained);
}

TEST_F(ChangesTest, AnOperatorCanNotGiveAReceiptToTwo) {
  FiscalizedSale("SO-1", "TEST_9");
  const domain::Fiscalization sale = SaleInDoubt("SO-2");
  EXPECT_EQ(
      ResolveIt(sale.id, ResolutionOutcome::kReceiptExists, AReceipt(kRegisterOne, "TEST_9")).status().code(),
      absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(store().GetFiscalization(sale.id)->state, State::kInDoubt);
}

TEST_F(ChangesTest, AnOperatorSaysAbsentAndItIsSentAsAFirstSend) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  const domain::Fiscalization behind = AcceptSale("SO-2");
  const domain::Fiscalization resolved = *ResolveIt(sale.id, ResolutionOutcome::kAbsentSend);
  EXPECT_EQ(resolved.state, State::kAccepted);
  EXPECT_EQ((*store().HeadOfLane(kRegisterOne))->fiscalization.id, sale.id) << "it keeps its place";
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  EXPECT_EQ(mark->order, domain::SendOrder::kFirst);
  EXPECT_EQ(mark->permit.body(), ASale("SO-1", kOne, kRegisterOne).request_body);
  EXPECT_EQ(mark->fiscalization.tag, sale.tag);
}

TEST_F(ChangesTest, AnOperatorsWordEndsWhatTheRegisterAskedForAgain) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  ASSERT_TRUE(Settle(Ended(*Mark(sale.id), domain::SendEnding::kDoubtSameTagNext)).ok());
  ASSERT_TRUE((*store().HeadOfLane(kRegisterOne))->bound_to_tag);
  ASSERT_TRUE(ResolveIt(sale.id, ResolutionOutcome::kAbsentSend).ok());
  ASSERT_TRUE(Settle(Ended(*Mark(sale.id), domain::SendEnding::kDoubt)).ok());
  EXPECT_FALSE((*store().HeadOfLane(kRegisterOne))->bound_to_tag);
}

TEST_F(ChangesTest, AnOperatorGivesUpAndOtherContentMayCome) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  const domain::Fiscalization resolved = *ResolveIt(sale.id, ResolutionOutcome::kAbsentGiveUp);
  EXPECT_EQ(resolved.state, State::kFailed);
  EXPECT_EQ(resolved.failure->reason, Reason::kGivenUpByOperator);
  EXPECT_EQ(Accept(ASale("SO-1", kOne, kRegisterOne, 3))->kind, AcceptanceKind::kReplaced);
}

// The sequence orders all changes of the store, whatever they are.
TEST_F(ChangesTest, EveryChangeHasANumberOfItsOwn) {
  int64_t last = 0;
  const auto risen = [&last](const domain::Fiscalization& changed) {
    const bool yes = changed.change_sequence > last;
    last = changed.change_sequence;
    return yes;
  };
  EXPECT_TRUE(risen(AcceptSale("SO-1")));
  EXPECT_TRUE(risen(AcceptSale("SO-2")));
  EXPECT_TRUE(risen(*Cancel("f-SO-2")));
  const absl::StatusOr<MarkedSend> mark = Mark("f-SO-1");
  EXPECT_TRUE(risen(mark->fiscalization));
  EXPECT_TRUE(risen(*Settle(Ended(*mark, domain::SendEnding::kDoubt))));
  EXPECT_TRUE(risen(*RetryIt("f-SO-2")));
  EXPECT_TRUE(risen(*ResolveIt("f-SO-1", ResolutionOutcome::kAbsentGiveUp)));
  Reopen();
  EXPECT_TRUE(risen(AcceptSale("SO-3")));
}

// --- a doubt

TEST_F(ChangesTest, ADoubtIsKnownSinceItsFirstSendThatEndedSo) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  ASSERT_TRUE(doubted.doubt.has_value());
  const absl::Time since = clock_.Now();
  EXPECT_EQ(doubted.doubt->since, since);
  EXPECT_FALSE(doubted.doubt->next_step.has_value());
  clock_.Advance(absl::Minutes(3));
  absl::StatusOr<MarkedSend> again = Mark(doubted.id);
  ASSERT_TRUE(again.ok());
  const absl::StatusOr<domain::Fiscalization> still = Settle(Ended(*again, domain::SendEnding::kDoubt));
  EXPECT_EQ(still->doubt->since, since);
  ASSERT_TRUE(ResolveIt(doubted.id, ResolutionOutcome::kAbsentSend).ok());
  EXPECT_FALSE(store().GetFiscalization(doubted.id)->doubt.has_value());
}

TEST_F(ChangesTest, WhatComesNextAboutADoubtIsKeptWithoutANewRevision) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  const DoubtPlan plan{.next_step = domain::DoubtStep::kSendAgain,
                       .next_step_time = clock_.Now() + absl::Seconds(120),
                       .resolvable_time = clock_.Now() + absl::Seconds(110)};
  const auto note = [&](const std::string& id, const domain::Failure& why) {
    return Await<domain::Fiscalization>(
        [&](Callback<domain::Fiscalization> done) { store().NoteDoubt(id, why, plan, std::move(done)); });
  };
  ASSERT_TRUE(note(doubted.id, *doubted.failure).ok());
  Reopen();
  const domain::Fiscalization read = *store().GetFiscalization(doubted.id);
  EXPECT_EQ(read.revision, doubted.revision);
  EXPECT_EQ(read.next_attempt_time, plan.next_step_time);
  EXPECT_EQ(read.doubt->resolvable_time, plan.resolvable_time);
  EXPECT_EQ(read.doubt->next_step, domain::DoubtStep::kSendAgain);
  EXPECT_EQ(note(doubted.id, AFailure(Reason::kTagMemoryUnproven))->revision, doubted.revision + 1);
  EXPECT_EQ(ReasonOf(note(AcceptSale("SO-2").id, *doubted.failure).status()), Reason::kStateNotAllowed);
}

// A history that this store lost made its receipt, under a later tag than it has here.
TEST_F(ChangesTest, WhatHasAReceiptFromALostHistoryIsNeitherCancelledNorFailed) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const std::string id = sale.id;
  const std::string tag = domain::TagFor(TestInstallation(), sale.key, 3);
  ASSERT_TRUE(Await<bool>([&](Callback<bool> done) {
                store().looks().RememberUnknown(
                    kRegisterOne, {{.listed = {.fiscal_number = "TEST_9", .tag = tag}, .ours = true}},
                    clock_.Now(), std::move(done));
              }).ok());
  // That pauses the store, which puts it in doubt; what is accepted from then on waits.
  const std::string later = AcceptSale("SO-2").id;
  const domain::Fiscalization of_later = *store().GetFiscalization(later);
  ASSERT_TRUE(Await<bool>([&](Callback<bool> done) {
                store().looks().RememberUnknown(
                    kRegisterOne,
                    {{.listed = {.fiscal_number = "TEST_8",
                                 .tag = domain::TagFor(TestInstallation(), of_later.key, 3)},
                      .ours = true}},
                    clock_.Now(), std::move(done));
              }).ok());
  ASSERT_EQ(store().GetFiscalization(later)->state, State::kAccepted);
  EXPECT_EQ(ReasonOf(Cancel(later).status()), Reason::kInDoubtReconciling);
  EXPECT_EQ(ReasonOf(FailUnsent(later).status()), Reason::kInDoubtReconciling);
  EXPECT_EQ(store().GetFiscalization(later)->state, State::kAccepted);
  EXPECT_EQ(Cancel(AcceptSale("SO-3").id)->state, State::kCancelled) << "another document";
  EXPECT_EQ(ReasonOf(Cancel(id).status()), Reason::kInDoubtReconciling);
}

}  // namespace
}  // namespace kasa::store
