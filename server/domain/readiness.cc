#include "server/domain/readiness.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace kasa::domain {
namespace {

using Code = ReadinessCode;
using Severity = ReadinessSeverity;

// From when on an open shift is told of, and from when on the register refuses sales (product.md, point 15).
constexpr absl::Duration kLongShift = absl::Hours(23);
constexpr absl::Duration kLongestShift = absl::Hours(24);

// Collects the items of one list.
class List {
 public:
  void Add(Code code, Severity severity, std::string message, std::string remedy, std::string subject = "") {
    items_.push_back({code, severity, std::move(message), std::move(remedy), std::move(subject)});
  }

  std::vector<ReadinessItem> Take() && {
    std::sort(items_.begin(), items_.end(), [](const ReadinessItem& a, const ReadinessItem& b) {
      return std::tuple(-static_cast<int>(a.severity), a.code, absl::string_view(a.subject)) <
             std::tuple(-static_cast<int>(b.severity), b.code, absl::string_view(b.subject));
    });
    return std::move(items_);
  }

 private:
  std::vector<ReadinessItem> items_;
};

void LookAtToken(const ReadinessFacts& facts, List& list) {
  const Integration& integration = facts.integration;
  if (integration.token_state == TokenState::kNone) {
    return list.Add(Code::kTokenMissing, Severity::kBlocking, "the integration has no token",
                    "Set the register's token with SetToken.");
  }
  if (IsRefused(integration.token_state)) {
    list.Add(
        Code::kTokenRefused, Severity::kBlocking, "the register refused the token when it was last asked",
        "Take a valid token from Vchasno.Kasa and set it with SetToken; what is queued goes on by itself.");
  }
  // A token that the register has accepted was asked about when it was set or since.
  if (integration.token_state == TokenState::kUnverified) {
    list.Add(Code::kConnectionNotChecked, Severity::kWarning,
             "the register has not answered since the token was set", "Call CheckConnection.");
  }
  if (!integration.pinned_register) {
    list.Add(
        Code::kRegisterUnknown, Severity::kBlocking,
        "the fiscal number, EDRPOU or mode of the register is not known",
        "Call CheckConnection; where the register's status does not name them, state them with SetToken.");
  }
}

void LookAtRegister(const ReadinessFacts& facts, absl::Time now, List& list) {
  if (!facts.last_status || !facts.last_status_time) return;
  const RegisterStatus& status = *facts.last_status;
  // What was seen of another register, before the token was changed, says nothing.
  const auto& pinned = facts.integration.pinned_register;
  if (!pinned || ObjectionTo(status, *pinned)) return;
  if (status.shift == ShiftStatus::kBlocked) {
    list.Add(Code::kRegisterBlocked, Severity::kBlocking, "the register said that it is blocked",
             "Have its owner act in Vchasno.Kasa, then call CheckConnection.");
  }
  if (status.sign == SignStatus::kMissing) {
    list.Add(Code::kSignatureMissing, Severity::kBlocking,
             "the register said that its signing key is missing or faulty",
             "Load a valid key for the register in Vchasno.Kasa, then call CheckConnection.");
  }
  const auto age = ShiftAge(status, now);
  const auto age_when_seen = ShiftAge(status, *facts.last_status_time);
  if (age && *age > kLongShift) {
    // Only an age that was seen is sure: since then the shift may have been closed.
    const bool refuses = age_when_seen && *age_when_seen > kLongestShift;
    list.Add(Code::kShiftTooLong, refuses ? Severity::kBlocking : Severity::kWarning,
             absl::StrCat("the shift was opened ", absl::FormatDuration(absl::Trunc(*age, absl::Minutes(1))),
                          " ago, and was open when the register was last asked"),
             "Close the shift with a Z-report in Vchasno.Kasa, then call CheckConnection: over 24 h the "
             "register refuses sales.");
  }
  if (status.vacant_offline_numbers && *status.vacant_offline_numbers < kFewOfflineNumbers) {
    list.Add(Code::kSubscriptionEnding, Severity::kNotice,
             absl::StrCat("the register has ", *status.vacant_offline_numbers,
                          " numbers for offline receipts left"),
             "See in Vchasno.Kasa that the register is online, so that it gets new ones.");
  }
}

// The entries whose code the register refused.
void LookForNotEnabled(const std::map<std::string, int>& mapped, const std::map<int, CodeState>& states,
                       absl::string_view what, absl::string_view code_name, List& list) {
  for (const auto& [id, code] : mapped) {
    const auto state = states.find(code);
    if (state == states.end() || state->second != CodeState::kNotEnabled) continue;
    list.Add(Code::kNotEnabled, Severity::kWarning,
             absl::StrCat("the register refused a receipt with ", code_name, " ", code, ", to which ", what,
                          " ", id, " is mapped, as not enabled"),
             absl::StrCat("Have the ", code_name,
                          " enabled in Vchasno.Kasa, or map to another one; the next receipt with it that "
                          "succeeds clears this."),
             id);
  }
}

void LookForUnmapped(const std::vector<CoverageEntry>& recent, Code code, absl::string_view what,
                     List& list) {
  for (const CoverageEntry& entry : recent) {
    if (entry.state != CoverageState::kUnmapped) continue;
    list.Add(code, Severity::kWarning,
             absl::StrCat(what, " ", entry.seen.id, " was used by ", entry.seen.documents,
                          entry.seen.documents == 1 ? " document" : " documents", " and is not mapped"),
             "Map it with UpdateMapping: documents that use it are refused.", entry.seen.id);
  }
}

void LookAtMapping(const ReadinessFacts& facts, List& list) {
  const Mapping& mapping = facts.mapping;
  if (mapping.tax_groups.empty()) {
    list.Add(Code::kMappingMissing, Severity::kBlocking,
             mapping.payment_types.empty() ? "nothing is mapped" : "no tax is mapped",
             "Map the taxes and payment methods of your system with UpdateMapping.");
  }
  LookForUnmapped(facts.recent.taxes, Code::kTaxNotMapped, "tax", list);
  LookForUnmapped(facts.recent.payment_methods, Code::kPaymentMethodNotMapped, "payment method", list);
  const auto& line = facts.integration.default_payment_line;
  const bool seen =
      line && std::any_of(facts.recent.taxes.begin(), facts.recent.taxes.end(),
                          [&](const CoverageEntry& tax) { return tax.seen.id == line->tax_id; });
  if (line && !seen && !mapping.tax_groups.contains(line->tax_id)) {
    list.Add(Code::kTaxNotMapped, Severity::kWarning,
             absl::StrCat("tax ", line->tax_id, " of the default payment line is not mapped"),
             "Map it with UpdateMapping: payments that list no lines are refused.", line->tax_id);
  }
  LookForNotEnabled(mapping.tax_groups, facts.experience.tax_groups, "tax", "tax group", list);
  LookForNotEnabled(mapping.payment_types, facts.experience.payment_types, "payment method", "payment type",
                    list);
  if (const auto& type = facts.integration.default_cashless_payment_type) {
    LookForNotEnabled({{"default_cashless_payment_type", *type}}, facts.experience.payment_types, "setting",
                      "payment type", list);
  }
}

void LookAtSettings(const ReadinessFacts& facts, List& list) {
  const Integration& integration = facts.integration;
  if (integration.cashier_name.empty()) {
    list.Add(Code::kCashierMissing, Severity::kWarning, "no cashier is set",
             "Set cashier_name with UpdateIntegration.");
  }
  if (integration.send_sms && !integration.sms_confirmed) {
    list.Add(Code::kSmsNotConfirmed, Severity::kWarning,
             "send_sms is on, and nobody has confirmed that a receipt sent so arrived",
             "Send a test receipt to your own phone, and set sms_confirmed when it arrives.");
  }
  if (integration.send_email && !integration.email_confirmed) {
    list.Add(Code::kEmailNotConfirmed, Severity::kWarning,
             "send_email is on, and nobody has confirmed that a receipt sent so arrived",
             "Send a test receipt to your own address, and set email_confirmed when it arrives.");
  }
  if (!integration.automatic_shift_closing_confirmed) {
    list.Add(Code::kAutomaticShiftClosingNotConfirmed, Severity::kWarning,
             "nobody has confirmed that the shift closes by itself",
             "Set up automatic closing of the shift in Vchasno.Kasa, see it work, and set "
             "automatic_shift_closing_confirmed.");
  }
  if (integration.tag_memory == TagMemory::kForever && facts.proven_tag_memory != TagMemory::kForever) {
    list.Add(
        Code::kTagMemoryNotProven, Severity::kWarning,
        "tag_memory is FOREVER, and that was not proven on a test register",
        "Call ProveTagMemory with FOREVER for an integration of a test register of the same legal entity, "
        "or set tag_memory to SAME_SHIFT.");
  }
}

void LookAtTests(const ReadinessFacts& facts, List& list) {
  struct Test {
    DocumentKind kind;
    Code code;
    absl::string_view what;
  };
  constexpr Test kTests[] = {{DocumentKind::kSale, Code::kTestSaleMissing, "sale"},
                             {DocumentKind::kReturn, Code::kTestReturnMissing, "return"},
                             {DocumentKind::kPayment, Code::kTestPaymentMissing, "payment"}};
  for (const Test& test : kTests) {
    if (facts.test_receipts.contains(test.kind)) continue;
    list.Add(test.code, Severity::kWarning,
             absl::StrCat("no ", test.what, " of this legal entity was fiscalized on a test register"),
             absl::StrCat("Fiscalize a ", test.what,
                          " through an integration of a test register of the same legal entity."));
  }
}

}  // namespace

absl::string_view NameOf(ReadinessCode code) {
  switch (code) {
    case Code::kTokenMissing:
      return "TOKEN_MISSING";
    case Code::kTokenRefused:
      return "TOKEN_REFUSED";
    case Code::kConnectionNotChecked:
      return "CONNECTION_NOT_CHECKED";
    case Code::kRegisterUnknown:
      return "REGISTER_UNKNOWN";
    case Code::kSignatureMissing:
      return "SIGNATURE_MISSING";
    case Code::kMappingMissing:
      return "MAPPING_MISSING";
    case Code::kTaxNotMapped:
      return "TAX_NOT_MAPPED";
    case Code::kPaymentMethodNotMapped:
      return "PAYMENT_METHOD_NOT_MAPPED";
    case Code::kNotEnabled:
      return "NOT_ENABLED";
    case Code::kCashierMissing:
      return "CASHIER_MISSING";
    case Code::kTestSaleMissing:
      return "TEST_SALE_MISSING";
    case Code::kTestReturnMissing:
      return "TEST_RETURN_MISSING";
    case Code::kTestPaymentMissing:
      return "TEST_PAYMENT_MISSING";
    case Code::kSmsNotConfirmed:
      return "SMS_NOT_CONFIRMED";
    case Code::kEmailNotConfirmed:
      return "EMAIL_NOT_CONFIRMED";
    case Code::kAutomaticShiftClosingNotConfirmed:
      return "AUTOMATIC_SHIFT_CLOSING_NOT_CONFIRMED";
    case Code::kTagMemoryNotProven:
      return "TAG_MEMORY_NOT_PROVEN";
    case Code::kShiftTooLong:
      return "SHIFT_TOO_LONG";
    case Code::kSubscriptionEnding:
      return "SUBSCRIPTION_ENDING";
    case Code::kRegisterBlocked:
      return "REGISTER_BLOCKED";
  }
  return "";
}

bool SharesTests(const Integration& integration, const Integration& other) {
  if (integration.id == other.id) return true;
  if (integration.pinned_register && other.pinned_register && !integration.pinned_register->edrpou.empty() &&
      integration.pinned_register->edrpou == other.pinned_register->edrpou) {
    return true;
  }
  if (!integration.legal_entity_id.empty() || !other.legal_entity_id.empty()) {
    return integration.legal_entity_id == other.legal_entity_id;
  }
  return integration.branch_id == other.branch_id;
}

std::vector<ReadinessItem> ReadinessOf(const ReadinessFacts& facts, absl::Time now) {
  List list;
  LookAtToken(facts, list);
  LookAtRegister(facts, now, list);
  LookAtMapping(facts, list);
  LookAtSettings(facts, list);
  LookAtTests(facts, list);
  return std::move(list).Take();
}

bool IsReady(const std::vector<ReadinessItem>& items) {
  return OpenCodes(items).empty();
}

std::vector<ReadinessCode> OpenCodes(const std::vector<ReadinessItem>& items) {
  std::set<ReadinessCode> codes;
  for (const ReadinessItem& item : items) {
    if (item.severity != Severity::kNotice) codes.insert(item.code);
  }
  return {codes.begin(), codes.end()};
}

}  // namespace kasa::domain
