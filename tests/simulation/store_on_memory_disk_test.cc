#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/tag.h"
#include "server/store/sqlite_store.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/memory_disk.h"
#include "tests/simulation/memory_vfs.h"
#include "tests/simulation/setting_up.h"
#include "tests/simulation/timeline.h"

// What the real store keeps on a disk that forgets.
namespace kasa::simulation {
namespace {

class StoreOnMemoryDisk : public testing::Test {
 protected:
  void Open(DiskImage image) {
    store_.reset();
    disk_ = std::make_shared<MemoryDisk>(std::move(image));
    vfs_.Mount(disk_);
    auto opened = store::OpenSqliteStore({.path = DatabasePath(),
                                          .installation = *domain::InstallationId::Parse("5eed5eed"),
                                          .vfs = vfs_.name(),
                                          .writer_runner = &writer_},
                                         timeline_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  absl::Status Create(int number) {
    std::optional<absl::Status> answer;
    store_->integrations().Create(
        IntegrationFor({}, IdOf(number), absl::StrCat(number), absl::StrCat("token-", number)), {},
        [](auto&, const auto&) { return absl::OkStatus(); },
        [&answer](absl::StatusOr<domain::Integration> made) { answer = made.status(); });
    while (!answer && timeline_.RunNext(timeline_.Monotonic() + absl::Hours(1))) {
    }
    return answer.value_or(absl::DeadlineExceededError("no answer"));
  }

  static std::string IdOf(int number) { return absl::StrCat("shop-", number); }

  MemoryVfs vfs_{"store-on-memory-disk-test"};
  Timeline timeline_{absl::FromUnixSeconds(1764000000)};
  SimulatedWriter writer_{timeline_, Timeline::kWorld, Random(1)};
  std::shared_ptr<MemoryDisk> disk_;
  std::unique_ptr<store::Store> store_;
};

// Nobody reads, so that SQLite reads the log anew when the writer comes back, and finds in it, whole, what
// was never flushed. Seed 53038080.
TEST_F(StoreOnMemoryDisk, KeepsWhatIsStoredOnceAFlushThatFailedIsOver) {
  Open({});
  // The first one begins the log, at the end of which a hole does no harm.
  ASSERT_TRUE(Create(1).ok());
  disk_->trouble.syncs_fail = disk_->trouble.syncs_forget = true;
  timeline_.After(absl::Seconds(5), [this] { disk_->trouble = {}; });
  const bool second_is_told = Create(2).ok();
  ASSERT_FALSE(disk_->trouble.any()) << "it was answered once it was known";
  ASSERT_TRUE(Create(3).ok());
  Open(disk_->Synced());
  EXPECT_EQ(store_->integrations().Get(IdOf(2)).ok(), second_is_told);
  EXPECT_TRUE(store_->integrations().Get(IdOf(3)).ok());
}

}  // namespace
}  // namespace kasa::simulation
