#include "server/engine/coverage_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/manual_executor.h"

// What is kept in memory of the ids that documents use, while the store takes no writes.
namespace kasa::engine {
namespace {

using store::Callback;
using store::IntegrationChange;

// Takes what was seen, or refuses it as a full disk does; nobody calls the rest.
class SeenStore final : public store::IntegrationStore {
 public:
  void RecordSeen(std::string, std::vector<domain::SeenId> seen, Callback<bool> done) override {
    most_at_once = std::max(most_at_once, seen.size());
    if (!status.ok()) return std::move(done)(status);
    for (const domain::SeenId& one : seen) {
      stored.insert(one.id);
      documents += one.documents;
    }
    std::move(done)(true);
  }

  absl::Status status;
  size_t most_at_once = 0;
  std::set<std::string> stored;
  int64_t documents = 0;

  MOCK_METHOD(void, Create,
              (store::IntegrationRecord, domain::Mapping, IntegrationChange, Callback<domain::Integration>),
              (override));
  MOCK_METHOD(void, Change,
              (std::string, std::optional<int64_t>, IntegrationChange, Callback<domain::Integration>),
              (override));
  MOCK_METHOD(void, ChangeMapping,
              (std::string, std::optional<int64_t>, store::MappingChange, Callback<domain::Mapping>),
              (override));
  MOCK_METHOD(void, RecordTagMemoryProof, (std::string, domain::TagMemoryProof, Callback<bool>), (override));
  MOCK_METHOD(void, RecordStatus, (std::string, domain::RegisterStatus, absl::Time, Callback<bool>),
              (override));
  MOCK_METHOD(void, Delete,
              (std::string, std::optional<int64_t>, IntegrationChange, Callback<domain::Integration>),
              (override));
  MOCK_METHOD(absl::StatusOr<store::IntegrationRecord>, Get, (const std::string&), (override));
  MOCK_METHOD(absl::StatusOr<domain::Mapping>, GetMapping, (const std::string&), (override));
  MOCK_METHOD(absl::StatusOr<store::IntegrationSurroundings>, GetSurroundings, (const std::string&),
              (override));
  MOCK_METHOD(absl::StatusOr<std::vector<domain::SeenId>>, GetSeen, (const std::string&), (override));
  MOCK_METHOD(absl::StatusOr<domain::Experience>, GetExperience, (const std::string&), (override));
  MOCK_METHOD(absl::StatusOr<store::IntegrationPage>, List, (const std::string&, int, bool), (override));
  MOCK_METHOD(absl::StatusOr<store::IntegrationRecord>, OfRegister, (const std::string&), (override));
  MOCK_METHOD(absl::StatusOr<domain::Integration>, Default, (const std::string&, const std::string&),
              (override));
};

domain::Document Using(const std::string& tax_id) {
  domain::Document document;
  document.lines.emplace_back().tax_id = tax_id;
  return document;
}

class CoverageRecorderTest : public testing::Test {
 protected:
  void SeeMadeUpIds(int count) {
    for (int i = 0; i < count; ++i) recorder_.Saw("shop", Using(absl::StrCat("made-up-", next_++)));
  }

  ManualClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  ManualExecutor executor_{clock_};
  Logger logger_{clock_, [](absl::string_view) {}};
  SeenStore store_;
  CoverageRecorder recorder_{store_, executor_, clock_, logger_};
  int next_ = 0;
};

TEST_F(CoverageRecorderTest, IdsThatAreMadeUpWhileTheStoreTakesNoWritesDoNotFillTheMemory) {
  store_.status = absl::UnavailableError("the disk is full");
  SeeMadeUpIds(10'000);
  executor_.Advance(CoverageRecorder::kFlushInterval);
  SeeMadeUpIds(10'000);
  executor_.Advance(CoverageRecorder::kFlushInterval);
  EXPECT_GT(store_.most_at_once, 0u);
  EXPECT_LE(store_.most_at_once, CoverageRecorder::kMostCounts);
}

TEST_F(CoverageRecorderTest, WhatHadRoomMeanwhileIsStoredWhenTheStoreTakesWritesAgain) {
  recorder_.Saw("shop", Using("vat20"));
  store_.status = absl::UnavailableError("the disk is full");
  SeeMadeUpIds(10'000);
  for (int i = 0; i < 7; ++i) recorder_.Saw("shop", Using("vat20"));
  executor_.Advance(CoverageRecorder::kFlushInterval);
  store_.status = absl::OkStatus();
  executor_.Advance(CoverageRecorder::kFlushInterval);
  EXPECT_EQ(store_.stored.size(), CoverageRecorder::kMostCounts);
  EXPECT_EQ(store_.documents, static_cast<int64_t>(CoverageRecorder::kMostCounts) - 1 + 8);
}

TEST_F(CoverageRecorderTest, IdsAreTakenAgainOnceTheStoreTakesThem) {
  store_.status = absl::UnavailableError("the disk is full");
  SeeMadeUpIds(10'000);
  store_.status = absl::OkStatus();
  executor_.Advance(CoverageRecorder::kFlushInterval);
  recorder_.Saw("shop", Using("vat7"));
  EXPECT_TRUE(store_.stored.contains("vat7"));
}

TEST_F(CoverageRecorderTest, WithAStoreThatTakesWritesEveryIdIsStored) {
  SeeMadeUpIds(10'000);
  EXPECT_EQ(store_.stored.size(), 10'000u);
}

}  // namespace
}  // namespace kasa::engine
