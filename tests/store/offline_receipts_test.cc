#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/store/fixture.h"

// Receipts made offline, until they are known to have reached the tax service.
namespace kasa::store {
namespace {

class OfflineReceiptsTest : public StoreTest {
 protected:
  // Fiscalizes a sale whose receipt was made at `time`, offline, online, or without a word on that.
  std::string Fiscalize(const std::string& document_id, std::optional<bool> offline,
                        std::optional<absl::Time> time) {
    const domain::Fiscalization sale = AcceptSale(document_id);
    absl::StatusOr<MarkedSend> mark = Mark(sale.id);
    EXPECT_TRUE(mark.ok()) << mark.status();
    Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
    settlement.receipt = AReceipt(kRegisterOne, "TEST_" + document_id);
    settlement.receipt->offline = offline.value_or(false);
    settlement.receipt->told_online = offline.has_value() && !*offline;
    settlement.receipt->fiscal_time = time;
    EXPECT_TRUE(Settle(settlement).ok());
    return sale.id;
  }

  std::optional<absl::Time> Reached(const std::string& id) {
    return store().GetFiscalization(id)->receipt->reached_sts_time;
  }
  std::optional<domain::OfflineRun> OfflineRun() { return store().GetRegisterMemory(kRegisterOne)->offline; }
};

TEST_F(OfflineReceiptsTest, AreFollowedUntilOneIsMadeOnlineAfterThem) {
  const absl::Time first = clock_.Now() - absl::Hours(3);
  EXPECT_FALSE(OfflineRun().has_value());
  const std::string one = Fiscalize("SO-1", true, first);
  const std::string two = Fiscalize("SO-2", true, first + absl::Hours(1));
  ASSERT_TRUE(OfflineRun().has_value());
  EXPECT_EQ(OfflineRun()->since, first);
  EXPECT_EQ(OfflineRun()->receipts, 2);
  EXPECT_EQ(OfflineRun()->oldest_id, one);
  EXPECT_EQ(OfflineRun()->oldest_fiscal_number, "TEST_SO-1");
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterTwo)->offline.has_value());
  Reopen();
  EXPECT_EQ(OfflineRun()->receipts, 2) << "over a restart";
  EXPECT_FALSE(Reached(one).has_value());

  clock_.Advance(absl::Hours(1));
  const std::string online = Fiscalize("SO-3", false, clock_.Now());
  EXPECT_FALSE(OfflineRun().has_value());
  EXPECT_EQ(Reached(one), clock_.Now());
  EXPECT_EQ(Reached(two), clock_.Now());
  EXPECT_FALSE(Reached(online).has_value()) << "it was not made offline";
  // What was seen once stays.
  const absl::Time seen = clock_.Now();
  clock_.Advance(absl::Hours(1));
  Fiscalize("SO-4", false, clock_.Now());
  EXPECT_EQ(Reached(one), seen);
}

TEST_F(OfflineReceiptsTest, AreNotShownToHaveArrivedByLess) {
  const absl::Time made = clock_.Now() - absl::Hours(3);
  const std::string offline = Fiscalize("SO-1", true, made);
  const struct {
    const char* document_id;
    std::optional<bool> offline;
    std::optional<absl::Time> time;
  } others[] = {
      {"made-before", false, made - absl::Minutes(1)},
      {"at-a-time-not-told", false, std::nullopt},
      {"silent-about-it", std::nullopt, clock_.Now()},
      {"offline-too", true, clock_.Now()},
  };
  for (const auto& other : others) {
    Fiscalize(other.document_id, other.offline, other.time);
    EXPECT_FALSE(Reached(offline).has_value()) << other.document_id;
    EXPECT_EQ(OfflineRun()->since, made) << other.document_id;
  }
}

TEST_F(OfflineReceiptsTest, WhoseTimeIsNotToldAreAsOldAsTheirStoring) {
  Fiscalize("SO-1", true, std::nullopt);
  EXPECT_EQ(OfflineRun()->since, clock_.Now());
}

}  // namespace
}  // namespace kasa::store
