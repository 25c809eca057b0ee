#include "server/api/mapping.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/api/errors.h"

namespace kasa::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

domain::Mapping Before() {
  domain::Mapping mapping;
  mapping.tax_groups = {{"vat0", 2}, {"vat20", 1}};
  mapping.payment_types = {{"card", 2}, {"cash", 0}};
  return mapping;
}

domain::Mapping After(const std::string& request_text, RequestCheck& check) {
  v1::UpdateMappingRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request_text, &request));
  domain::Mapping mapping = Before();
  DecodeMappingChange(request, check)(mapping);
  return mapping;
}

domain::Mapping After(const std::string& request_text) {
  RequestCheck check;
  domain::Mapping mapping = After(request_text, check);
  EXPECT_TRUE(check.ok()) << check.ToStatus();
  return mapping;
}

TEST(MappingTest, WithoutAMaskAListThatHasEntriesIsReplaced) {
  const domain::Mapping after = After(R"(mapping { taxes { tax_id: "vat7" tax_group: 1 } })");
  EXPECT_THAT(after.tax_groups, ElementsAre(Pair("vat7", 1)));
  EXPECT_EQ(after.payment_types, Before().payment_types);
}

TEST(MappingTest, AListThatIsNamedAndEmptyIsEmptied) {
  const domain::Mapping after = After(R"(update_mask { paths: "payment_methods" })");
  EXPECT_THAT(after.payment_types, IsEmpty());
  EXPECT_EQ(after.tax_groups, Before().tax_groups);
}

TEST(MappingTest, MergeAddsAndReplacesEntries) {
  const domain::Mapping after = After(
      R"(mapping { payment_methods { payment_method_id: "card" payment_type: 1 }
                   payment_methods { payment_method_id: "np" payment_type: 20 } }
         update_mask { paths: "payment_methods" paths: "taxes" } merge: true)");
  EXPECT_THAT(after.payment_types, ElementsAre(Pair("card", 1), Pair("cash", 0), Pair("np", 20)));
  EXPECT_EQ(after.tax_groups, Before().tax_groups);
}

TEST(MappingTest, EntriesAreRemovedByTheirIds) {
  const domain::Mapping after =
      After(R"(remove_tax_ids: "vat0" remove_tax_ids: "none" remove_payment_method_ids: "cash")");
  EXPECT_THAT(after.tax_groups, ElementsAre(Pair("vat20", 1)));
  EXPECT_THAT(after.payment_types, ElementsAre(Pair("card", 2)));
}

TEST(MappingTest, WhatIsWrongIsToldAtOnce) {
  RequestCheck check;
  After(R"(mapping { taxes { tax_id: "a" tax_group: 999 } taxes { tax_id: "b" tax_group: 1 }
                     taxes { tax_id: "b" tax_group: 2 }
                     payment_methods { payment_method_id: "x" payment_type: 10000 }
                     payment_methods { payment_type: 1 } }
           update_mask { paths: "everything" })",
        check);
  std::vector<std::pair<std::string, Reason>> found;
  for (const domain::Violation& violation : ViolationsOf(check.ToStatus())) {
    found.emplace_back(violation.field, violation.reason);
  }
  EXPECT_THAT(found, ElementsAre(Pair("mapping.taxes[0].tax_group", Reason::kTaxGroupUnknown),
                                 Pair("mapping.taxes[2].tax_id", Reason::kFieldInvalid),
                                 Pair("mapping.payment_methods[0].payment_type", Reason::kPaymentTypeInvalid),
                                 Pair("mapping.payment_methods[1].payment_method_id", Reason::kFieldRequired),
                                 Pair("update_mask", Reason::kFieldMaskInvalid)));
}

TEST(MappingTest, TheCatalogueNamesWhatMappingsUse) {
  v1::GetCatalogueResponse catalogue;
  EncodeCatalogue(&catalogue);
  EXPECT_GT(catalogue.tax_groups_size(), 0);
  EXPECT_GT(catalogue.payment_types_size(), 0);
  v1::Mapping encoded;
  domain::Experience experience;
  experience.tax_groups[1] = domain::CodeState::kConfirmed;
  experience.payment_types[2] = domain::CodeState::kNotEnabled;
  EncodeMapping("kyiv-1", Before(), experience, &encoded);
  ASSERT_EQ(encoded.taxes_size(), 2);
  EXPECT_EQ(encoded.taxes(1).tax_id(), "vat20");
  EXPECT_EQ(encoded.taxes(1).tax_group(), 1);
  EXPECT_FALSE(encoded.taxes(1).tax_group_name().empty());
  ASSERT_EQ(encoded.payment_methods_size(), 2);
  EXPECT_FALSE(encoded.payment_methods(1).payment_type_name().empty());
  EXPECT_EQ(encoded.taxes(0).state(), v1::MAPPING_ENTRY_STATE_UNSPECIFIED);
  EXPECT_EQ(encoded.taxes(1).state(), v1::MAPPING_ENTRY_STATE_CONFIRMED);
  for (const auto& method : encoded.payment_methods()) {
    EXPECT_EQ(method.state(), method.payment_type() == 2 ? v1::MAPPING_ENTRY_STATE_NOT_ENABLED
                                                         : v1::MAPPING_ENTRY_STATE_UNSPECIFIED);
  }
}

TEST(MappingTest, TheCoverageTellsGapsAloneWhereAsked) {
  const absl::Time seen = absl::FromUnixSeconds(1764000000);
  domain::Coverage coverage;
  coverage.taxes = {{.seen = {domain::SeenKind::kTax, "vat7", 2, seen}},
                    {.seen = {domain::SeenKind::kTax, "vat20", 5, seen},
                     .state = domain::CoverageState::kMapped,
                     .mapped_to = 1}};
  coverage.payment_methods = {{.seen = {domain::SeenKind::kPaymentMethod, "nova", 1, seen},
                               .state = domain::CoverageState::kNotEnabled,
                               .mapped_to = 20}};
  v1::GetMappingCoverageResponse all;
  EncodeCoverage(coverage, /*only_gaps=*/false, &all);
  ASSERT_EQ(all.taxes_size(), 2);
  EXPECT_EQ(all.taxes(0).state(), v1::COVERAGE_STATE_UNMAPPED);
  EXPECT_FALSE(all.taxes(0).has_mapped_to());
  EXPECT_EQ(all.taxes(1).mapped_to(), 1);
  EXPECT_EQ(all.taxes(1).document_count(), 5);
  EXPECT_EQ(all.taxes(1).last_seen_time().seconds(), 1764000000);
  v1::GetMappingCoverageResponse gaps;
  EncodeCoverage(coverage, /*only_gaps=*/true, &gaps);
  ASSERT_EQ(gaps.taxes_size(), 1);
  EXPECT_EQ(gaps.taxes(0).id(), "vat7");
  ASSERT_EQ(gaps.payment_methods_size(), 1);
  EXPECT_EQ(gaps.payment_methods(0).state(), v1::COVERAGE_STATE_NOT_ENABLED);
}

}  // namespace
}  // namespace kasa::api
