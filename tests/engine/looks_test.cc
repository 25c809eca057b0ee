#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Doubt that is settled by looking into the register's listings, whatever they look like. The register
// forgets every tag at once, so that each request that is sent again without need makes a second receipt.
namespace kasa::engine {
namespace {

using domain::State;
using domain::TagMemory;
using simulator::CheckTask;
using simulator::Fault;
using simulator::FaultKind;
using simulator::ListingEnvelope;
using simulator::ListingNames;
using simulator::ListingPages;
using simulator::ListingState;
using simulator::ListingTags;
using simulator::ListingTasks;
using simulator::Switches;

struct Listing {
  const char* name;
  std::function<void(Switches&)> set;
  bool finds;        // a receipt that was made is found
  bool proves_none;  // that none was made is proven
};

std::vector<Listing> Listings() {
  return {
      {"as the device manager's", [](Switches&) {}, true, true},
      {"other names", [](Switches& s) { s.listing_names = ListingNames::kCloud; }, true, true},
      {"short names", [](Switches& s) { s.listing_names = ListingNames::kShort; }, true, true},
      {"without totals", [](Switches& s) { s.listing_envelope = ListingEnvelope::kNoTotals; }, true, true},
      {"bare arrays", [](Switches& s) { s.listing_envelope = ListingEnvelope::kArray; }, true, true},
      {"pages of ten", [](Switches& s) { s.listing_pages = ListingPages::kSmall; }, true, true},
      {"every page is the first, and totals tell",
       [](Switches& s) { s.listing_pages = ListingPages::kIgnored; }, true, true},
      {"every page is the first, and nothing tells",
       [](Switches& s) {
         s.listing_pages = ListingPages::kIgnored;
         s.listing_envelope = ListingEnvelope::kArray;
       },
       true, false},
      {"pages counted from 0", [](Switches& s) { s.listing_pages = ListingPages::kFromZero; }, false, false},
      {"pages counted from 0, without totals",
       [](Switches& s) {
         s.listing_pages = ListingPages::kFromZero;
         s.listing_envelope = ListingEnvelope::kArray;
       },
       false, false},
      {"no tags, and check-task answers", [](Switches& s) { s.listing_tags = ListingTags::kOmitted; }, true,
       true},
      {"no tags, and no check-task",
       [](Switches& s) {
         s.listing_tags = ListingTags::kOmitted;
         s.check_task = CheckTask::kNotFound;
       },
       false, true},
      {"tags of its own, and check-task answers", [](Switches& s) { s.listing_tags = ListingTags::kOther; },
       true, true},
      {"tags of its own, and no check-task",
       [](Switches& s) {
         s.listing_tags = ListingTags::kOther;
         s.check_task = CheckTask::kNotFound;
       },
       false, true},
      {"types of its own, tags, and check-task", [](Switches& s) { s.listing_tasks = ListingTasks::kZero; },
       true, true},
      {"types of its own, no tags, and no check-task",
       [](Switches& s) {
         s.listing_tasks = ListingTasks::kZero;
         s.listing_tags = ListingTags::kOmitted;
         s.check_task = CheckTask::kNotFound;
       },
       false, true},
      {"neither tasks nor tags, and check-task answers",
       [](Switches& s) {
         s.listing_tasks = ListingTasks::kOmitted;
         s.listing_tags = ListingTags::kOmitted;
       },
       true, true},
      {"check-task contradicts, and no tags",
       [](Switches& s) {
         s.listing_tags = ListingTags::kOmitted;
         s.status_omits_numbers = true;
         s.check_task = CheckTask::kWrong;
       },
       false, true},
      {"check-task contradicts", [](Switches& s) { s.check_task = CheckTask::kWrong; }, false, true},
      {"no check-task", [](Switches& s) { s.check_task = CheckTask::kNotFound; }, true, true},
      {"late by one look",
       [](Switches& s) {
         s.listing_state = ListingState::kLate;
         s.listing_late_by = 3;
       },
       true, true},
      {"late for ever",
       [](Switches& s) {
         s.listing_state = ListingState::kLate;
         s.listing_late_by = 100000;
       },
       false, false},
      {"always empty", [](Switches& s) { s.listing_state = ListingState::kEmpty; }, false, false},
      {"not to be read", [](Switches& s) { s.listing_state = ListingState::kUnreadable; }, false, false},
      {"not there", [](Switches& s) { s.listing_state = ListingState::kNotFound; }, false, false},
      {"a row of other fields", [](Switches& s) { s.listing_odd_row = true; }, true, false},
      {"shifts without times", [](Switches& s) { s.listing_omits_times = true; }, true, false},
      {"no last numbers in the status", [](Switches& s) { s.status_omits_numbers = true; }, true, true},
      {"no time of opening in the status", [](Switches& s) { s.status_omits_shift_dt = true; }, true, true},
      {"numbers of the whole register",
       [](Switches& s) {
         s.docno_scope = simulator::DocnoScope::kRegister;
         s.listing_names = ListingNames::kShort;
       },
       true, true},
  };
}

Fault Lost(const std::string& fisid, bool made) {
  Fault fault{.kind = FaultKind::kCutAfterBody, .committed = made};
  fault.task = 1;
  fault.fisid = fisid;
  return fault;
}

std::string FisidOf(size_t i) {
  return std::to_string(4000000001 + i);
}

// A register for each kind of listing. Each has made a receipt before, and then answers nothing to a sale.
class LookingRun {
 public:
  LookingRun(TagMemory assumed, simulator::TagMemory memory, bool made) : listings_(Listings()) {
    gateway_ = std::make_unique<EngineOnSimulator>(EngineOnSimulator::Options{
        .tag_memory = assumed, .registers = static_cast<int>(listings_.size()), .scale = 1.0 / 100});
    for (size_t i = 0; i < listings_.size(); ++i) {
      EXPECT_TRUE(gateway_->cloud()
                      .WithRegister(FisidOf(i),
                                    [&](simulator::Register& one) {
                                      one.switches().tag_memory = memory;
                                      listings_[i].set(one.switches());
                                    })
                      .ok());
      const int at = static_cast<int>(i) + 1;
      EXPECT_TRUE(gateway_->Fiscalize(gateway_->Sale(absl::StrCat("first-", at), 1000, at)).ok());
      EXPECT_TRUE(gateway_->cloud().AddFault(Lost(FisidOf(i), made)).ok());
    }
    for (size_t i = 0; i < listings_.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      const auto accepted =
          gateway_->Fiscalize(gateway_->Sale(absl::StrCat("doubted-", at), 4500, at), absl::ZeroDuration());
      EXPECT_TRUE(accepted.ok()) << accepted.status();
      ids_.push_back(accepted.ok() ? accepted->fiscalization->id : "");
    }
  }

  size_t size() const { return listings_.size(); }
  const Listing& listing(size_t i) const { return listings_[i]; }
  EngineOnSimulator& gateway() { return *gateway_; }
  const std::string& id(size_t i) const { return ids_[i]; }

  std::vector<simulator::LedgerEntry> ReceiptsOf(size_t i) const {
    std::vector<simulator::LedgerEntry> receipts;
    for (auto& entry : gateway_->Receipts()) {
      if (entry.fisid == FisidOf(i) && entry.receipt.sum == 4500) receipts.push_back(entry);
    }
    return receipts;
  }

  void ExpectOneReceipt(size_t i) {
    const auto settled = gateway_->Get(ids_[i], absl::Seconds(60));
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_EQ(settled->state, State::kFiscalized)
        << (settled->failure ? settled->failure->message : "no failure told");
    const auto receipts = ReceiptsOf(i);
    ASSERT_EQ(receipts.size(), 1);
    ASSERT_TRUE(settled->receipt);
    EXPECT_EQ(settled->receipt->fiscal_number, receipts[0].fiscal_number);
  }

  void ExpectDoubt(size_t i, size_t receipts) {
    const bool looked = gateway_->AwaitThat([&] {
      const auto now = gateway_->Get(ids_[i]);
      return now.ok() && now->doubt && now->doubt->looks >= 3;
    });
    const auto doubted = gateway_->Get(ids_[i]);
    ASSERT_TRUE(doubted.ok());
    EXPECT_TRUE(looked) << domain::NameOf(doubted->state);
    EXPECT_EQ(doubted->state, State::kInDoubt);
    EXPECT_EQ(doubted->attempts, 1);
    EXPECT_EQ(ReceiptsOf(i).size(), receipts);
  }

 private:
  std::vector<Listing> listings_;
  std::unique_ptr<EngineOnSimulator> gateway_;
  std::vector<std::string> ids_;
};

TEST(Looking, FindsTheReceiptThatWasMadeWhereTheListingTellsIt) {
  LookingRun run(TagMemory::kUnproven, simulator::TagMemory::kNone, /*made=*/true);
  for (size_t i = 0; i < run.size(); ++i) {
    SCOPED_TRACE(run.listing(i).name);
    if (run.listing(i).finds) {
      run.ExpectOneReceipt(i);
    } else {
      run.ExpectDoubt(i, 1);
    }
  }
  EXPECT_TRUE(run.gateway().cloud().Violations().empty());
}

TEST(Looking, ProvesThatNoneWasMadeAndSendsItThen) {
  LookingRun run(TagMemory::kUnproven, simulator::TagMemory::kNone, /*made=*/false);
  for (size_t i = 0; i < run.size(); ++i) {
    SCOPED_TRACE(run.listing(i).name);
    if (run.listing(i).proves_none) {
      run.ExpectOneReceipt(i);
      EXPECT_EQ(run.gateway().Get(run.id(i))->attempts, 2);
    } else {
      run.ExpectDoubt(i, 0);
    }
  }
  EXPECT_TRUE(run.gateway().cloud().Violations().empty());
}

class LookingBesideTagMemory : public testing::TestWithParam<bool> {};

TEST_P(LookingBesideTagMemory, LeavesToTheTagMemoryWhatItCantTell) {
  for (const auto& [assumed, memory] : {std::pair{TagMemory::kSameShift, simulator::TagMemory::kShift},
                                        std::pair{TagMemory::kForever, simulator::TagMemory::kForever}}) {
    LookingRun run(assumed, memory, GetParam());
    for (size_t i = 0; i < run.size(); ++i) {
      SCOPED_TRACE(run.listing(i).name);
      if (absl::StrContains(run.listing(i).name, "check-task contradicts")) continue;
      run.ExpectOneReceipt(i);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(MadeOrNot, LookingBesideTagMemory, testing::Bool());

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
  ASSERT_TRUE(gateway.cloud().AddFault(Lost(EngineOnSimulator::kFisid, /*made=*/false)).ok());
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
  absl::Status refused;
  EXPECT_TRUE(gateway.AwaitThat([&] {
    const auto resolved = gateway.Resolve(word);
    refused = resolved.status();
    return resolved.ok();
  })) << refused;
  EXPECT_TRUE(gateway.store().ReadPause()->paused);
  EXPECT_EQ(gateway.Get(id)->state, State::kFiscalized);
}

TEST(LostHistory, IsNotSuspectedForWhatOthersMadeOrWhatIsInDoubt) {
  EngineOnSimulator gateway({.tag_memory = TagMemory::kUnproven});
  const auto first = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(gateway.cloud().AddFault(Lost(EngineOnSimulator::kFisid, /*made=*/true)).ok());
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
