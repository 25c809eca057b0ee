#include "server/api/integration_settings.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/api/errors.h"

namespace kasa::api {
namespace {

v1::Integration Read(const std::string& text) {
  v1::Integration integration;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &integration));
  return integration;
}

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

constexpr char kWhole[] = R"(
  integration_id: "kyiv-1" display_name: "Київ" active: true is_default: true default_cashless_payment_type: 2
  send_sms: true send_email: true branch_id: "b" legal_entity_id: "le" cashier_name: "Олена"
  cash_rounding: CASH_ROUNDING_TEN_KOPIYKAS part_payments: PART_PAYMENTS_ALLOW doubt_policy: DOUBT_POLICY_HOLD
  tag_memory: TAG_MEMORY_FOREVER quiet_window { start: "23:30" end: "24:00" }
  default_payment_line { name: "Оплата" tax_id: "vat20" }
  automatic_shift_closing_confirmed: true sms_confirmed: true email_confirmed: true)";

// The settings of `integration` in the contract's words, after the changes that `update` asks for.
v1::Integration Updated(const v1::Integration& before, const v1::Integration& update,
                        const google::protobuf::FieldMask& mask) {
  RequestCheck check;
  domain::Integration record = DecodeIntegration(before, "integration", check);
  DecodeSettingsChange(update, mask, check)(record);
  EXPECT_TRUE(check.ok()) << check.ToStatus();
  v1::Integration after;
  EncodeIntegration(record, &after);
  return after;
}

TEST(IntegrationSettingsTest, WhatIsDecodedIsEncodedAsItWas) {
  RequestCheck check;
  v1::Integration encoded;
  EncodeIntegration(DecodeIntegration(Read(kWhole), "integration", check), &encoded);
  EXPECT_TRUE(check.ok());
  // What the gateway keeps itself is not what this is about.
  for (const char* kept : {"etag", "token_state", "create_time", "update_time"}) {
    v1::Integration::GetReflection()->ClearField(&encoded,
                                                 v1::Integration::GetDescriptor()->FindFieldByName(kept));
  }
  EXPECT_EQ(encoded.DebugString(), Read(kWhole).DebugString());
}

TEST(IntegrationSettingsTest, WhatIsNotStatedHasItsDefault) {
  RequestCheck check;
  const domain::Integration made = DecodeIntegration(v1::Integration(), "integration", check);
  EXPECT_EQ(made.cash_rounding, domain::CashRounding::kFiftyKopiykas);
  EXPECT_EQ(made.part_payments, domain::PartPayments::kRefused);
  EXPECT_EQ(made.doubt_policy, domain::DoubtPolicy::kHold);
  EXPECT_EQ(made.tag_memory, domain::TagMemory::kSameShift);
  EXPECT_FALSE(made.default_cashless_payment_type);
  EXPECT_FALSE(made.quiet_window);
  EXPECT_FALSE(made.active);
}

TEST(IntegrationSettingsTest, WithoutAMaskWhatHasAValueIsChanged) {
  const v1::Integration after = Updated(
      Read(kWhole), Read(R"(display_name: "Нова" default_cashless_payment_type: 0 active: false)"), {});
  EXPECT_EQ(after.display_name(), "Нова");
  EXPECT_TRUE(after.has_default_cashless_payment_type());
  EXPECT_EQ(after.default_cashless_payment_type(), 0);
  EXPECT_TRUE(after.active());
  EXPECT_EQ(after.branch_id(), "b");
}

TEST(IntegrationSettingsTest, AMaskChangesWhatItNamesAndEmptiesWhatHasNoValue) {
  const v1::Integration update = Read(R"(display_name: "Нова" branch_id: "b2")");
  const v1::Integration after = Updated(
      Read(kWhole), update,
      Mask({"active", "branch_id", "quiet_window", "default_cashless_payment_type", "cash_rounding"}));
  EXPECT_EQ(after.display_name(), "Київ");
  EXPECT_EQ(after.branch_id(), "b2");
  EXPECT_FALSE(after.active());
  EXPECT_FALSE(after.has_quiet_window());
  EXPECT_FALSE(after.has_default_cashless_payment_type());
  EXPECT_EQ(after.cash_rounding(), v1::CASH_ROUNDING_FIFTY_KOPIYKAS);
}

TEST(IntegrationSettingsTest, EverySettingOfTheContractCanBeNamedAndNothingElse) {
  const google::protobuf::Descriptor& type = *v1::Integration::descriptor();
  const v1::Integration whole = Read(kWhole);
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    // What an operator may set has a value in the whole integration above; the rest is kept by the gateway,
    // or comes later.
    const bool settable =
        field->name() != "integration_id" && v1::Integration::GetReflection()->HasField(whole, field);
    RequestCheck check;
    DecodeSettingsChange(whole, Mask({field->name()}), check);
    EXPECT_EQ(check.ok(), settable) << field->full_name();
  }
}

TEST(IntegrationSettingsTest, MasksThatMeanNothingAreRefused) {
  for (const char* path : {"*", "", "quiet_window.start", "displayName", "token", "etag", "lane.state"}) {
    RequestCheck check;
    DecodeSettingsChange(v1::Integration(), Mask({path}), check);
    const domain::Violations found = ViolationsOf(check.ToStatus());
    ASSERT_EQ(found.size(), 1u) << path;
    EXPECT_EQ(found[0].reason, Reason::kFieldMaskInvalid) << path;
    EXPECT_EQ(found[0].field, "update_mask");
  }
}

TEST(IntegrationSettingsTest, WhatBecomesOfALaneWhoseHeadStaysInDoubt) {
  const struct {
    const char* written;
    domain::DoubtPolicy policy;
    v1::DoubtPolicy told;
  } cases[] = {{"", domain::DoubtPolicy::kHold, v1::DOUBT_POLICY_HOLD},
               {"doubt_policy: DOUBT_POLICY_HOLD", domain::DoubtPolicy::kHold, v1::DOUBT_POLICY_HOLD},
               {"doubt_policy: DOUBT_POLICY_PARK", domain::DoubtPolicy::kPark, v1::DOUBT_POLICY_PARK}};
  for (const auto& given : cases) {
    RequestCheck check;
    const domain::Integration read = DecodeIntegration(Read(given.written), "integration", check);
    EXPECT_TRUE(check.ToStatus().ok()) << given.written;
    EXPECT_EQ(read.doubt_policy, given.policy) << given.written;
    v1::Integration told;
    EncodeIntegration(read, &told);
    EXPECT_EQ(told.doubt_policy(), given.told) << given.written;
  }
}

TEST(IntegrationSettingsTest, UnknownValuesOfEnumsAreTold) {
  v1::Integration integration;
  integration.set_cash_rounding(static_cast<v1::CashRounding>(9));
  integration.set_part_payments(static_cast<v1::PartPayments>(9));
  integration.set_doubt_policy(static_cast<v1::DoubtPolicy>(9));
  integration.set_tag_memory(static_cast<v1::TagMemory>(9));
  RequestCheck check;
  DecodeIntegration(integration, "integration", check);
  EXPECT_EQ(ViolationsOf(check.ToStatus()).size(), 4u);
}

TEST(IntegrationSettingsTest, TimesOfTheDay) {
  EXPECT_EQ(ParseMinute("00:00"), 0);
  EXPECT_EQ(ParseMinute("23:59"), 1439);
  EXPECT_EQ(ParseMinute("24:00"), 1440);
  for (const char* text : {"", "1:00", "24:01", "12:60", "12-00", "ab:cd", "12:0", "012:00", "99:99"}) {
    EXPECT_FALSE(ParseMinute(text)) << text;
  }
  for (int minute = 0; minute <= 1440; ++minute) EXPECT_EQ(ParseMinute(FormatMinute(minute)), minute);
}

}  // namespace
}  // namespace kasa::api
