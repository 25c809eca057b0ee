#ifndef KASA_SERVER_DOMAIN_CATALOGUE_H_
#define KASA_SERVER_DOMAIN_CATALOGUE_H_

#include <span>

#include "absl/strings/string_view.h"

// The tax groups and payment types of Vchasno.Kasa that are known (vchasno-kasa-api.md). Constant data.
namespace kasa::domain {

struct TaxGroupInfo {
  int number;
  absl::string_view name;    // in Ukrainian
  absl::string_view letter;  // the usual one; empty where it is not known. Letters differ by account
  bool excise;               // its lines need UKTZED and excise stamps
};

struct PaymentTypeInfo {
  int code;
  absl::string_view name;  // in Ukrainian
  bool chain;              // prepayment or postpayment: can be mapped, a receipt that would use it is refused
};

// Payment types with a meaning of their own to the gateway.
inline constexpr int kCashPaymentType = 0;
inline constexpr int kPrepaymentType = 3;
inline constexpr int kPostpaymentType = 4;

// Both by rising number.
std::span<const TaxGroupInfo> KnownTaxGroups();
std::span<const PaymentTypeInfo> KnownPaymentTypes();

// A tax can be mapped to these only. (A payment method can be mapped to a type that is not in the catalogue:
// accounts have types of their own.)
bool IsKnownTaxGroup(int number);

// False for a group that is not known.
bool IsExciseTaxGroup(int number);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_CATALOGUE_H_
