#include "server/api/integration_settings.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kasa/v1/readiness.pb.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/encode_receipt.h"
#include "server/api/errors.h"
#include "server/api/times.h"

namespace kasa::api {
namespace {

using domain::Integration;

// One field that an operator may set: whether it has a value, and how it goes from one record to another.
struct Setting {
  absl::string_view path;
  bool (*given)(const v1::Integration&);
  void (*copy)(const Integration& from, Integration& to);
};

constexpr Setting kSettings[] = {
    {"display_name", [](const v1::Integration& i) { return !i.display_name().empty(); },
     [](const Integration& from, Integration& to) { to.display_name = from.display_name; }},
    {"active", [](const v1::Integration& i) { return i.active(); },
     [](const Integration& from, Integration& to) { to.active = from.active; }},
    {"is_default", [](const v1::Integration& i) { return i.is_default(); },
     [](const Integration& from, Integration& to) { to.is_default = from.is_default; }},
    {"default_cashless_payment_type",
     [](const v1::Integration& i) { return i.has_default_cashless_payment_type(); },
     [](const Integration& from, Integration& to) {
       to.default_cashless_payment_type = from.default_cashless_payment_type;
     }},
    {"send_sms", [](const v1::Integration& i) { return i.send_sms(); },
     [](const Integration& from, Integration& to) { to.send_sms = from.send_sms; }},
    {"send_email", [](const v1::Integration& i) { return i.send_email(); },
     [](const Integration& from, Integration& to) { to.send_email = from.send_email; }},
    {"branch_id", [](const v1::Integration& i) { return !i.branch_id().empty(); },
     [](const Integration& from, Integration& to) { to.branch_id = from.branch_id; }},
    {"legal_entity_id", [](const v1::Integration& i) { return !i.legal_entity_id().empty(); },
     [](const Integration& from, Integration& to) { to.legal_entity_id = from.legal_entity_id; }},
    {"cashier_name", [](const v1::Integration& i) { return !i.cashier_name().empty(); },
     [](const Integration& from, Integration& to) { to.cashier_name = from.cashier_name; }},
    {"cash_rounding",
     [](const v1::Integration& i) { return i.cash_rounding() != v1::CASH_ROUNDING_UNSPECIFIED; },
     [](const Integration& from, Integration& to) { to.cash_rounding = from.cash_rounding; }},
    {"part_payments",
     [](const v1::Integration& i) { return i.part_payments() != v1::PART_PAYMENTS_UNSPECIFIED; },
     [](const Integration& from, Integration& to) { to.part_payments = from.part_payments; }},
    {"doubt_policy",
     [](const v1::Integration& i) { return i.doubt_policy() != v1::DOUBT_POLICY_UNSPECIFIED; },
     [](const Integration& from, Integration& to) { to.doubt_policy = from.doubt_policy; }},
    {"tag_memory", [](const v1::Integration& i) { return i.tag_memory() != v1::TAG_MEMORY_UNSPECIFIED; },
     [](const Integration& from, Integration& to) { to.tag_memory = from.tag_memory; }},
    {"quiet_window", [](const v1::Integration& i) { return i.has_quiet_window(); },
     [](const Integration& from, Integration& to) { to.quiet_window = from.quiet_window; }},
    {"default_payment_line", [](const v1::Integration& i) { return i.has_default_payment_line(); },
     [](const Integration& from, Integration& to) { to.default_payment_line = from.default_payment_line; }},
    {"automatic_shift_closing_confirmed",
     [](const v1::Integration& i) { return i.automatic_shift_closing_confirmed(); },
     [](const Integration& from, Integration& to) {
       to.automatic_shift_closing_confirmed = from.automatic_shift_closing_confirmed;
     }},
    {"sms_confirmed", [](const v1::Integration& i) { return i.sms_confirmed(); },
     [](const Integration& from, Integration& to) { to.sms_confirmed = from.sms_confirmed; }},
    {"email_confirmed", [](const v1::Integration& i) { return i.email_confirmed(); },
     [](const Integration& from, Integration& to) { to.email_confirmed = from.email_confirmed; }},
};

const Setting* FindSetting(absl::string_view path) {
  for (const Setting& setting : kSettings) {
    if (setting.path == path) return &setting;
  }
  return nullptr;
}

domain::CashRounding DecodeRounding(v1::CashRounding rounding, absl::string_view path, RequestCheck& check) {
  switch (rounding) {
    case v1::CASH_ROUNDING_NONE:
      return domain::CashRounding::kNone;
    case v1::CASH_ROUNDING_TEN_KOPIYKAS:
      return domain::CashRounding::kTenKopiykas;
    case v1::CASH_ROUNDING_UNSPECIFIED:
    case v1::CASH_ROUNDING_FIFTY_KOPIYKAS:
      return domain::CashRounding::kFiftyKopiykas;
    default:
      check.UnknownEnum(path, rounding);
      return domain::CashRounding::kFiftyKopiykas;
  }
}

domain::PartPayments DecodePartPayments(v1::PartPayments value, absl::string_view path, RequestCheck& check) {
  switch (value) {
    case v1::PART_PAYMENTS_UNSPECIFIED:
    case v1::PART_PAYMENTS_REFUSE:
      return domain::PartPayments::kRefused;
    case v1::PART_PAYMENTS_ALLOW:
      return domain::PartPayments::kAllowed;
    default:
      check.UnknownEnum(path, value);
      return domain::PartPayments::kRefused;
  }
}

domain::DoubtPolicy DecodeDoubtPolicy(v1::DoubtPolicy value, absl::string_view path, RequestCheck& check) {
  switch (value) {
    case v1::DOUBT_POLICY_UNSPECIFIED:
    case v1::DOUBT_POLICY_HOLD:
      return domain::DoubtPolicy::kHold;
    case v1::DOUBT_POLICY_PARK:
      return domain::DoubtPolicy::kPark;
    default:
      check.UnknownEnum(path, value);
      return domain::DoubtPolicy::kHold;
  }
}

domain::TagMemory DecodeTagMemory(v1::TagMemory value, absl::string_view path, RequestCheck& check) {
  switch (value) {
    case v1::TAG_MEMORY_UNPROVEN:
      return domain::TagMemory::kUnproven;
    case v1::TAG_MEMORY_UNSPECIFIED:
    case v1::TAG_MEMORY_SAME_SHIFT:
      return domain::TagMemory::kSameShift;
    case v1::TAG_MEMORY_FOREVER:
      return domain::TagMemory::kForever;
    default:
      check.UnknownEnum(path, value);
      return domain::TagMemory::kSameShift;
  }
}

std::optional<domain::QuietWindow> DecodeQuietWindow(const v1::QuietWindow& window, const std::string& path,
                                                     RequestCheck& check) {
  const std::optional<int> start = ParseMinute(window.start());
  const std::optional<int> end = ParseMinute(window.end());
  if (!start) check.Add(FieldPath(path, "start"), Reason::kFieldInvalid, "must be \"HH:MM\"");
  if (!end) check.Add(FieldPath(path, "end"), Reason::kFieldInvalid, "must be \"HH:MM\", \"24:00\" at most");
  if (!start || !end) return std::nullopt;
  return domain::QuietWindow{.start_minute = *start, .end_minute = *end};
}

v1::CashRounding EncodeRounding(domain::CashRounding rounding) {
  switch (rounding) {
    case domain::CashRounding::kNone:
      return v1::CASH_ROUNDING_NONE;
    case domain::CashRounding::kTenKopiykas:
      return v1::CASH_ROUNDING_TEN_KOPIYKAS;
    case domain::CashRounding::kFiftyKopiykas:
      return v1::CASH_ROUNDING_FIFTY_KOPIYKAS;
  }
  return v1::CASH_ROUNDING_UNSPECIFIED;
}

v1::TagMemory EncodeTagMemory(domain::TagMemory memory) {
  switch (memory) {
    case domain::TagMemory::kUnproven:
      return v1::TAG_MEMORY_UNPROVEN;
    case domain::TagMemory::kSameShift:
      return v1::TAG_MEMORY_SAME_SHIFT;
    case domain::TagMemory::kForever:
      return v1::TAG_MEMORY_FOREVER;
  }
  return v1::TAG_MEMORY_UNSPECIFIED;
}

v1::TokenState EncodeTokenState(domain::TokenState state) {
  switch (state) {
    case domain::TokenState::kNone:
      return v1::TOKEN_STATE_NONE;
    case domain::TokenState::kUnverified:
      return v1::TOKEN_STATE_UNVERIFIED;
    case domain::TokenState::kAccepted:
      return v1::TOKEN_STATE_ACCEPTED;
    case domain::TokenState::kRefused:
    case domain::TokenState::kRefusedUnverified:
      return v1::TOKEN_STATE_REFUSED;
  }
  return v1::TOKEN_STATE_UNSPECIFIED;
}

}  // namespace

domain::Integration DecodeIntegration(const v1::Integration& integration, absl::string_view path,
                                      RequestCheck& check) {
  Integration result;
  result.id = integration.integration_id();
  result.display_name = integration.display_name();
  result.active = integration.active();
  result.is_default = integration.is_default();
  if (integration.has_default_cashless_payment_type()) {
    result.default_cashless_payment_type = integration.default_cashless_payment_type();
  }
  result.send_sms = integration.send_sms();
  result.send_email = integration.send_email();
  result.branch_id = integration.branch_id();
  result.legal_entity_id = integration.legal_entity_id();
  result.cashier_name = integration.cashier_name();
  result.cash_rounding = DecodeRounding(integration.cash_rounding(), FieldPath(path, "cash_rounding"), check);
  result.part_payments =
      DecodePartPayments(integration.part_payments(), FieldPath(path, "part_payments"), check);
  result.doubt_policy = DecodeDoubtPolicy(integration.doubt_policy(), FieldPath(path, "doubt_policy"), check);
  result.tag_memory = DecodeTagMemory(integration.tag_memory(), FieldPath(path, "tag_memory"), check);
  if (integration.has_quiet_window()) {
    result.quiet_window =
        DecodeQuietWindow(integration.quiet_window(), FieldPath(path, "quiet_window"), check);
  }
  if (integration.has_default_payment_line()) {
    const v1::DefaultPaymentLine& line = integration.default_payment_line();
    result.default_payment_line = domain::DefaultPaymentLine{.name = line.name(), .tax_id = line.tax_id()};
  }
  result.automatic_shift_closing_confirmed = integration.automatic_shift_closing_confirmed();
  result.sms_confirmed = integration.sms_confirmed();
  result.email_confirmed = integration.email_confirmed();
  return result;
}

engine::SettingsChange DecodeSettingsChange(const v1::Integration& integration,
                                            const google::protobuf::FieldMask& mask, RequestCheck& check) {
  std::vector<const Setting*> changed;
  if (mask.paths_size() > 0) {
    for (const std::string& path : mask.paths()) {
      if (const Setting* setting = FindSetting(path)) {
        changed.push_back(setting);
      } else {
        check.Add("update_mask", Reason::kFieldMaskInvalid,
                  absl::StrCat("\"", CutUtf8(path, 100), "\" is no setting that can be changed"));
      }
    }
  } else {
    for (const Setting& setting : kSettings) {
      if (setting.given(integration)) changed.push_back(&setting);
    }
  }
  return [wanted = DecodeIntegration(integration, "integration", check),
          changed = std::move(changed)](domain::Integration& current) {
    for (const Setting* setting : changed) setting->copy(wanted, current);
  };
}

std::optional<domain::RegisterMode> DecodeMode(v1::RegisterMode mode, absl::string_view path,
                                               RequestCheck& check) {
  switch (mode) {
    case v1::REGISTER_MODE_UNSPECIFIED:
      return std::nullopt;
    case v1::REGISTER_MODE_TEST:
      return domain::RegisterMode::kTest;
    case v1::REGISTER_MODE_REAL:
      return domain::RegisterMode::kReal;
    default:
      check.UnknownEnum(path, mode);
      return std::nullopt;
  }
}

void EncodeProof(const domain::TagMemoryProof& proof, v1::TagMemoryProof* out) {
  out->set_tag_memory(EncodeTagMemory(proof.tag_memory));
  EncodeTime(proof.prove_time, out->mutable_prove_time());
  out->set_register_fiscal_number(proof.register_fiscal_number);
  for (const std::string& finding : proof.findings) out->add_findings(finding);
}

void EncodeIntegration(const domain::Integration& integration, v1::Integration* out) {
  out->set_integration_id(integration.id);
  out->set_display_name(integration.display_name);
  out->set_active(integration.active);
  out->set_is_default(integration.is_default);
  if (integration.default_cashless_payment_type) {
    out->set_default_cashless_payment_type(*integration.default_cashless_payment_type);
  }
  out->set_send_sms(integration.send_sms);
  out->set_send_email(integration.send_email);
  out->set_branch_id(integration.branch_id);
  out->set_legal_entity_id(integration.legal_entity_id);
  out->set_cashier_name(integration.cashier_name);
  out->set_cash_rounding(EncodeRounding(integration.cash_rounding));
  if (const auto& pinned = integration.pinned_register) {
    out->set_register_fiscal_number(pinned->fiscal_number);
    out->set_register_mode(EncodeMode(pinned->mode));
    out->set_edrpou(pinned->edrpou);
    out->set_register_stated(pinned->stated_by_operator);
  }
  out->set_token_last_four(integration.token_last_four);
  if (integration.token_set_time) EncodeTime(*integration.token_set_time, out->mutable_token_set_time());
  out->set_etag(EncodeEtag(integration.revision));
  out->set_part_payments(integration.part_payments == domain::PartPayments::kRefused
                             ? v1::PART_PAYMENTS_REFUSE
                             : v1::PART_PAYMENTS_ALLOW);
  out->set_doubt_policy(integration.doubt_policy == domain::DoubtPolicy::kHold ? v1::DOUBT_POLICY_HOLD
                                                                               : v1::DOUBT_POLICY_PARK);
  out->set_tag_memory(EncodeTagMemory(integration.tag_memory));
  if (const auto& window = integration.quiet_window) {
    out->mutable_quiet_window()->set_start(FormatMinute(window->start_minute));
    out->mutable_quiet_window()->set_end(FormatMinute(window->end_minute));
  }
  if (const auto& line = integration.default_payment_line) {
    out->mutable_default_payment_line()->set_name(line->name);
    out->mutable_default_payment_line()->set_tax_id(line->tax_id);
  }
  out->set_token_state(EncodeTokenState(integration.token_state));
  out->set_archived(integration.archived);
  if (integration.archive_time) EncodeTime(*integration.archive_time, out->mutable_archive_time());
  out->set_automatic_shift_closing_confirmed(integration.automatic_shift_closing_confirmed);
  out->set_sms_confirmed(integration.sms_confirmed);
  out->set_email_confirmed(integration.email_confirmed);
  if (const auto& acknowledged = integration.unready_acknowledgement) {
    out->mutable_unready_acknowledgement()->set_principal(acknowledged->principal);
    EncodeTime(acknowledged->time, out->mutable_unready_acknowledgement()->mutable_acknowledge_time());
    for (const int item : acknowledged->open_items) {
      out->mutable_unready_acknowledgement()->add_open_items(
          v1::ReadinessCode_Name(static_cast<v1::ReadinessCode>(item)));
    }
  }
  if (const auto& proof = integration.tag_memory_proof) EncodeProof(*proof, out->mutable_tag_memory_proof());
  EncodeTime(integration.create_time, out->mutable_create_time());
  EncodeTime(integration.update_time, out->mutable_update_time());
}

std::optional<int> ParseMinute(absl::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const size_t i : {0U, 1U, 3U, 4U}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
  return hours * 60 + minutes;
}

std::string FormatMinute(int minute) {
  return absl::StrFormat("%02d:%02d", minute / 60, minute % 60);
}

}  // namespace kasa::api
