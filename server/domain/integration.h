#ifndef KASA_SERVER_DOMAIN_INTEGRATION_H_
#define KASA_SERVER_DOMAIN_INTEGRATION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/document.h"

// An integration: how one branch or legal entity uses one register (product.md, points 1 to 5). Plain values.
namespace kasa::domain {

// The step to which the cash part of a receipt is rounded.
enum class CashRounding { kNone = 1, kTenKopiykas = 2, kFiftyKopiykas = 3 };

// What to do with a payment that pays only a part of its order (product.md, point 11).
enum class PartPayments { kRefused = 1, kAllowed = 2 };

// What a lane does when its head stays in doubt longer than the doubt window (architecture.md, rule 4).
enum class DoubtPolicy { kHold = 1, kPark = 2 };

// How long the register behind this account remembers a tag, as the operator knows it (architecture.md, rule
// 3).
enum class TagMemory { kUnproven = 1, kSameShift = 2, kForever = 3 };

enum class TokenState {
  kNone = 1,               // no token was set
  kUnverified = 2,         // set, but the register could not be asked yet
  kAccepted = 3,           // the register took it and is the pinned one
  kRefused = 4,            // the register took it once, and refused it since
  kRefusedUnverified = 5,  // it was refused, and never taken
};

// Whether it was refused when it was last heard of.
constexpr bool IsRefused(TokenState state) {
  return state == TokenState::kRefused || state == TokenState::kRefusedUnverified;
}

// Whether the pinned register has told its name under it. Until then it may be another register's.
constexpr bool IsTokenOfRegister(TokenState state) {
  return state == TokenState::kAccepted || state == TokenState::kRefused;
}

// What it is once it is refused.
constexpr TokenState AfterRefusal(TokenState state) {
  return IsTokenOfRegister(state) ? TokenState::kRefused : TokenState::kRefusedUnverified;
}

// The daily time around automatic shift closing in which nothing is sent to a register whose shift is not
// known to be open. Minutes after midnight in Kyiv; over at midnight at the latest.
struct QuietWindow {
  int start_minute = 0;
  int end_minute = 0;

  friend bool operator==(const QuietWindow&, const QuietWindow&) = default;
};

// The register that the token belongs to, as its status named it or as the operator stated it.
struct PinnedRegister {
  std::string fiscal_number;
  std::string edrpou;
  RegisterMode mode = RegisterMode::kTest;
  bool stated_by_operator = false;  // then the first receipt must agree

  friend bool operator==(const PinnedRegister&, const PinnedRegister&) = default;
};

// Who took it upon themselves to activate a real register that was not ready (product.md, point 3).
struct UnreadyAcknowledgement {
  std::string principal;
  absl::Time time;
  std::vector<int> open_items;  // what was open then: ReadinessCode (readiness.h) by number

  friend bool operator==(const UnreadyAcknowledgement&, const UnreadyAcknowledgement&) = default;
};

// What was found out on a test register about how long it remembers tags (tag_memory_proof.h).
struct TagMemoryProof {
  TagMemory tag_memory = TagMemory::kUnproven;
  absl::Time prove_time;
  std::string register_fiscal_number;
  std::vector<std::string> findings;  // step by step, in words

  friend bool operator==(const TagMemoryProof&, const TagMemoryProof&) = default;
};

struct DefaultPaymentLine {
  std::string name;
  std::string tax_id;

  friend bool operator==(const DefaultPaymentLine&, const DefaultPaymentLine&) = default;
};

struct Integration {
  std::string id;
  std::string display_name;
  bool active = false;
  bool is_default = false;
  std::optional<int> default_cashless_payment_type;
  bool send_sms = false;
  bool send_email = false;
  std::string branch_id;
  std::string legal_entity_id;
  std::string cashier_name;
  CashRounding cash_rounding = CashRounding::kFiftyKopiykas;
  PartPayments part_payments = PartPayments::kRefused;
  DoubtPolicy doubt_policy = DoubtPolicy::kHold;
  TagMemory tag_memory = TagMemory::kSameShift;
  std::optional<QuietWindow> quiet_window;
  std::optional<DefaultPaymentLine> default_payment_line;
  // The operator's word, for readiness.
  bool automatic_shift_closing_confirmed = false;
  bool sms_confirmed = false;
  bool email_confirmed = false;

  // Kept by the gateway.
  std::optional<PinnedRegister> pinned_register;
  TokenState token_state = TokenState::kNone;
  std::string token_last_four;
  std::optional<absl::Time> token_set_time;
  bool has_accepted_work = false;  // pins the register for good
  bool archived = false;
  std::optional<absl::Time> archive_time;
  std::optional<UnreadyAcknowledgement> unready_acknowledgement;
  std::optional<TagMemoryProof> tag_memory_proof;
  absl::Time create_time;
  absl::Time update_time;
  int64_t revision = 0;  // its etag
};

// What the caller's taxes and payment methods mean on the register (product.md, point 5).
struct Mapping {
  std::map<std::string, int> tax_groups;     // tax id -> tax group
  std::map<std::string, int> payment_types;  // payment method id -> payment type
  absl::Time update_time;                    // when it was last changed; of its creation before that
  int64_t revision = 0;                      // its etag
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_INTEGRATION_H_
