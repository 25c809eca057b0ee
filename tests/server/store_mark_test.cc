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

TEST(StoreOrigin, IsToldByTheMark) {
  const StoreMark mark{.instance_id = "a", .epoch = 2, .last_change = 100};
  EXPECT_EQ(OriginOf(Store("a", 2, 100), mark), StoreOrigin::kOurs);
  EXPECT_EQ(OriginOf(Store("a", 2, 101), mark), StoreOrigin::kOurs);
  EXPECT_EQ(OriginOf(Store("a", 2, 99), mark), StoreOrigin::kRestored);
  EXPECT_EQ(OriginOf(Store("a", 1, 500), mark), StoreOrigin::kRestored) << "of before it was adopted";
  EXPECT_EQ(OriginOf(Store("a", 3, 1), mark), StoreOrigin::kOurs) << "adopted just before the mark was lost";
  EXPECT_EQ(OriginOf(Store("b", 2, 100), mark), StoreOrigin::kCopied);
  EXPECT_EQ(OriginOf(Store("a", 2, 100), std::nullopt), StoreOrigin::kCopied);
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
}

TEST_F(StoreMarkFile, ThatHoldsSomethingElseIsRefused) {
  for (const char* text :
       {"", "kasa-store-1", "kasa-store-1 a b c", "kasa-store-2 a 1 1", "kasa-store-1 a 1 1 1"}) {
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
