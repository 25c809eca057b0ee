#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"
#include "server/api/attention_handlers.h"
#include "server/api/errors.h"
#include "server/engine/executor.h"
#include "tests/store/fixture.h"

// ListAttention: from the store and the lanes to the contract, page by page.
namespace kasa::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RunsAtOnce final : public engine::Executor {
 public:
  void Post(engine::Action action) override { std::move(action)(); }
  void After(absl::Duration, engine::Action) override { FAIL() << "nothing is timed here"; }
};

// Lanes as a test wants them; nothing else of an engine.
class LanesOnly final : public engine::Engine {
 public:
  void Start(absl::AnyInvocable<void(absl::Status) &&>) override { std::abort(); }
  void Drain(absl::Duration, absl::AnyInvocable<void(bool) &&>) override { std::abort(); }
  engine::Fiscalizer& fiscalizer() override { std::abort(); }
  engine::IntegrationDesk& integrations() override { std::abort(); }
  engine::Automation& automation() override { std::abort(); }
  engine::ReceiptDesk& receipts() override { std::abort(); }
  void AdoptStore(store::Adoption, std::function<bool()>, engine::Done<engine::AdoptionOutcome>) override {
    std::abort();
  }
  absl::StatusOr<engine::LaneView> LaneOf(const std::string& register_fiscal_number) override {
    engine::LaneView view = lanes[register_fiscal_number];
    view.register_fiscal_number = register_fiscal_number;
    return view;
  }
  absl::StatusOr<std::vector<engine::LaneView>> AllLanes() override { std::abort(); }
  void StoreRecovered() override { std::abort(); }

  std::map<std::string, engine::LaneView> lanes;
};

class AttentionTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    handlers_.emplace(engine_, store(), executor_, clock_, kyiv_, domain::AttentionRules());
  }

  absl::StatusOr<v1::ListAttentionResponse> List(const v1::ListAttentionRequest& request) {
    std::promise<absl::StatusOr<v1::ListAttentionResponse>> answered;
    handlers_->ListAttention(request, {}, [&answered](absl::StatusOr<v1::ListAttentionResponse> response) {
      answered.set_value(std::move(response));
    });
    return answered.get_future().get();
  }

  // "CODE integration fiscalization" of every page, one item a page.
  std::vector<std::string> Pages(v1::ListAttentionRequest request, int page_size = 1) {
    std::vector<std::string> told;
    request.set_page_size(page_size);
    do {
      const auto page = List(request);
      EXPECT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->items_size(), page_size);
      for (const v1::Attention& item : page->items()) {
        told.push_back(
            absl::StrCat(v1::AttentionCode_Name(item.code()).substr(std::string("ATTENTION_CODE_").size()),
                         " ", item.integration_id(), " ", item.fiscalization_id()));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return told;
  }

  const KyivTime kyiv_ = *KyivTime::Load();
  LanesOnly engine_;
  RunsAtOnce executor_;
  std::optional<AttentionHandlers> handlers_;
};

TEST_F(AttentionTest, IsEmptyWhileAllIsWell) {
  FiscalizedSale("SO-1", "TEST_1");
  AcceptSale("SO-2");
  EXPECT_THAT(Pages({}), IsEmpty());
}

TEST_F(AttentionTest, TellsEachMatterMostUrgentFirstWhateverThePage) {
  FailedSale("SO-1", false);
  clock_.Advance(absl::Minutes(1));
  SaleInDoubt("SO-2");
  clock_.Advance(absl::Minutes(1));
  engine_.lanes[kRegisterTwo] = {.state = engine::LaneState::kPaused,
                                 .reason = Reason::kNoBalance,
                                 .message = "no money",
                                 .since = clock_.Now() - absl::Minutes(10),
                                 .queued = 4};
  const std::vector<std::string> all = {"LANE_PAUSED two ", "IN_DOUBT one f-SO-2", "FAILED one f-SO-1"};
  for (const int page_size : {1, 2, 3, 50}) EXPECT_EQ(Pages({}, page_size), all) << page_size;

  v1::ListAttentionRequest of_one;
  of_one.set_integration_id(kOne);
  EXPECT_THAT(Pages(of_one), ElementsAre(all[1], all[2]));
  v1::ListAttentionRequest of_register_two;
  of_register_two.set_register_fiscal_number(kRegisterTwo);
  EXPECT_THAT(Pages(of_register_two), ElementsAre(all[0]));
  of_register_two.set_integration_id(kOne);
  EXPECT_THAT(Pages(of_register_two), IsEmpty());

  const v1::Attention item = List(v1::ListAttentionRequest())->items(0);
  EXPECT_EQ(item.severity(), v1::ATTENTION_SEVERITY_CRITICAL);
  EXPECT_EQ(item.reason(), "NO_BALANCE");
  EXPECT_EQ(item.message(), "no money");
  EXPECT_EQ(item.remedy(), InfoOf(Reason::kNoBalance).remedy);
  EXPECT_EQ(item.count(), 4);
  EXPECT_EQ(item.register_fiscal_number(), kRegisterTwo);
  EXPECT_EQ(item.since_time().seconds(), absl::ToUnixSeconds(clock_.Now() - absl::Minutes(10)));
}

TEST_F(AttentionTest, AMatterThatIsSettledLeavesAndThePageTokenStillServes) {
  for (int i = 0; i < 5; ++i) {
    FailedSale(absl::StrCat("SO-", i), false);
    clock_.Advance(absl::Minutes(1));
  }
  v1::ListAttentionRequest request;
  request.set_page_size(2);
  const auto first = List(request);
  ASSERT_EQ(first->items_size(), 2);
  ASSERT_TRUE(RetryIt("f-SO-1").ok());  // the one at which the page ended
  FailedSale("SO-new", false);
  request.set_page_token(first->next_page_token());
  const auto second = List(request);
  ASSERT_EQ(second->items_size(), 2);
  EXPECT_EQ(second->items(0).fiscalization_id(), "f-SO-2");
  EXPECT_EQ(second->items(1).fiscalization_id(), "f-SO-3");
}

TEST_F(AttentionTest, ALongShiftIsToldByTheStatusThatWasSeenLast) {
  domain::RegisterStatus status;
  status.shift = domain::ShiftStatus::kOpen;
  status.shift_opened = clock_.Now() - absl::Hours(23) - absl::Minutes(1);
  status.vacant_offline_numbers = 3;
  ASSERT_TRUE(store::Await<bool>([&](store::Callback<bool> done) {
                store().integrations().RecordStatus(kTwo, status, clock_.Now(), std::move(done));
              }).ok());
  EXPECT_THAT(Pages({}), ElementsAre("SHIFT_TOO_LONG two ", "OFFLINE_NUMBERS_LOW two "));
}

// --- bad inputs

TEST_F(AttentionTest, WhatIsNoRequestIsRefusedWithItsField) {
  for (int i = 0; i < 3; ++i) FailedSale(absl::StrCat("SO-", i), false);
  v1::ListAttentionRequest first;
  first.set_page_size(1);
  const std::string token = List(first)->next_page_token();
  v1::ListAttentionRequest long_integration;
  long_integration.set_integration_id(std::string(65, 'x'));
  v1::ListAttentionRequest long_register;
  long_register.set_register_fiscal_number(std::string(129, '4'));
  v1::ListAttentionRequest negative;
  negative.set_page_size(-1);
  v1::ListAttentionRequest no_token;
  no_token.set_page_token("page two");
  v1::ListAttentionRequest cut_token;
  cut_token.set_page_token(token.substr(0, token.size() - 3));
  v1::ListAttentionRequest other_filter;
  other_filter.set_page_token(token);
  other_filter.set_integration_id(kOne);
  const struct {
    const char* field;
    Reason reason;
    v1::ListAttentionRequest request;
  } cases[] = {
      {"integration_id", Reason::kFieldTooLong, long_integration},
      {"register_fiscal_number", Reason::kFieldTooLong, long_register},
      {"page_size", Reason::kFieldInvalid, negative},
      {"page_token", Reason::kPageTokenInvalid, no_token},
      {"page_token", Reason::kPageTokenInvalid, cut_token},
      {"page_token", Reason::kPageTokenInvalid, other_filter},
  };
  for (const auto& given : cases) {
    SCOPED_TRACE(given.request.ShortDebugString());
    const absl::Status refused = List(given.request).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    const domain::Violations violations = ViolationsOf(refused);
    ASSERT_EQ(violations.size(), 1);
    EXPECT_EQ(violations[0].field, given.field);
    EXPECT_EQ(violations[0].reason, given.reason);
  }
}

}  // namespace
}  // namespace kasa::api
