#include "server/domain/integration_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "server/domain/limits.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Spoilt {
  std::function<void(Integration&)> spoil;
  std::string field;
  Reason reason;
};

TEST(IntegrationCheck, TakesAGoodOne) {
  Integration integration = ShopIntegration();
  EXPECT_THAT(CheckIntegration(integration, "integration").violations, IsEmpty());

  integration.id = std::string(64, 'a');
  integration.legal_entity_id.clear();
  integration.branch_id = "kyiv-1";
  integration.default_cashless_payment_type = 9999;
  integration.quiet_window = QuietWindow{0, 1440};
  integration.default_payment_line = DefaultPaymentLine{"Оплата за замовлення", "vat20"};
  integration.cashier_name.clear();
  const CheckedSettings checked = CheckIntegration(integration, "integration");
  EXPECT_THAT(checked.violations, IsEmpty());
  EXPECT_THAT(checked.warnings, IsEmpty());
}

TEST(IntegrationCheck, NamesEachFieldThatIsWrong) {
  const std::vector<Spoilt> table = {
      {[](Integration& i) { i.id = ""; }, "integration_id", Reason::kFieldRequired},
      {[](Integration& i) { i.id = std::string(65, 'a'); }, "integration_id", Reason::kFieldTooLong},
      {[](Integration& i) { i.id = "Shop"; }, "integration_id", Reason::kFieldInvalid},
      {[](Integration& i) { i.id = "shop_1"; }, "integration_id", Reason::kFieldInvalid},
      {[](Integration& i) { i.id = "крамниця"; }, "integration_id", Reason::kFieldInvalid},
      {[](Integration& i) { i.display_name = std::string(kMaxDisplayNameLength + 1, 'x'); }, "display_name",
       Reason::kFieldTooLong},
      {[](Integration& i) { i.default_cashless_payment_type = 0; }, "default_cashless_payment_type",
       Reason::kPaymentTypeInvalid},
      {[](Integration& i) { i.default_cashless_payment_type = -1; }, "default_cashless_payment_type",
       Reason::kPaymentTypeInvalid},
      {[](Integration& i) { i.default_cashless_payment_type = 10'000; }, "default_cashless_payment_type",
       Reason::kPaymentTypeInvalid},
      {[](Integration& i) { i.branch_id = std::string(129, 'b'); }, "branch_id", Reason::kFieldTooLong},
      {[](Integration& i) { i.legal_entity_id = "a\nb"; }, "legal_entity_id", Reason::kFieldInvalid},
      {[](Integration& i) { i.legal_entity_id.clear(); }, "legal_entity_id", Reason::kFieldRequired},
      {[](Integration& i) { i.cashier_name = std::string(101, 'x'); }, "cashier_name", Reason::kFieldTooLong},
      {[](Integration& i) { i.cashier_name = "🙂"; }, "cashier_name", Reason::kFieldInvalid},
      {[](Integration& i) {
         i.quiet_window = QuietWindow{-1, 10};
       },
       "quiet_window.start", Reason::kFieldInvalid},
      {[](Integration& i) {
         i.quiet_window = QuietWindow{10, 1441};
       },
       "quiet_window.end", Reason::kFieldInvalid},
      {[](Integration& i) {
         i.quiet_window = QuietWindow{600, 600};
       },
       "quiet_window.end", Reason::kFieldInvalid},
      {[](Integration& i) {
         i.quiet_window = QuietWindow{1430, 10};
       },
       "quiet_window.end", Reason::kFieldInvalid},
      {[](Integration& i) {
         i.default_payment_line = DefaultPaymentLine{"", "vat20"};
       },
       "default_payment_line.name", Reason::kNameMissing},
      {[](Integration& i) {
         i.default_payment_line = DefaultPaymentLine{"Оплата", ""};
       },
       "default_payment_line.tax_id", Reason::kTaxMissing},
  };
  for (const Spoilt& spoilt : table) {
    Integration integration = ShopIntegration();
    spoilt.spoil(integration);
    EXPECT_THAT(CheckIntegration(integration, "integration").violations,
                ElementsAre(Violates("integration." + spoilt.field, spoilt.reason)));
  }
}

TEST(IntegrationCheck, WarnsOfAChainTypeAsTheDefault) {
  Integration integration = ShopIntegration();
  integration.default_cashless_payment_type = 3;
  const CheckedSettings checked = CheckIntegration(integration, "integration");
  EXPECT_THAT(checked.violations, IsEmpty());
  EXPECT_THAT(checked.warnings, ElementsAre(Warns(Reason::kFiscalChainPrepayment,
                                                  "integration.default_cashless_payment_type", "refused")));
}

TEST(MappingCheck, TakesKnownGroupsAndAnyPossibleType) {
  const std::vector<MappingEntry> taxes = {{"vat20", 1}, {"", 2}, {"none", 9}};
  const std::vector<MappingEntry> good_taxes = {{"vat20", 1}, {"none", 9}};
  const std::vector<MappingEntry> methods = {{"cash", 0}, {"card", 2}, {"own", 9999}};
  const CheckedSettings checked = CheckMapping(good_taxes, methods, "mapping");
  EXPECT_THAT(checked.violations, IsEmpty());
  EXPECT_THAT(checked.warnings, IsEmpty());
  EXPECT_THAT(CheckMapping(taxes, methods, "mapping").violations,
              ElementsAre(Violates("mapping.taxes[1].tax_id", Reason::kFieldRequired)));
}

TEST(MappingCheck, NamesEachEntryThatIsWrong) {
  const std::vector<MappingEntry> taxes = {
      {"a", 0}, {"b", 10}, {"c", 1}, {"c", 2}, {std::string(129, 'd'), 1}};
  const std::vector<MappingEntry> methods = {
      {"x", -1}, {"y", 10'000}, {"z", std::numeric_limits<int>::max()}, {"z", 1}};
  EXPECT_THAT(CheckMapping(taxes, methods, "mapping").violations,
              ElementsAre(Violates("mapping.taxes[0].tax_group", Reason::kTaxGroupUnknown),
                          Violates("mapping.taxes[1].tax_group", Reason::kTaxGroupUnknown),
                          Violates("mapping.taxes[3].tax_id", Reason::kFieldInvalid),
                          Violates("mapping.taxes[4].tax_id", Reason::kFieldTooLong),
                          Violates("mapping.payment_methods[0].payment_type", Reason::kPaymentTypeInvalid),
                          Violates("mapping.payment_methods[1].payment_type", Reason::kPaymentTypeInvalid),
                          Violates("mapping.payment_methods[2].payment_type", Reason::kPaymentTypeInvalid),
                          Violates("mapping.payment_methods[3].payment_method_id", Reason::kFieldInvalid)));
}

TEST(MappingCheck, WarnsOfChainTypesInOneTextEach) {
  const std::vector<MappingEntry> methods = {{"pre", 3}, {"post", 4}, {"card", 2}, {"advance", 3}};
  const CheckedSettings checked = CheckMapping({}, methods, "mapping");
  EXPECT_THAT(checked.violations, IsEmpty());
  EXPECT_THAT(checked.warnings,
              ElementsAre(Warns(Reason::kFiscalChainPrepayment, "mapping.payment_methods[0].payment_type",
                                "mapping.payment_methods[0].payment_type, "
                                "mapping.payment_methods[3].payment_type"),
                          Warns(Reason::kFiscalChainPostpayment, "mapping.payment_methods[1].payment_type",
                                "mapping.payment_methods[1].payment_type")));
}

TEST(MappingCheck, HasALimit) {
  std::vector<MappingEntry> taxes;
  for (size_t i = 0; i < kMaxMappingEntries; ++i) taxes.push_back({"tax-" + std::to_string(i), 1});
  EXPECT_THAT(CheckMapping(taxes, {}, "mapping").violations, IsEmpty());
  taxes.push_back({"one-more", 1});
  EXPECT_THAT(CheckMapping(taxes, {}, "mapping").violations,
              ElementsAre(Violates("mapping.taxes", Reason::kTooManyItems)));
}

TEST(Default, IsTakenFromTheOneThatHadItForTheSamePair) {
  const auto with = [](const char* id, const char* branch, const char* entity, bool is_default,
                       bool archived) {
    Integration integration;
    integration.id = id;
    integration.branch_id = branch;
    integration.legal_entity_id = entity;
    integration.is_default = is_default;
    integration.archived = archived;
    return integration;
  };
  const std::vector<Integration> others = {
      with("same-pair", "b1", "e1", true, false),    with("not-default", "b1", "e1", false, false),
      with("other-branch", "b2", "e1", true, false), with("other-entity", "b1", "e2", true, false),
      with("archived", "b1", "e1", true, true),      with("itself", "b1", "e1", true, false)};
  EXPECT_THAT(LosesDefaultTo(with("itself", "b1", "e1", true, false), others), ElementsAre("same-pair"));
  EXPECT_THAT(LosesDefaultTo(with("itself", "b1", "e1", false, false), others), IsEmpty());
  EXPECT_THAT(LosesDefaultTo(with("itself", "", "e1", true, false), others), IsEmpty());
}

}  // namespace
}  // namespace kasa::domain
