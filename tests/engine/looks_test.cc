#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Doubt that is settled by looking into the register's listings, whatever they look like. The register
// forgets every tag at once, so that each request that is sent again without need makes a second receipt.
namespace kasa::engine {
namespace {

using domain::State;
using domain::TagMemory;
using simulator::CheckTask;
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
      {"check-task tells ids of its own, and no tags",
       [](Switches& s) {
         s.listing_tags = ListingTags::kOmitted;
         s.status_omits_numbers = true;
         s.check_task = CheckTask::kWrong;
       },
       false, true},
      {"check-task tells ids of its own", [](Switches& s) { s.check_task = CheckTask::kWrong; }, true, true},
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
      EXPECT_TRUE(gateway_->cloud().AddFault(LostSaleOn(FisidOf(i), made)).ok());
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
      run.ExpectOneReceipt(i);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(MadeOrNot, LookingBesideTagMemory, testing::Bool());

}  // namespace
}  // namespace kasa::engine
