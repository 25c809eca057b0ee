#ifndef KASA_SERVER_DOMAIN_BILLING_H_
#define KASA_SERVER_DOMAIN_BILLING_H_

#include <optional>

#include "absl/time/civil_time.h"

namespace kasa::domain {

// How the account in Vchasno.Kasa stands, as a register's X- or Z-report told it. One client's word
// (vchasno-kasa-api.md), so that either may be missing.
struct Billing {
  std::optional<absl::CivilDay> paid_until;  // the last day that the subscription is paid for
  std::optional<bool> enough_to_renew;       // whether the account has the money for the next period

  friend bool operator==(const Billing&, const Billing&) = default;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_BILLING_H_
