#include "server/store/connection.h"
#include "server/store/record_values.h"
#include "server/store/records.h"

namespace kasa::store {

std::string EncodeSettings(const domain::Integration& integration) {
  v1::IntegrationSettings to;
  to.set_display_name(integration.display_name);
  to.set_active(integration.active);
  if (integration.default_cashless_payment_type) {
    to.set_default_cashless_payment_type(*integration.default_cashless_payment_type);
  }
  to.set_send_sms(integration.send_sms);
  to.set_send_email(integration.send_email);
  to.set_cashier_name(integration.cashier_name);
  to.set_cash_rounding(static_cast<int>(integration.cash_rounding));
  to.set_part_payments(static_cast<int>(integration.part_payments));
  to.set_doubt_policy(static_cast<int>(integration.doubt_policy));
  to.set_tag_memory(static_cast<int>(integration.tag_memory));
  if (integration.quiet_window) {
    to.mutable_quiet_window()->set_start_minute(integration.quiet_window->start_minute);
    to.mutable_quiet_window()->set_end_minute(integration.quiet_window->end_minute);
  }
  if (integration.default_payment_line) {
    to.mutable_default_payment_line()->set_name(integration.default_payment_line->name);
    to.mutable_default_payment_line()->set_tax_id(integration.default_payment_line->tax_id);
  }
  if (integration.pinned_register) {
    v1::PinnedRegister& pinned = *to.mutable_pinned_register();
    pinned.set_fiscal_number(integration.pinned_register->fiscal_number);
    pinned.set_edrpou(integration.pinned_register->edrpou);
    pinned.set_mode(static_cast<int>(integration.pinned_register->mode));
    pinned.set_stated_by_operator(integration.pinned_register->stated_by_operator);
  }
  to.set_token_state(static_cast<int>(integration.token_state));
  to.set_token_last_four(integration.token_last_four);
  if (integration.token_set_time) to.set_token_set_time_micros(ToMicros(*integration.token_set_time));
  if (integration.unready_acknowledgement) {
    v1::UnreadyAcknowledgement& acknowledgement = *to.mutable_unready_acknowledgement();
    acknowledgement.set_principal(integration.unready_acknowledgement->principal);
    acknowledgement.set_time_micros(ToMicros(integration.unready_acknowledgement->time));
    for (const int item : integration.unready_acknowledgement->open_items) {
      acknowledgement.add_open_items(item);
    }
  }
  to.set_automatic_shift_closing_confirmed(integration.automatic_shift_closing_confirmed);
  to.set_sms_confirmed(integration.sms_confirmed);
  to.set_email_confirmed(integration.email_confirmed);
  if (integration.archive_time) to.set_archive_time_micros(ToMicros(*integration.archive_time));
  return to.SerializeAsString();
}

domain::Integration DecodeSettings(const std::string& bytes) {
  const auto from = Parsed<v1::IntegrationSettings>(bytes, "integration");
  domain::Integration integration;
  integration.display_name = from.display_name();
  integration.active = from.active();
  if (from.has_default_cashless_payment_type()) {
    integration.default_cashless_payment_type = from.default_cashless_payment_type();
  }
  integration.send_sms = from.send_sms();
  integration.send_email = from.send_email();
  integration.cashier_name = from.cashier_name();
  integration.cash_rounding = EnumFrom(from.cash_rounding(), domain::CashRounding::kNone,
                                       domain::CashRounding::kFiftyKopiykas, "cash rounding");
  integration.part_payments = EnumFrom(from.part_payments(), domain::PartPayments::kRefused,
                                       domain::PartPayments::kAllowed, "part payments");
  integration.doubt_policy =
      EnumFrom(from.doubt_policy(), domain::DoubtPolicy::kHold, domain::DoubtPolicy::kPark, "doubt policy");
  integration.tag_memory =
      EnumFrom(from.tag_memory(), domain::TagMemory::kUnproven, domain::TagMemory::kForever, "tag memory");
  if (from.has_quiet_window()) {
    integration.quiet_window = {from.quiet_window().start_minute(), from.quiet_window().end_minute()};
  }
  if (from.has_default_payment_line()) {
    integration.default_payment_line = {from.default_payment_line().name(),
                                        from.default_payment_line().tax_id()};
  }
  if (from.has_pinned_register()) {
    const v1::PinnedRegister& pinned = from.pinned_register();
    integration.pinned_register = {pinned.fiscal_number(), pinned.edrpou(), ModeFrom(pinned.mode()),
                                   pinned.stated_by_operator()};
  }
  integration.token_state = EnumFrom(from.token_state(), domain::TokenState::kNone,
                                     domain::TokenState::kRefusedUnverified, "token state");
  integration.token_last_four = from.token_last_four();
  if (from.has_token_set_time_micros()) {
    integration.token_set_time = FromMicros(from.token_set_time_micros());
  }
  if (from.has_unready_acknowledgement()) {
    const v1::UnreadyAcknowledgement& acknowledgement = from.unready_acknowledgement();
    integration.unready_acknowledgement = {
        acknowledgement.principal(),
        FromMicros(acknowledgement.time_micros()),
        {acknowledgement.open_items().begin(), acknowledgement.open_items().end()}};
  }
  integration.automatic_shift_closing_confirmed = from.automatic_shift_closing_confirmed();
  integration.sms_confirmed = from.sms_confirmed();
  integration.email_confirmed = from.email_confirmed();
  if (from.has_archive_time_micros()) integration.archive_time = FromMicros(from.archive_time_micros());
  return integration;
}

std::string EncodeStatus(const domain::RegisterStatus& status) {
  v1::RegisterStatus to;
  to.set_fiscal_number(status.fiscal_number);
  to.set_edrpou(status.edrpou);
  if (status.mode) to.set_mode(static_cast<int>(*status.mode));
  if (status.shift) to.set_shift(static_cast<int>(*status.shift));
  if (status.shift_opened) to.set_shift_opened_micros(ToMicros(*status.shift_opened));
  if (status.shift_opened_at_latest) {
    to.set_shift_opened_at_latest_micros(ToMicros(*status.shift_opened_at_latest));
  }
  if (status.online_raw) to.set_online_raw(*status.online_raw);
  if (status.sign) to.set_sign(static_cast<int>(*status.sign));
  if (status.cash_in_drawer) to.set_cash_in_drawer_kopiykas(status.cash_in_drawer->kopiykas());
  if (status.vacant_offline_numbers) to.set_vacant_offline_numbers(*status.vacant_offline_numbers);
  if (status.last_receipt_number) to.set_last_receipt_number(*status.last_receipt_number);
  if (status.last_return_number) to.set_last_return_number(*status.last_return_number);
  if (status.last_z_report_number) to.set_last_z_report_number(*status.last_z_report_number);
  if (status.register_clock) to.set_register_clock_micros(ToMicros(*status.register_clock));
  return to.SerializeAsString();
}

domain::RegisterStatus DecodeStatus(const std::string& bytes) {
  const auto from = Parsed<v1::RegisterStatus>(bytes, "register status");
  domain::RegisterStatus status;
  status.fiscal_number = from.fiscal_number();
  status.edrpou = from.edrpou();
  if (from.has_mode()) status.mode = ModeFrom(from.mode());
  if (from.has_shift()) {
    status.shift =
        EnumFrom(from.shift(), domain::ShiftStatus::kUnknown, domain::ShiftStatus::kBlocked, "shift status");
  }
  if (from.has_shift_opened_micros()) status.shift_opened = FromMicros(from.shift_opened_micros());
  if (from.has_shift_opened_at_latest_micros()) {
    status.shift_opened_at_latest = FromMicros(from.shift_opened_at_latest_micros());
  }
  if (from.has_online_raw()) status.online_raw = from.online_raw();
  if (from.has_sign()) {
    status.sign =
        EnumFrom(from.sign(), domain::SignStatus::kNotUsed, domain::SignStatus::kMissing, "sign status");
  }
  if (from.has_cash_in_drawer_kopiykas()) status.cash_in_drawer = Kopiykas(from.cash_in_drawer_kopiykas());
  if (from.has_vacant_offline_numbers()) status.vacant_offline_numbers = from.vacant_offline_numbers();
  if (from.has_last_receipt_number()) status.last_receipt_number = from.last_receipt_number();
  if (from.has_last_return_number()) status.last_return_number = from.last_return_number();
  if (from.has_last_z_report_number()) status.last_z_report_number = from.last_z_report_number();
  if (from.has_register_clock_micros()) status.register_clock = FromMicros(from.register_clock_micros());
  return status;
}

std::string EncodeProof(const domain::TagMemoryProof& proof) {
  v1::TagMemoryProof to;
  to.set_tag_memory(static_cast<int>(proof.tag_memory));
  to.set_prove_time_micros(ToMicros(proof.prove_time));
  to.set_register_fiscal_number(proof.register_fiscal_number);
  for (const std::string& finding : proof.findings) to.add_findings(finding);
  return to.SerializeAsString();
}

domain::TagMemoryProof DecodeProof(const std::string& bytes) {
  const auto from = Parsed<v1::TagMemoryProof>(bytes, "proof of tag memory");
  return {.tag_memory = EnumFrom(from.tag_memory(), domain::TagMemory::kUnproven, domain::TagMemory::kForever,
                                 "tag memory"),
          .prove_time = FromMicros(from.prove_time_micros()),
          .register_fiscal_number = from.register_fiscal_number(),
          .findings = {from.findings().begin(), from.findings().end()}};
}

std::string EncodeMapping(const domain::Mapping& mapping) {
  v1::Mapping to;
  for (const auto& [tax, group] : mapping.tax_groups) (*to.mutable_tax_groups())[tax] = group;
  for (const auto& [method, type] : mapping.payment_types) (*to.mutable_payment_types())[method] = type;
  return to.SerializeAsString();
}

domain::Mapping DecodeMapping(const std::string& bytes) {
  const auto from = Parsed<v1::Mapping>(bytes, "mapping");
  domain::Mapping mapping;
  for (const auto& [tax, group] : from.tax_groups()) mapping.tax_groups.emplace(tax, group);
  for (const auto& [method, type] : from.payment_types()) mapping.payment_types.emplace(method, type);
  return mapping;
}

}  // namespace kasa::store
