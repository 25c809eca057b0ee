#ifndef KASA_SERVER_DOMAIN_SENDING_H_
#define KASA_SERVER_DOMAIN_SENDING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/reason.h"

// The sending of a receipt to a customer (product.md, point 20). The gateway sends nothing itself: it
// commands Vchasno.Kasa to. Plain values and pure functions.
namespace kasa::domain {

enum class SendingChannel {
  kSms = 1,  // Viber first, else SMS
  kEmail = 2,
};

enum class SendingOutcome {
  kInFlight = 1,  // recorded, and no answer yet
  kTaken = 2,     // Vchasno.Kasa took the command
  kRefused = 3,   // it did not, or surely never got it
  kUnknown = 4,   // no answer, or one that can't be read; never commanded again by itself
};

// "SMS", "EMAIL"; "IN_FLIGHT", ...: for logs and metrics.
absl::string_view NameOf(SendingChannel channel);
absl::string_view NameOf(SendingOutcome outcome);

// One sending as recorded. Never holds the recipient, but masked.
struct Sending {
  std::string id;
  std::string request_id;  // empty: it went with the receipt itself
  std::string fiscalization_id;
  std::string fiscal_number;
  std::string register_fiscal_number;
  std::string integration_id;
  SendingChannel channel = SendingChannel::kSms;
  std::string recipient_masked;
  SendingOutcome outcome = SendingOutcome::kInFlight;
  std::optional<Reason> reason;  // when refused or not known
  std::string message;           // what Vchasno.Kasa answered, in words; no contact in it
  absl::Time create_time;
  std::optional<absl::Time> answer_time;

  friend bool operator==(const Sending&, const Sending&) = default;
};

// "+380*****4567" and "o***@example.com": enough for a person to know the recipient again. What is no such
// contact is "***".
std::string MaskPhone(absl::string_view phone);
std::string MaskEmail(absl::string_view email);
std::string MaskRecipient(SendingChannel channel, absl::string_view recipient);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_SENDING_H_
