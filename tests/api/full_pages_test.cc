#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/attention_handlers.h"
#include "server/api/automation_handlers.h"
#include "server/api/integration_handlers.h"
#include "server/engine/automation.h"
#include "server/store/automation_store.h"
#include "tests/api/handlers_fixture.h"
#include "tests/api/lanes_only.h"

// Lists whose entries are big, asked for by a thousand: a page keeps to the 2 MiB that operations.md tells,
// so that a client with the usual bound of 4 MiB a message takes it, and the pages together have everything.
namespace kasa::api {
namespace {

constexpr int kEntries = 700;
constexpr size_t kEntryBytes = 5000;
constexpr size_t kPageBytes = (size_t{2} << 20) + 2 * kEntryBytes;  // with the entry that went over

class FullPagesTest : public HandlersTest {
 public:
  ~FullPagesTest() override {
    work_.Stop();
    executor_.Stop();
  }

 protected:
  void SetUp() override {
    HandlersTest::SetUp();
    automation_.emplace(store(), fiscalizer_, work_, system_clock_, kyiv_, absl::Seconds(10));
  }

  static std::string Id(int i) { return absl::StrCat("id-", 10'000 + i); }

  // So many integrations, each on a register of its own whose lane stands still, with much to tell.
  void SetUpIntegrations() {
    for (int i = 0; i < kEntries; ++i) {
      const std::string fiscal_number = absl::StrCat(4'100'000'000 + i);
      engine_.lanes[fiscal_number] = {.state = engine::LaneState::kPaused,
                                      .reason = Reason::kNoBalance,
                                      .message = std::string(kEntryBytes, 'm'),
                                      .since = clock_.Now() - absl::Minutes(10)};
      ASSERT_TRUE(Create(store::AnIntegration(Id(i), fiscal_number)).ok());
    }
  }

  // Reads a list to its end; `ids` puts the ids of a page's entries into a set and tells how many there are.
  template <typename Response, typename Handlers, typename Request, typename Ids>
  void ExpectBoundedPages(Handlers& handlers, void (Handlers::*handle)(Request, CallContext, Done<Response>),
                          const Ids& ids) {
    Request request;
    request.set_page_size(1000);
    std::set<std::string> seen;
    int entries = 0;
    int pages = 0;
    do {
      const absl::StatusOr<Response> page = Call<Response>(handlers, handle, request);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->ByteSizeLong(), kPageBytes);
      entries += ids(*page, seen);
      request.set_page_token(page->next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    EXPECT_EQ(pages, 2);
    EXPECT_EQ(static_cast<size_t>(entries), seen.size()) << "an entry is on two pages";
    for (int i = 0; i < kEntries; ++i) EXPECT_TRUE(seen.contains(Id(i))) << Id(i);
  }

  engine::ThreadExecutor work_{1, system_clock_};
  std::optional<engine::Automation> automation_;
  LanesOnly engine_;
};

TEST_F(FullPagesTest, Integrations) {
  SetUpIntegrations();
  IntegrationHandlers handlers(engine_, store(), executor_, system_clock_);
  ExpectBoundedPages<v1::ListIntegrationsResponse>(
      handlers, &IntegrationHandlers::ListIntegrations,
      [](const v1::ListIntegrationsResponse& page, std::set<std::string>& seen) {
        for (const v1::Integration& one : page.integrations()) seen.insert(one.integration_id());
        return page.integrations_size();
      });
}

TEST_F(FullPagesTest, Attention) {
  SetUpIntegrations();
  AttentionHandlers handlers(engine_, store(), executor_, clock_, kyiv_, domain::AttentionRules());
  ExpectBoundedPages<v1::ListAttentionResponse>(
      handlers, &AttentionHandlers::ListAttention,
      [](const v1::ListAttentionResponse& page, std::set<std::string>& seen) {
        for (const v1::Attention& one : page.items()) seen.insert(one.integration_id());
        return page.items_size();
      });
}

TEST_F(FullPagesTest, AutomationRules) {
  for (int i = 0; i < kEntries; ++i) {
    domain::AutomationRule rule{.id = Id(i),
                                .display_name = std::string(kEntryBytes, 'n'),
                                .source_system = "shop",
                                .integration_id = kOne,
                                .what = domain::OnlineOrderRule{.store_id = Id(i)}};
    ASSERT_TRUE(store::Await<domain::AutomationRule>([&](auto done) {
                  store().automation().CreateRule(std::move(rule), std::move(done));
                }).ok());
  }
  AutomationHandlers handlers(*automation_, store(), executor_, Pages());
  ExpectBoundedPages<v1::ListAutomationRulesResponse>(
      handlers, &AutomationHandlers::ListAutomationRules,
      [](const v1::ListAutomationRulesResponse& page, std::set<std::string>& seen) {
        for (const v1::AutomationRule& one : page.rules()) seen.insert(one.rule_id());
        return page.rules_size();
      });
}

}  // namespace
}  // namespace kasa::api
