#ifndef KASA_SERVER_DOMAIN_REGISTER_STATUS_H_
#define KASA_SERVER_DOMAIN_REGISTER_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/money.h"
#include "common/reason.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"

namespace kasa::domain {

enum class ShiftStatus { kUnknown = -1, kClosed = 0, kOpen = 1, kBlocked = 2 };
enum class SignStatus { kNotUsed = 0, kFine = 1, kWarning = 2, kMissing = 3 };

// What a register's status (task 18) told. Absent fields are empty: which ones the cloud gives is not proven.
struct RegisterStatus {
  std::string fiscal_number;
  std::string edrpou;
  std::optional<RegisterMode> mode;
  std::optional<ShiftStatus> shift;
  std::optional<absl::Time> shift_opened;
  // The latest moment that this may mean, where it is told so that it may be in UTC as well as in Kyiv's
  // time.
  std::optional<absl::Time> shift_opened_at_latest;
  std::optional<int> online_raw;  // which of 0 and 1 means online is not known: shown as it is
  std::optional<SignStatus> sign;
  std::optional<Money> cash_in_drawer;
  std::optional<int64_t> vacant_offline_numbers;
  std::optional<int64_t> last_receipt_number;  // local number of the last sale
  std::optional<int64_t> last_return_number;
  std::optional<int64_t> last_z_report_number;
  std::optional<absl::Time> register_clock;  // the envelope's dt

  friend bool operator==(const RegisterStatus&, const RegisterStatus&) = default;
};

// Whether the status is of the pinned register: why not, or nothing. Fields that the status does not name are
// no objection when the operator stated them, and are one when they were read before.
std::optional<std::string> ObjectionTo(const RegisterStatus& status, const PinnedRegister& pinned);

// Why a register in this status can't work (REGISTER_BLOCKED, SIGNATURE_MISSING); nothing when it can.
std::optional<Reason> ReasonNotToWork(const RegisterStatus& status);

// How old the open shift is at `now`; nothing when no shift is known to be open.
std::optional<absl::Duration> ShiftAge(const RegisterStatus& status, absl::Time now);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_REGISTER_STATUS_H_
