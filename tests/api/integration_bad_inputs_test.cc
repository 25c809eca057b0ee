#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"
#include "server/api/errors.h"
#include "server/api/integration_handlers.h"
#include "server/engine/engine.h"
#include "server/store/sqlite_store.h"
#include "tests/engine/fake_client.h"
#include "tests/testing/temporary_folder.h"

// What is wrong with a request to IntegrationService is told with its exact field and reason, before anything
// is stored and any register is asked.
namespace kasa::api {
namespace {

// A gateway without its sockets: the real handlers, engine and store, and a cloud that must not be asked.
class Gateway {
 public:
  Gateway() {
    const auto installation = *domain::InstallationId::Parse("0badcafe");
    store_ = *store::OpenSqliteStore({.path = folder_.Path("kasa.db"), .installation = installation}, clock_);
    engine_ = engine::MakeEngine({.store = *store_,
                                  .client = client_,
                                  .lane_executor = lane_executor_,
                                  .work_executor = work_executor_,
                                  .clock = clock_,
                                  .kyiv = kyiv_,
                                  .logger = logger_,
                                  .installation = installation,
                                  .settings = {},
                                  .random = [] { return 0.5; }});
    handlers_ = std::make_unique<IntegrationHandlers>(*engine_, *store_, work_executor_, clock_);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway() {
    work_executor_.Stop();
    lane_executor_.Stop();
    store_.reset();
    engine_.reset();
  }

  template <typename Request, typename Response>
  absl::Status Call(void (IntegrationHandlers::*method)(Request, CallContext, Done<Response>),
                    const std::string& text, CallContext context = CallContext()) {
    Request request;
    if (!google::protobuf::TextFormat::ParseFromString(text, &request)) {
      ADD_FAILURE() << "no such request: " << text;
    }
    std::promise<absl::Status> answered;
    (handlers_.get()->*method)(
        std::move(request), std::move(context),
        [&answered](absl::StatusOr<Response> response) { answered.set_value(response.status()); });
    return answered.get_future().get();
  }

  void PauseStore() {
    std::promise<bool> paused;
    store_->Pause([&paused](const absl::StatusOr<bool>& outcome) { paused.set_value(outcome.ok()); });
    ASSERT_TRUE(paused.get_future().get());
  }
  bool IsPaused() { return store_->ReadPause()->paused; }

  size_t questions() const { return client_.requests().size(); }

 private:
  SystemClock clock_;
  KyivTime kyiv_ = *KyivTime::Load();
  Logger logger_{clock_, [](absl::string_view) {}};
  TemporaryFolder folder_;
  engine::ThreadExecutor lane_executor_{1, clock_};
  engine::ThreadExecutor work_executor_{1, clock_};
  engine::FakeClient client_{clock_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<IntegrationHandlers> handlers_;
};

// "$129" stands for 129 characters.
std::string Spelt(const std::string& text) {
  std::string spelt;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      spelt.push_back(text[i]);
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    int count = 0;
    if (!absl::SimpleAtoi(text.substr(i + 1, end - i - 1), &count)) ADD_FAILURE() << text;
    spelt.append(static_cast<size_t>(count), 'x');
    i = end - 1;
  }
  return spelt;
}

struct Case {
  std::string request;
  std::vector<std::string> wrong;  // "field REASON", in order
};

class BadInputTest : public testing::Test {
 protected:
  BadInputTest() {
    EXPECT_TRUE(gateway_
                    .Call(&IntegrationHandlers::CreateIntegration,
                          R"(integration_id: "shop" integration { legal_entity_id: "acme" })")
                    .ok());
  }

  template <typename Request, typename Response>
  void AllAreTold(void (IntegrationHandlers::*method)(Request, CallContext, Done<Response>),
                  const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.request);
      const absl::Status status = gateway_.Call(method, Spelt(one.request));
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      EXPECT_EQ(ReasonOf(status), Reason::kRequestInvalid);
      std::vector<std::string> told;
      for (const domain::Violation& violation : ViolationsOf(status)) {
        told.push_back(absl::StrCat(violation.field, " ", NameOf(violation.reason)));
        EXPECT_FALSE(violation.message.empty());
      }
      EXPECT_EQ(absl::StrJoin(told, "; "), absl::StrJoin(one.wrong, "; "));
    }
    EXPECT_EQ(gateway_.questions(), 0u) << "a register was asked for a request that is wrong";
  }

  Gateway gateway_;
};

TEST_F(BadInputTest, CreateIntegration) {
  const std::string of_acme = R"(integration_id: "a" integration { legal_entity_id: "acme" )";
  const auto setting = [&of_acme](const std::string& text) { return absl::StrCat(of_acme, text, " }"); };
  AllAreTold(
      &IntegrationHandlers::CreateIntegration,
      {
          {"", {"integration.legal_entity_id FIELD_REQUIRED"}},
          {R"(integration_id: "Shop" integration { branch_id: "b" })", {"integration_id FIELD_INVALID"}},
          {R"(integration_id: "a_b" integration { branch_id: "b" })", {"integration_id FIELD_INVALID"}},
          {R"(integration_id: "$65" integration { branch_id: "b" })", {"integration_id FIELD_TOO_LONG"}},
          {R"(integration { integration_id: "Shop" branch_id: "b" })",
           {"integration.integration_id FIELD_INVALID"}},
          {R"(integration_id: "a" integration { integration_id: "b" branch_id: "b" })",
           {"integration_id FIELD_INVALID"}},
          {setting(R"(display_name: "$201")"), {"integration.display_name FIELD_TOO_LONG"}},
          {setting(R"(display_name: "a\nb")"), {"integration.display_name FIELD_INVALID"}},
          {setting("default_cashless_payment_type: 0"),
           {"integration.default_cashless_payment_type PAYMENT_TYPE_INVALID"}},
          {setting("default_cashless_payment_type: -1"),
           {"integration.default_cashless_payment_type PAYMENT_TYPE_INVALID"}},
          {setting("default_cashless_payment_type: 10000"),
           {"integration.default_cashless_payment_type PAYMENT_TYPE_INVALID"}},
          {setting(R"(branch_id: "$129")"), {"integration.branch_id FIELD_TOO_LONG"}},
          {setting(R"(branch_id: "a\tb")"), {"integration.branch_id FIELD_INVALID"}},
          {R"(integration_id: "a" integration { legal_entity_id: "$129" })",
           {"integration.legal_entity_id FIELD_TOO_LONG"}},
          {setting(R"(cashier_name: "$101")"), {"integration.cashier_name FIELD_TOO_LONG"}},
          {setting("cashier_name: \"\xF0\x9F\x98\x80\""), {"integration.cashier_name FIELD_INVALID"}},
          {setting("cash_rounding: 9"), {"integration.cash_rounding FIELD_UNKNOWN"}},
          {setting("part_payments: 9"), {"integration.part_payments FIELD_UNKNOWN"}},
          {setting("doubt_policy: 9"), {"integration.doubt_policy FIELD_UNKNOWN"}},
          {setting("tag_memory: 9"), {"integration.tag_memory FIELD_UNKNOWN"}},
          {setting(R"(quiet_window { start: "25:00" end: "24:00" })"),
           {"integration.quiet_window.start FIELD_INVALID"}},
          {setting(R"(quiet_window { start: "23:30" end: "24:01" })"),
           {"integration.quiet_window.end FIELD_INVALID"}},
          {setting("quiet_window { }"),
           {"integration.quiet_window.start FIELD_INVALID", "integration.quiet_window.end FIELD_INVALID"}},
          {setting(R"(quiet_window { start: "23:50" end: "23:40" })"),
           {"integration.quiet_window.end FIELD_INVALID"}},
          {setting("default_payment_line { }"),
           {"integration.default_payment_line.name NAME_MISSING",
            "integration.default_payment_line.tax_id TAX_MISSING"}},
          {setting(R"(default_payment_line { name: "$129" tax_id: "vat" })"),
           {"integration.default_payment_line.name FIELD_TOO_LONG"}},
          {setting(R"(default_payment_line { name: "a" tax_id: "$129" })"),
           {"integration.default_payment_line.tax_id FIELD_TOO_LONG"}},
          {setting("") + R"( token: "two words")", {"token FIELD_INVALID"}},
          {setting("") + R"( token: "line\nend")", {"token FIELD_INVALID"}},
          {setting("") + R"( token: "$513")", {"token FIELD_TOO_LONG"}},
          {setting("") + R"( stated_register_fiscal_number: "4000000001")", {"token FIELD_REQUIRED"}},
          {setting("") + R"( token: "t" stated_register_fiscal_number: "40x")",
           {"stated_register_fiscal_number FIELD_INVALID"}},
          {setting("") + R"( token: "t" stated_edrpou: "123")", {"stated_edrpou FIELD_INVALID"}},
          {setting("") + R"( token: "t" stated_edrpou: "1234567a")", {"stated_edrpou FIELD_INVALID"}},
          {setting("") + R"( token: "t" stated_register_mode: 9)", {"stated_register_mode FIELD_UNKNOWN"}},
          {setting("") + "acknowledge_unready: true", {"principal FIELD_REQUIRED"}},
          {setting("") + R"(principal: "$129")", {"principal FIELD_TOO_LONG"}},
          {R"(integration_id: "A" token: "a b" acknowledge_unready: true)",
           {"integration_id FIELD_INVALID", "integration.legal_entity_id FIELD_REQUIRED",
            "token FIELD_INVALID", "principal FIELD_REQUIRED"}},
      });
}

TEST_F(BadInputTest, UpdateIntegration) {
  const auto change = [](const std::string& text) {
    return absl::StrCat(R"(integration { integration_id: "shop" )", text, " }");
  };
  AllAreTold(
      &IntegrationHandlers::UpdateIntegration,
      {
          {"", {"integration.integration_id FIELD_REQUIRED"}},
          {R"(integration { integration_id: "$65" })", {"integration.integration_id FIELD_TOO_LONG"}},
          {change(R"(etag: "x")"), {"integration.etag FIELD_INVALID"}},
          {change(R"(etag: "99999999999999999999")"), {"integration.etag FIELD_INVALID"}},
          {change("") + R"(update_mask { paths: "*" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "token" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "etag" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "archived" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "tag_memory_proof" })", {"update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "quiet_window.start" paths: "nothing" })",
           {"update_mask FIELD_MASK_INVALID", "update_mask FIELD_MASK_INVALID"}},
          {change("") + R"(update_mask { paths: "legal_entity_id" })",
           {"integration.legal_entity_id FIELD_REQUIRED"}},
          {change(R"(display_name: "$201")"), {"integration.display_name FIELD_TOO_LONG"}},
          {change("default_cashless_payment_type: 10000"),
           {"integration.default_cashless_payment_type PAYMENT_TYPE_INVALID"}},
          {change(R"(cashier_name: "$101")"), {"integration.cashier_name FIELD_TOO_LONG"}},
          {change("cash_rounding: 9"), {"integration.cash_rounding FIELD_UNKNOWN"}},
          {change("part_payments: 9"), {"integration.part_payments FIELD_UNKNOWN"}},
          {change("tag_memory: 9"), {"integration.tag_memory FIELD_UNKNOWN"}},
          {change("doubt_policy: 9"), {"integration.doubt_policy FIELD_UNKNOWN"}},
          {change(R"(quiet_window { start: "1:00" end: "02:00" })"),
           {"integration.quiet_window.start FIELD_INVALID"}},
          {change(R"(default_payment_line { name: "a" })"),
           {"integration.default_payment_line.tax_id TAX_MISSING"}},
          {change("active: true") + "acknowledge_unready: true", {"principal FIELD_REQUIRED"}},
          {change("active: true") + R"(acknowledge_unready: true principal: "$129")",
           {"principal FIELD_TOO_LONG"}},
      });
}

TEST_F(BadInputTest, WhoActsIsCountedInCharactersNotInBytes) {
  const auto cyrillic = [](int letters) {
    std::string text;
    for (int i = 0; i < letters; ++i) text += "й";
    return text;
  };
  const auto named = [&cyrillic](int letters) {
    return absl::StrCat(R"( acknowledge_unready: true principal: ")", cyrillic(letters), R"(")");
  };
  const std::string fresh = R"(integration_id: "fresh" integration { legal_entity_id: "acme" })";
  const std::string shop = R"(integration { integration_id: "shop" legal_entity_id: "acme" })";
  const std::vector<std::string> too_long = {"principal FIELD_TOO_LONG"};
  AllAreTold(&IntegrationHandlers::CreateIntegration, {{fresh + named(129), too_long}});
  AllAreTold(&IntegrationHandlers::UpdateIntegration, {{shop + named(129), too_long}});
  const absl::Status created = gateway_.Call(&IntegrationHandlers::CreateIntegration, fresh + named(128));
  EXPECT_TRUE(created.ok()) << created;
  const absl::Status updated = gateway_.Call(&IntegrationHandlers::UpdateIntegration, shop + named(128));
  EXPECT_TRUE(updated.ok()) << updated;
  AllAreTold(
      &IntegrationHandlers::SetToken,
      {{absl::StrCat(R"(integration_id: "shop" token: ")", cyrillic(300), R"(")"), {"token FIELD_INVALID"}}});
}

TEST_F(BadInputTest, GetListAndDelete) {
  const std::vector<Case> named = {{"", {"integration_id FIELD_REQUIRED"}},
                                   {R"(integration_id: "$65")", {"integration_id FIELD_TOO_LONG"}}};
  AllAreTold(&IntegrationHandlers::GetIntegration, named);
  AllAreTold(&IntegrationHandlers::CheckConnection, named);
  AllAreTold(&IntegrationHandlers::GetMapping, named);
  AllAreTold(&IntegrationHandlers::GetReadiness, named);
  AllAreTold(&IntegrationHandlers::DeleteIntegration, named);
  AllAreTold(&IntegrationHandlers::DeleteIntegration,
             {{R"(integration_id: "shop" etag: "old")", {"etag FIELD_INVALID"}},
              {R"(etag: "-1")", {"integration_id FIELD_REQUIRED", "etag FIELD_INVALID"}}});
  AllAreTold(
      &IntegrationHandlers::ListIntegrations,
      {{"page_size: -1", {"page_size FIELD_INVALID"}},
       {R"(page_token: "made up")", {"page_token PAGE_TOKEN_INVALID"}},
       {R"(page_size: -5 page_token: "x")", {"page_size FIELD_INVALID", "page_token PAGE_TOKEN_INVALID"}}});
}

TEST_F(BadInputTest, SetToken) {
  AllAreTold(&IntegrationHandlers::SetToken,
             {
                 {"", {"integration_id FIELD_REQUIRED"}},
                 {R"(integration_id: "$65" token: "t")", {"integration_id FIELD_TOO_LONG"}},
                 {R"(integration_id: "shop")", {"token FIELD_REQUIRED"}},
                 {R"(integration_id: "shop" token: "Bearer t")", {"token FIELD_INVALID"}},
                 {R"(integration_id: "shop" token: "токен")", {"token FIELD_INVALID"}},
                 {R"(integration_id: "shop" token: "a\r\nb")", {"token FIELD_INVALID"}},
                 {R"(integration_id: "shop" token: "$513")", {"token FIELD_TOO_LONG"}},
                 {R"(integration_id: "shop" token: "t" etag: "e")", {"etag FIELD_INVALID"}},
                 {R"(integration_id: "shop" token: "t" stated_register_mode: 3)",
                  {"stated_register_mode FIELD_UNKNOWN"}},
                 {R"(integration_id: "shop" token: "t" stated_register_fiscal_number: "$33")",
                  {"stated_register_fiscal_number FIELD_INVALID"}},
                 {R"(integration_id: "shop" token: "t" stated_edrpou: "123456789")",
                  {"stated_edrpou FIELD_INVALID"}},
                 {R"(integration_id: "shop" stated_edrpou: "x")",
                  {"token FIELD_REQUIRED", "stated_edrpou FIELD_INVALID"}},
             });
}

TEST_F(BadInputTest, UpdateMapping) {
  const auto mapping = [](const std::string& text) {
    return absl::StrCat(R"(mapping { integration_id: "shop" )", text, " }");
  };
  AllAreTold(
      &IntegrationHandlers::UpdateMapping,
      {
          {"", {"mapping.integration_id FIELD_REQUIRED"}},
          {R"(mapping { integration_id: "$65" })", {"mapping.integration_id FIELD_TOO_LONG"}},
          {mapping(R"(etag: "x")"), {"mapping.etag FIELD_INVALID"}},
          {mapping(R"(taxes { tax_id: "a" tax_group: 0 })"),
           {"mapping.taxes[0].tax_group TAX_GROUP_UNKNOWN"}},
          {mapping(R"(taxes { tax_id: "a" tax_group: 10 })"),
           {"mapping.taxes[0].tax_group TAX_GROUP_UNKNOWN"}},
          {mapping(R"(taxes { tax_id: "a" tax_group: -1 })"),
           {"mapping.taxes[0].tax_group TAX_GROUP_UNKNOWN"}},
          {mapping("taxes { tax_group: 1 }"), {"mapping.taxes[0].tax_id FIELD_REQUIRED"}},
          {mapping(R"(taxes { tax_id: "$129" tax_group: 1 })"), {"mapping.taxes[0].tax_id FIELD_TOO_LONG"}},
          {mapping(R"(taxes { tax_id: "a\nb" tax_group: 1 })"), {"mapping.taxes[0].tax_id FIELD_INVALID"}},
          {mapping(R"(taxes { tax_id: "a" tax_group: 1 } taxes { tax_id: "a" tax_group: 2 })"),
           {"mapping.taxes[1].tax_id FIELD_INVALID"}},
          {mapping("payment_methods { payment_type: 1 }"),
           {"mapping.payment_methods[0].payment_method_id FIELD_REQUIRED"}},
          {mapping(R"(payment_methods { payment_method_id: "a" payment_type: -1 })"),
           {"mapping.payment_methods[0].payment_type PAYMENT_TYPE_INVALID"}},
          {mapping(R"(payment_methods { payment_method_id: "a" payment_type: 10000 })"),
           {"mapping.payment_methods[0].payment_type PAYMENT_TYPE_INVALID"}},
          {mapping(R"(payment_methods { payment_method_id: "$129" payment_type: 1 })"),
           {"mapping.payment_methods[0].payment_method_id FIELD_TOO_LONG"}},
          {mapping(
               R"(payment_methods { payment_method_id: "a" } payment_methods { payment_method_id: "a" })"),
           {"mapping.payment_methods[1].payment_method_id FIELD_INVALID"}},
          {mapping("") + R"(update_mask { paths: "taxes" paths: "everything" })",
           {"update_mask FIELD_MASK_INVALID"}},
          {mapping("") + R"(update_mask { paths: "mapping.taxes" })", {"update_mask FIELD_MASK_INVALID"}},
          {mapping(R"(taxes { tax_group: 77 } payment_methods { payment_type: 77777 })"),
           {"mapping.taxes[0].tax_id FIELD_REQUIRED", "mapping.taxes[0].tax_group TAX_GROUP_UNKNOWN",
            "mapping.payment_methods[0].payment_method_id FIELD_REQUIRED",
            "mapping.payment_methods[0].payment_type PAYMENT_TYPE_INVALID"}},
      });
}

TEST_F(BadInputTest, AMappingHasAThousandEntriesAtMost) {
  std::string taxes;
  for (int i = 0; i <= 1000; ++i) {
    absl::StrAppend(&taxes, "taxes { tax_id: \"t", i, "\" tax_group: 1 } ");
  }
  AllAreTold(
      &IntegrationHandlers::UpdateMapping,
      {{absl::StrCat(R"(mapping { integration_id: "shop" )", taxes, "}"), {"mapping.taxes TOO_MANY_ITEMS"}}});
}

// Each of its registers is looked at no more then, though all of them are empty.
TEST_F(BadInputTest, AThousandRegistersAtMostAreAdopted) {
  std::string registers;
  for (int i = 0; i <= 1000; ++i) registers += "register_fiscal_numbers: \"\" ";
  AllAreTold(&IntegrationHandlers::AdoptStore, {{absl::StrCat(registers, R"(principal: "olena" note: "n")"),
                                                 {"register_fiscal_numbers TOO_MANY_ITEMS"}}});
}

TEST(AdoptStore, TellsARegisterThatTheStoreDoesNotHave) {
  Gateway gateway;
  gateway.PauseStore();
  const absl::Status refused =
      gateway.Call(&IntegrationHandlers::AdoptStore,
                   R"(register_fiscal_numbers: "4000000099" principal: "olena" note: "n")");
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound) << refused;
  EXPECT_EQ(ReasonOf(refused), Reason::kIntegrationNotFound);
  EXPECT_TRUE(gateway.IsPaused());
}

TEST(AdoptStore, AdoptsNothingForACallerWhoIsAnsweredTooLate) {
  Gateway gateway;
  gateway.PauseStore();
  const std::string request = R"(principal: "olena" note: "n")";
  CallContext late;
  late.answer_within = absl::ZeroDuration();
  EXPECT_EQ(gateway.Call(&IntegrationHandlers::AdoptStore, request, late).code(),
            absl::StatusCode::kCancelled);
  CallContext gone;
  gone.is_over = [] { return true; };
  EXPECT_EQ(gateway.Call(&IntegrationHandlers::AdoptStore, request, gone).code(),
            absl::StatusCode::kCancelled);
  EXPECT_TRUE(gateway.IsPaused());
  EXPECT_TRUE(gateway.Call(&IntegrationHandlers::AdoptStore, request).ok());
  EXPECT_FALSE(gateway.IsPaused());
}

TEST_F(BadInputTest, GetMappingCoverage) {
  AllAreTold(
      &IntegrationHandlers::GetMappingCoverage,
      {
          {"", {"integration_id FIELD_REQUIRED"}},
          {R"(integration_id: "$65")", {"integration_id FIELD_TOO_LONG"}},
          {R"(integration_id: "shop" seen_from { seconds: 253402300800 })", {"seen_from FIELD_INVALID"}},
          {R"(integration_id: "shop" seen_from { nanos: -1 })", {"seen_from FIELD_INVALID"}},
          {"seen_from { nanos: 1000000000 }", {"integration_id FIELD_REQUIRED", "seen_from FIELD_INVALID"}},
      });
}

TEST_F(BadInputTest, ProveTagMemory) {
  AllAreTold(
      &IntegrationHandlers::ProveTagMemory,
      {
          {"", {"integration_id FIELD_REQUIRED", "tag_memory FIELD_REQUIRED"}},
          {R"(integration_id: "$65" tag_memory: TAG_MEMORY_SAME_SHIFT)", {"integration_id FIELD_TOO_LONG"}},
          {R"(integration_id: "shop")", {"tag_memory FIELD_REQUIRED"}},
          {R"(integration_id: "shop" tag_memory: TAG_MEMORY_UNPROVEN)", {"tag_memory FIELD_INVALID"}},
          {R"(integration_id: "shop" tag_memory: 9)", {"tag_memory FIELD_UNKNOWN"}},
          {R"(integration_id: "shop" tag_memory: TAG_MEMORY_FOREVER)", {"close_shift FIELD_REQUIRED"}},
      });
}

TEST_F(BadInputTest, AnIdThatNobodyHasIsNotFound) {
  const auto expect_not_found = [](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
    EXPECT_EQ(ReasonOf(status), Reason::kIntegrationNotFound);
  };
  const std::string nobody = R"(integration_id: "nobody")";
  expect_not_found(gateway_.Call(&IntegrationHandlers::GetIntegration, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::DeleteIntegration, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::CheckConnection, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::GetMapping, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::GetMappingCoverage, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::GetReadiness, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::GetCatalogue, nobody));
  expect_not_found(gateway_.Call(&IntegrationHandlers::SetToken, nobody + R"( token: "t")"));
  expect_not_found(
      gateway_.Call(&IntegrationHandlers::ProveTagMemory, nobody + " tag_memory: TAG_MEMORY_SAME_SHIFT"));
  expect_not_found(
      gateway_.Call(&IntegrationHandlers::UpdateIntegration, absl::StrCat("integration { ", nobody, " }")));
  expect_not_found(
      gateway_.Call(&IntegrationHandlers::UpdateMapping, absl::StrCat("mapping { ", nobody, " }")));
}

TEST_F(BadInputTest, AnOldEtagIsAborted) {
  const auto expect_aborted = [](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
    EXPECT_EQ(ReasonOf(status), Reason::kEtagMismatch);
  };
  expect_aborted(gateway_.Call(&IntegrationHandlers::UpdateIntegration,
                               R"(integration { integration_id: "shop" etag: "7" display_name: "x" })"));
  expect_aborted(
      gateway_.Call(&IntegrationHandlers::DeleteIntegration, R"(integration_id: "shop" etag: "7")"));
  expect_aborted(
      gateway_.Call(&IntegrationHandlers::SetToken, R"(integration_id: "shop" token: "t" etag: "7")"));
  expect_aborted(
      gateway_.Call(&IntegrationHandlers::UpdateMapping, R"(mapping { integration_id: "shop" etag: "7" })"));
  EXPECT_EQ(gateway_.questions(), 0u);
}

}  // namespace
}  // namespace kasa::api
