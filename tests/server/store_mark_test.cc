#include "server/store_mark.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/temporary_folder.h"

namespace kasa {
namespace {

store::StoreIdentity Store(const std::string& instance, int64_t epoch, int64_t last_change) {
  return {.instance_id = instance, .epoch = epoch, .last_change = last_change, .is_empty = false};
}

store::StoreIdentity PausedStore(const std::string& instance, int64_t epoch, int64_t last_change) {
  store::StoreIdentity store = Store(instance, epoch, last_change);
  store.paused = true;
  return store;
}

TEST(StoreOrigin, IsToldByTheMark) {
  const StoreMark mark{.instance_id = "a", .epoch = 2, .last_change = 100};
  EXPECT_EQ(OriginOf(Store("a", 2, 100), mark), StoreOrigin::kOurs);
  EXPECT_EQ(OriginOf(Store("a", 2, 101), mark), StoreOrigin::kOurs);
  EXPECT_EQ(OriginOf(Store("a", 2, 99), mark), StoreOrigin::kRestored);
  EXPECT_EQ(OriginOf(Store("a", 1, 500), mark), StoreOrigin::kRestored) << "of before it was paused";
  EXPECT_EQ(OriginOf(Store("a", 3, 500), mark), StoreOrigin::kCopied) << "paused and adopted elsewhere";
  EXPECT_EQ(OriginOf(Store("b", 2, 100), mark), StoreOrigin::kCopied);
  EXPECT_EQ(OriginOf(Store("a", 2, 100), std::nullopt), StoreOrigin::kCopied);
}

TEST(StoreOrigin, OfAPauseThatGoesOnIsToldByItsEpoch) {
  const StoreMark mark{.instance_id = "a", .epoch = 2, .last_change = 100, .paused = true};
  EXPECT_EQ(OriginOf(PausedStore("a", 2, 100), mark), StoreOrigin::kOurs) << "a mere restart";
  EXPECT_EQ(OriginOf(PausedStore("a", 2, 130), mark), StoreOrigin::kOurs) << "some registers went on";
  EXPECT_EQ(OriginOf(Store("a", 2, 130), mark), StoreOrigin::kOurs) << "it ended after the mark was written";
  EXPECT_EQ(OriginOf(PausedStore("a", 2, 99), mark), StoreOrigin::kRestored) << "backed up while paused";
  EXPECT_EQ(OriginOf(Store("a", 1, 500), mark), StoreOrigin::kRestored) << "restored while paused";
  EXPECT_EQ(OriginOf(PausedStore("a", 3, 130), mark), StoreOrigin::kCopied) << "of another one's pause";
  EXPECT_EQ(OriginOf(Store("a", 3, 130), mark), StoreOrigin::kCopied) << "the original, over its copy";
  EXPECT_EQ(OriginOf(PausedStore("a", 2, 100), std::nullopt), StoreOrigin::kCopied);
}

TEST(StoreOrigin, OfAPauseThatTheMarkDoesNotKnowIsNotOurs) {
  const StoreMark mark{.instance_id = "a", .epoch = 2, .last_change = 100};
  EXPECT_EQ(OriginOf(PausedStore("a", 2, 100), mark), StoreOrigin::kRestored)
      << "backed up while paused, and adopted since";
  EXPECT_EQ(OriginOf(PausedStore("a", 3, 100), mark), StoreOrigin::kCopied)
      << "a crash between the pause and its mark, or a copy of one that is partly adopted";
  EXPECT_EQ(OriginOf(PausedStore("a", 1, 100), mark), StoreOrigin::kRestored) << "likewise, clock set back";
}

TEST(StoreOrigin, AStoreInWhichNothingWasSetUpIsNew) {
  store::StoreIdentity empty = Store("b", 1, 0);
  empty.is_empty = true;
  EXPECT_EQ(OriginOf(empty, std::nullopt), StoreOrigin::kNew);
  EXPECT_EQ(OriginOf(empty, StoreMark{.instance_id = "a", .epoch = 1, .last_change = 5}), StoreOrigin::kNew);
  EXPECT_EQ(OriginOf(empty, StoreMark{.instance_id = "b", .epoch = 1, .last_change = 5}),
            StoreOrigin::kRestored)
      << "its integrations were lost with the rest";
}

class StoreMarkFile : public testing::Test {
 protected:
  std::string file() const { return folder_.Path("mark"); }

  TemporaryFolder folder_;
};

TEST_F(StoreMarkFile, IsReadBackAsItWasWritten) {
  EXPECT_EQ(*ReadStoreMark(file()), std::nullopt);
  const StoreMark mark{.instance_id = "0123abcd", .epoch = 3, .last_change = 123456789012};
  ASSERT_TRUE(WriteStoreMark(file(), {.instance_id = "earlier", .epoch = 1, .last_change = 1}).ok());
  ASSERT_TRUE(WriteStoreMark(file(), mark).ok());
  EXPECT_EQ(*ReadStoreMark(file()), mark);
  StoreMark of_paused = mark;
  of_paused.paused = true;
  ASSERT_TRUE(WriteStoreMark(file(), of_paused).ok());
  EXPECT_EQ(*ReadStoreMark(file()), of_paused);
}

TEST_F(StoreMarkFile, OfAnEarlierVersionIsOfAStoreThatWasNotPaused) {
  std::ofstream(file()) << "kasa-store-1 a 2 100\n";
  EXPECT_EQ(*ReadStoreMark(file()), (StoreMark{.instance_id = "a", .epoch = 2, .last_change = 100}));
}

TEST_F(StoreMarkFile, ThatHoldsSomethingElseIsRefused) {
  for (const char* text : {"", "kasa-store-1", "kasa-store-1 a b c", "kasa-store-2 a 1 1",
                           "kasa-store-1 a 1 1 1", "kasa-store-1 a 1 1 paused paused"}) {
    std::ofstream(file(), std::ios::trunc) << text;
    EXPECT_EQ(ReadStoreMark(file()).status().code(), absl::StatusCode::kFailedPrecondition) << text;
  }
}

TEST_F(StoreMarkFile, ThatCanNotBeWrittenIsSaid) {
  const absl::Status written = WriteStoreMark(folder_.Path("nowhere/mark"), {});
  EXPECT_EQ(written.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace kasa
