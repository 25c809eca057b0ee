#include "server/store/change_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "tests/store/fixture.h"

// What those who watch read: every change of state once, in order, each as it was.
namespace kasa::store {
namespace {

using domain::State;
using testing::ElementsAre;
using testing::IsEmpty;

class ChangeHistoryTest : public StoreTest {
 protected:
  // "SO-1 ACCEPTED" for each change after `sequence`, read `limit` at a time.
  std::vector<std::string> TellAfter(int64_t sequence, int limit = 100) {
    std::vector<std::string> told;
    while (true) {
      const absl::StatusOr<ChangePage> page = store().changes().After(sequence, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const StateChange& change : page->changes) {
        EXPECT_GT(change.sequence, sequence);
        EXPECT_EQ(change.fiscalization.change_sequence, change.sequence);
        sequence = change.sequence;
        told.push_back(absl::StrCat(change.fiscalization.key.document_id, " ",
                                    domain::NameOf(change.fiscalization.state)));
      }
      sequence = page->read_through;
      if (page->at_end) return told;
    }
  }

  std::vector<StateChange> AllChanges() { return store().changes().After(0, 1000)->changes; }

  int64_t Trim(HistoryBounds bounds, int limit) {
    return *Await<int64_t>(
        [&](Callback<int64_t> done) { store().changes().Trim(bounds, limit, std::move(done)); });
  }
};

// A batch of 256 big documents would be 1 GB.
TEST_F(ChangeHistoryTest, APageOfBigDocumentsEndsEarlyAndIsNotTheEnd) {
  std::vector<std::string> all;
  for (int i = 10; i < 20; ++i) {
    ASSERT_TRUE(Accept(ABigSale(absl::StrCat("SO-", i))).ok());
    all.push_back(absl::StrCat("SO-", i, " ACCEPTED"));
  }
  const absl::StatusOr<ChangePage> page = store().changes().After(0, 256);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->changes.size(), 5u);
  EXPECT_EQ(page->read_through, page->changes.back().sequence);
  EXPECT_FALSE(page->at_end);
  EXPECT_EQ(TellAfter(0, 256), all);
}

TEST_F(ChangeHistoryTest, TellsEveryChangeOfStateInOrder) {
  EXPECT_THAT(TellAfter(0), IsEmpty());
  FiscalizedSale("SO-1", "TEST_1");
  const domain::Fiscalization failed = FailedSale("SO-2", false);
  ASSERT_TRUE(RetryIt(failed.id).ok());
  ASSERT_TRUE(Cancel(failed.id).ok());
  SaleInDoubt("SO-3");
  const std::vector<std::string> all = {"SO-1 ACCEPTED", "SO-1 SENDING", "SO-1 FISCALIZED", "SO-2 ACCEPTED",
                                        "SO-2 SENDING",  "SO-2 FAILED",  "SO-2 ACCEPTED",   "SO-2 CANCELLED",
                                        "SO-3 ACCEPTED", "SO-3 SENDING", "SO-3 IN_DOUBT"};
  for (const int limit : {1, 2, 3, 100}) EXPECT_EQ(TellAfter(0, limit), all) << limit;
  // From every point on: what is left, and nothing twice.
  const std::vector<StateChange> changes = AllChanges();
  for (size_t i = 0; i < changes.size(); ++i) {
    const std::vector<std::string> rest(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end());
    EXPECT_EQ(TellAfter(changes[i].sequence, 2), rest);
  }
}

TEST_F(ChangeHistoryTest, AnotherReasonToWaitIsNoChangeOfState) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const auto noted = Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
    store().NoteWaiting(sale.id, AFailure(Reason::kRegisterBlocked), std::nullopt, std::move(done));
  });
  ASSERT_TRUE(noted.ok());
  EXPECT_GT(noted->change_sequence, sale.change_sequence);
  EXPECT_THAT(TellAfter(0), ElementsAre("SO-1 ACCEPTED"));
  EXPECT_THAT(TellAfter(0, 1), ElementsAre("SO-1 ACCEPTED"));
}

TEST_F(ChangeHistoryTest, EachChangeIsToldAsItWas) {
  const domain::Fiscalization failed = FailedSale("SO-1", true);
  clock_.Advance(absl::Hours(1));
  // Other content, through the other integration, takes its place and is fiscalized.
  ASSERT_TRUE(Accept(ASale("SO-1", kTwo, kRegisterTwo, 1)).ok());
  absl::StatusOr<MarkedSend> mark = Mark(failed.id);
  ASSERT_TRUE(mark.ok()) << mark.status();
  Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterTwo, "TEST_1");
  ASSERT_TRUE(Settle(settlement).ok());

  const std::vector<StateChange> changes = AllChanges();
  ASSERT_EQ(changes.size(), 6);
  const domain::Fiscalization& was_failed = changes[2].fiscalization;
  EXPECT_EQ(was_failed.state, State::kFailed);
  EXPECT_EQ(was_failed.failure, failed.failure);
  EXPECT_EQ(was_failed.integration_id, kOne);
  EXPECT_EQ(was_failed.attempts, 1);
  EXPECT_EQ(was_failed.revision, failed.revision);
  EXPECT_EQ(was_failed.update_time, failed.update_time);
  EXPECT_FALSE(was_failed.receipt.has_value());
  EXPECT_EQ(changes[3].fiscalization.state, State::kAccepted);
  EXPECT_FALSE(changes[3].fiscalization.failure.has_value());
  EXPECT_EQ(changes[3].fiscalization.integration_id, kTwo);
  EXPECT_EQ(changes[5].fiscalization.receipt->fiscal_number, "TEST_1");
  EXPECT_EQ(changes[5].fiscalization.attempts, 2);
  EXPECT_GE(changes[3].fiscalization.update_time, was_failed.update_time + absl::Hours(1));
}

TEST_F(ChangeHistoryTest, AResolutionIsToldFromItsChangeOn) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  clock_.Advance(absl::Minutes(5));
  ASSERT_TRUE(ResolveIt(doubted.id, domain::ResolutionOutcome::kAbsentGiveUp).ok());
  const std::vector<StateChange> changes = AllChanges();
  ASSERT_EQ(changes.size(), 4);
  EXPECT_EQ(changes[2].fiscalization.state, State::kInDoubt);
  EXPECT_FALSE(changes[2].fiscalization.resolution.has_value());
  EXPECT_EQ(changes[3].fiscalization.state, State::kFailed);
  EXPECT_TRUE(changes[3].fiscalization.resolution.has_value());
}

TEST_F(ChangeHistoryTest, WhatIsRefusedLeavesNoGapAndNoTrace) {
  const domain::Fiscalization sale = FiscalizedSale("SO-1", "TEST_1");
  const int64_t last = store().changes().GetHistory()->last;
  EXPECT_FALSE(Cancel(sale.id).ok());
  EXPECT_FALSE(RetryIt(sale.id).ok());
  EXPECT_EQ(store().changes().GetHistory()->last, last);
  AcceptSale("SO-2");
  EXPECT_EQ(store().changes().GetHistory()->last, last + 1);
}

TEST_F(ChangeHistoryTest, WhatIsTooOldIsTrimmedInSmallSteps) {
  FiscalizedSale("SO-1", "TEST_1");
  clock_.Advance(absl::Hours(2));
  FiscalizedSale("SO-2", "TEST_2");
  const HistoryBounds an_hour{.age = absl::Hours(1), .most = 1000};
  EXPECT_EQ(Trim(an_hour, 2), 2);
  EXPECT_EQ(Trim(an_hour, 2), 1);
  EXPECT_EQ(Trim(an_hour, 2), 0);
  EXPECT_EQ(store().changes().GetHistory()->trimmed_through, 3);
  EXPECT_THAT(TellAfter(3), ElementsAre("SO-2 ACCEPTED", "SO-2 SENDING", "SO-2 FISCALIZED"));
  const absl::Status expired = store().changes().After(2, 10).status();
  EXPECT_EQ(expired.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(expired), Reason::kCursorExpired);
}

TEST_F(ChangeHistoryTest, NoMoreThanSoManyAreKept) {
  for (int i = 0; i < 10; ++i) AcceptSale(absl::StrCat("SO-", i));
  EXPECT_EQ(Trim({.age = absl::Hours(1), .most = 4}, 100), 6);
  EXPECT_THAT(TellAfter(6), ElementsAre("SO-6 ACCEPTED", "SO-7 ACCEPTED", "SO-8 ACCEPTED", "SO-9 ACCEPTED"));
  // All of them gone, numbers go on and the end is still known.
  EXPECT_EQ(Trim({.age = absl::Hours(1), .most = 0}, 100), 4);
  Reopen();
  EXPECT_EQ(store().changes().GetHistory()->trimmed_through, 10);
  EXPECT_THAT(TellAfter(10), IsEmpty());
  AcceptSale("SO-10");
  EXPECT_THAT(TellAfter(10), ElementsAre("SO-10 ACCEPTED"));
  EXPECT_EQ(ReasonOf(store().changes().After(9, 10).status()), Reason::kCursorExpired);
}

TEST_F(ChangeHistoryTest, APlaceThatTheStoreHasNotReachedIsOfAnotherPast) {
  AcceptSale("SO-1");
  EXPECT_EQ(ReasonOf(store().changes().After(2, 10).status()), Reason::kCursorExpired);
}

TEST_F(ChangeHistoryTest, TheListenerIsToldAfterEachCommitAndNotAfterItWasTakenBack) {
  std::atomic<int> told = 0;
  int64_t seen = -1;
  store().changes().SetListener([&] {
    ++told;
    seen = store().changes().GetHistory()->last;
  });
  AcceptSale("SO-1");
  EXPECT_EQ(told, 1);
  EXPECT_EQ(seen, 1) << "what is told of is committed";
  store().changes().SetListener({});
  AcceptSale("SO-2");
  EXPECT_EQ(told, 1);
}

// Eight callers at once, and a reader that follows: it misses nothing and sees each number once.
TEST_F(ChangeHistoryTest, AReaderThatFollowsSeesEachChangeOnceWhileManyWrite) {
  constexpr int kCallers = 8;
  constexpr int kSales = 50;
  std::vector<std::thread> callers;
  callers.reserve(kCallers);
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([this, caller] {
      for (int i = 0; i < kSales; ++i) AcceptSale(absl::StrCat("SO-", caller, "-", i));
    });
  }
  int64_t position = 0;
  int64_t seen = 0;
  while (seen < int64_t{kCallers} * kSales) {
    const absl::StatusOr<ChangePage> page = store().changes().After(position, 7);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const StateChange& change : page->changes) {
      ASSERT_EQ(change.sequence, ++seen);
    }
    position = page->read_through;
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(store().changes().After(position, 7)->at_end);
}

}  // namespace
}  // namespace kasa::store
