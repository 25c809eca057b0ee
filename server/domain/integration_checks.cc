#include "server/domain/integration_checks.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalogue.h"
#include "server/domain/findings.h"
#include "server/domain/limits.h"

namespace kasa::domain {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr absl::string_view kChainTypeWarning =
    "prepayment or postpayment, of which a receipt is refused until fiscal chains are supported";

bool IsIntegrationIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

void CheckIntegrationId(absl::string_view id, const FieldScope& scope) {
  constexpr absl::string_view kField = "integration_id";
  if (!scope.IsId(kField, id, kMaxIntegrationIdLength)) return;
  if (std::all_of(id.begin(), id.end(), IsIntegrationIdCharacter)) return;
  scope.Violate(kField, Reason::kFieldInvalid, "has other characters than a-z, 0-9 and -");
}

bool IsChainType(int payment_type) {
  return payment_type == kPrepaymentType || payment_type == kPostpaymentType;
}

// Within `first` to the highest possible code.
void CheckPaymentType(absl::string_view field, int payment_type, int first, const FieldScope& scope) {
  if (payment_type >= first && payment_type <= kMaxPaymentType) {
    if (IsChainType(payment_type))
      scope.Warn(
          payment_type == kPrepaymentType ? Reason::kFiscalChainPrepayment : Reason::kFiscalChainPostpayment,
          kChainTypeWarning, field);
    return;
  }
  scope.Violate(
      field, Reason::kPaymentTypeInvalid,
      absl::StrCat("is ", payment_type, ", a code of ", first, " to ", kMaxPaymentType, " is taken"));
}

void CheckDefaultCashlessType(const Integration& integration, const FieldScope& scope) {
  // 0 is cash.
  constexpr int kFirstCashless = kCashPaymentType + 1;
  if (!integration.default_cashless_payment_type) return;
  CheckPaymentType("default_cashless_payment_type", *integration.default_cashless_payment_type,
                   kFirstCashless, scope);
}

void CheckOwner(const Integration& integration, const FieldScope& scope) {
  scope.IsIdOrEmpty("branch_id", integration.branch_id, kMaxIdLength);
  scope.IsIdOrEmpty("legal_entity_id", integration.legal_entity_id, kMaxIdLength);
  if (integration.branch_id.empty() && integration.legal_entity_id.empty()) {
    scope.Violate("legal_entity_id", Reason::kFieldRequired,
                  "is empty and so is branch_id: an integration serves a branch, a legal entity or both");
  }
}

// `field` is printed on receipts: within the register's own length, and something of it must be left.
void CheckPrinted(absl::string_view field, absl::string_view value, size_t max_length,
                  const FieldScope& scope) {
  if (!scope.IsShortEnough(field, value, max_length)) return;
  if (!scope.Clean(field, value, max_length).empty() || value.empty()) return;
  scope.Violate(field, Reason::kFieldInvalid, "has no character that the register can print");
}

void CheckQuietWindow(const Integration& integration, const FieldScope& scope) {
  if (!integration.quiet_window) return;
  const QuietWindow& window = *integration.quiet_window;
  const FieldScope below = scope.Member("quiet_window");
  const auto is_minute = [&below](absl::string_view field, int minute) {
    if (minute >= 0 && minute <= kMinutesOfDay) return true;
    below.Violate(field, Reason::kFieldInvalid, "is no time of the day from 00:00 to 24:00");
    return false;
  };
  const bool start_is_right = is_minute("start", window.start_minute);
  const bool end_is_right = is_minute("end", window.end_minute);
  if (start_is_right && end_is_right && window.start_minute >= window.end_minute) {
    below.Violate("end", Reason::kFieldInvalid,
                  "is not after the start; the window is over at 24:00 at the latest");
  }
}

void CheckDefaultPaymentLine(const Integration& integration, const FieldScope& scope) {
  if (!integration.default_payment_line) return;
  const DefaultPaymentLine& line = *integration.default_payment_line;
  const FieldScope below = scope.Member("default_payment_line");
  if (line.name.empty()) {
    below.Violate("name", Reason::kNameMissing, "is empty");
  } else {
    CheckPrinted("name", line.name, kRegisterNameLength, below);
  }
  if (line.tax_id.empty()) {
    below.Violate("tax_id", Reason::kTaxMissing, "is empty");
  } else {
    below.IsIdOrEmpty("tax_id", line.tax_id, kMaxIdLength);
  }
}

CheckedSettings Result(Findings findings) {
  return {std::move(findings.violations), std::move(findings.warnings).Take()};
}

template <typename CheckCode>
void CheckEntries(absl::string_view list, absl::string_view id_field, std::span<const MappingEntry> entries,
                  const FieldScope& mapping, CheckCode check_code) {
  if (entries.size() > kMaxMappingEntries) {
    mapping.Violate(list, Reason::kTooManyItems,
                    absl::StrCat("has more than the ", kMaxMappingEntries, " entries that are taken"));
    return;
  }
  std::set<absl::string_view> ids;
  for (size_t i = 0; i < entries.size(); ++i) {
    const FieldScope scope = mapping.Item(list, i);
    if (scope.IsId(id_field, entries[i].id, kMaxIdLength) && !ids.insert(entries[i].id).second) {
      scope.Violate(id_field, Reason::kFieldInvalid, "is the id of an earlier entry");
    }
    check_code(entries[i].code, scope);
  }
}

}  // namespace

CheckedSettings CheckIntegration(const Integration& integration, absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));
  CheckIntegrationId(integration.id, scope);
  scope.IsIdOrEmpty("display_name", integration.display_name, kMaxDisplayNameLength);
  CheckDefaultCashlessType(integration, scope);
  CheckOwner(integration, scope);
  CheckPrinted("cashier_name", integration.cashier_name, kRegisterCashierLength, scope);
  CheckQuietWindow(integration, scope);
  CheckDefaultPaymentLine(integration, scope);
  return Result(std::move(findings));
}

CheckedSettings CheckMapping(std::span<const MappingEntry> taxes,
                             std::span<const MappingEntry> payment_methods, absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));
  CheckEntries("taxes", "tax_id", taxes, scope, [](int tax_group, const FieldScope& entry) {
    if (IsKnownTaxGroup(tax_group)) return;
    entry.Violate("tax_group", Reason::kTaxGroupUnknown,
                  absl::StrCat("is ", tax_group, ", which is not in the catalogue"));
  });
  CheckEntries("payment_methods", "payment_method_id", payment_methods, scope,
               [](int payment_type, const FieldScope& entry) {
                 CheckPaymentType("payment_type", payment_type, kCashPaymentType, entry);
               });
  return Result(std::move(findings));
}

std::vector<std::string> LosesDefaultTo(const Integration& changed, std::span<const Integration> others) {
  std::vector<std::string> ids;
  if (!changed.is_default) return ids;
  for (const Integration& other : others) {
    const bool same_pair =
        other.branch_id == changed.branch_id && other.legal_entity_id == changed.legal_entity_id;
    if (other.id != changed.id && other.is_default && !other.archived && same_pair) ids.push_back(other.id);
  }
  return ids;
}

}  // namespace kasa::domain
