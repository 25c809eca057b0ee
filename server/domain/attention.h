#ifndef KASA_SERVER_DOMAIN_ATTENTION_H_
#define KASA_SERVER_DOMAIN_ATTENTION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/money.h"
#include "common/reason.h"
#include "server/domain/billing.h"
#include "server/domain/fiscalization.h"
#include "server/domain/integration.h"
#include "server/domain/register_status.h"

// What a person should look at, register by register (product.md, point 23). Pure functions over what is
// known; who collects it is engine/attention_desk.h.
namespace kasa::domain {

// The numbers are the contract's.
enum class AttentionCode {
  kInDoubt = 1,
  kShiftTooLong = 2,
  kOfflineTooLong = 3,
  kForeignReceipts = 4,
  kSubscriptionEnding = 5,
  kOfflineNumbersLow = 6,
  kLanePaused = 7,
  kFailed = 8,
  kTokenRefused = 9,
  kMappingNotEnabled = 10,
  kRecordsDisagree = 11,
  kStoreCopied = 12,
  kReturnDue = 13,
};

absl::string_view NameOf(AttentionCode code);  // "IN_DOUBT": the contract's, less the prefix
std::span<const AttentionCode> AllAttentionCodes();

enum class AttentionSeverity {
  kWarning = 1,   // to be looked at today
  kCritical = 2,  // receipts are held up, or a legal limit is near
};

struct Attention {
  AttentionCode code = AttentionCode::kInDoubt;
  AttentionSeverity severity = AttentionSeverity::kWarning;
  std::string message;
  std::string remedy;
  absl::Time since;
  std::string register_fiscal_number;
  std::string integration_id;
  std::string fiscalization_id;  // when the matter is one of them
  std::optional<Reason> reason;
  int64_t count = 0;  // receipts, numbers left, ...; 0 when nothing is counted
  // The order that the matter is about, when it is about one.
  std::string source_system;
  std::string order_id;
};

// From when on something is a matter. Durations of the law and of the vendor, but for the doubt's.
struct AttentionRules {
  absl::Duration doubt = absl::Minutes(1);            // a fiscalization is in doubt
  absl::Duration shift = absl::Hours(23);             // the law caps a shift at 24 h
  absl::Duration offline = absl::Hours(24);           // the register makes its receipts offline
  absl::Duration offline_critical = absl::Hours(34);  // it refuses to work after 35 h (its code 1062)
  int64_t offline_numbers = 200;                      // numbers for offline receipts that are left
  int64_t offline_numbers_critical = 50;
  int subscription_days = 14;  // days that the subscription is still paid for, when it won't renew itself
  int subscription_days_unknown = 7;  // the same, when it is not told whether it will
  int subscription_days_critical = 2;
};

// The receipts that a register has made offline and that are not known to have reached the tax service.
struct OfflineRun {
  absl::Time since;  // when the oldest one was made
  int64_t receipts = 0;
  std::string oldest_id;  // its fiscalization
  std::string oldest_fiscal_number;
};

// Why and since when a lane sends nothing new.
struct LanePause {
  Reason reason = Reason::kInternal;
  std::string message;
  absl::Time since;
  int64_t queued = 0;
};

// The register's totals and the gateway's differed when they were compared last.
struct Disagreement {
  absl::Time since;     // of the first comparison in a row that differed
  int64_t figures = 0;  // in how many figures
  std::string words;    // the first few: "sale_count: 3 here, 4 at the register"

  friend bool operator==(const Disagreement&, const Disagreement&) = default;
};

// An entry of the mapping whose code the register refused as not enabled.
struct RefusedEntry {
  std::string words;  // "payment method card (payment type 2)"
  absl::Time since;
};

// What is known of a register and its integration.
struct RegisterFacts {
  std::string integration_id;
  std::string register_fiscal_number;
  TokenState token_state = TokenState::kNone;
  absl::Time token_state_since;  // not after it became so, as far as known
  std::optional<RegisterStatus> status;
  absl::Time status_time;                 // when the status was read
  std::optional<absl::Time> own_opening;  // when the gateway last opened a shift
  std::optional<LanePause> pause;
  std::optional<OfflineRun> offline;
  std::optional<Billing> billing;
  absl::Time report_time;  // when the report was read that told `billing`
  std::optional<Disagreement> disagreement;
  std::vector<RefusedEntry> refused;  // in the order of the mapping
  // Receipts on the register that the store does not have, as its listings showed them lately.
  int64_t foreign_receipts = 0;
  int64_t own_receipts_unknown = 0;  // under a tag of this installation
  std::optional<absl::Time> unknown_receipts_since;
};

// A fiscalization that is IN_DOUBT (also while it is sent again) or FAILED.
struct FiscalizationFacts {
  std::string id;
  std::string integration_id;
  std::string register_fiscal_number;
  bool in_doubt = false;  // else FAILED
  bool parked = false;    // with in_doubt: it holds nobody up
  absl::Time since;
  std::optional<Reason> reason;
  // What the register answered of it and the gateway's record contradict each other: in what, and since when.
  std::string contradiction;
  absl::Time contradiction_since;
};

// An order that was cancelled, or of which less is received than before, after its receipt.
struct ReturnDueFacts {
  std::string source_system;
  std::string order_id;
  std::string integration_id;  // of the rule that acted on the order
  std::string register_fiscal_number;
  bool cancelled = false;  // else less is received
  Money due;
  absl::Time since;
};

// When the shift was opened that was open when the status was read: as it told, else as the gateway opened
// it; nothing when none is known to be open.
std::optional<absl::Time> ShiftOpened(const RegisterFacts& facts);

// `today` in Kyiv.
std::vector<Attention> AttentionTo(const RegisterFacts& facts, absl::Time now, absl::CivilDay today,
                                   const AttentionRules& rules);
// Nothing, one matter, or two: that it is in doubt, and that the records contradict each other.
std::vector<Attention> AttentionTo(const FiscalizationFacts& facts, absl::Time now,
                                   const AttentionRules& rules);

Attention AttentionTo(const ReturnDueFacts& facts);

// The order of the list: most urgent first, then oldest first. No two matters are equal in it.
using AttentionOrder = std::tuple<int, absl::Time, int, std::string, std::string, std::string, std::string,
                                  std::string>;  // ascending
AttentionOrder OrderOf(const Attention& attention);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ATTENTION_H_
