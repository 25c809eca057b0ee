#ifndef KASA_SERVER_VCHASNO_ANSWER_H_
#define KASA_SERVER_VCHASNO_ANSWER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/kyiv_time.h"
#include "server/domain/adoption.h"
#include "server/domain/register_status.h"

// What Vchasno.Kasa's answers hold (vchasno-kasa-api.md). Pure functions of untrusted bytes: whatever comes,
// they return. Numbers are taken as numbers (1 and 1.0 alike) or as strings of digits, flags as 0 and 1 or as
// false and true; null counts as absent.
namespace kasa::vchasno {

// What every answer to execute begins with.
struct Envelope {
  // A JSON object with a whole number in `res`, none of whose proofs (tag, task, fiscal number, register,
  // mode) is of a type that can't be read or contradicts its own repetition.
  bool readable = false;
  std::optional<int64_t> res;
  std::optional<int64_t> res_action;
  bool action_unreadable = false;  // there, but no whole number
  std::string errortxt;            // verbatim, at most 4 KiB
  std::string error_extra_json;    // verbatim, at most 4 KiB (else empty: half of it is no JSON)
};

class JsonObject;  // json.h, which only .cc files include

// Throws JsonMisuse.
Envelope ReadEnvelope(const JsonObject& json);

struct ReceiptAnswer {
  Envelope envelope;
  domain::ReceiptFacts facts;
};

// The answer to a sale, a return or a shift opening. `facts.sum` stays empty: the answer has no documented
// sum, and the `sm` of the QR link is the sum before rounding (189.99 in the published sample whose payments
// are 190.00), so that it proves nothing about what was paid: it is in `facts.sum_in_link`.
//
// `received` is when it came, by our clock: of an hour that comes twice, a time is read as the nearer one.
ReceiptAnswer ReadReceiptAnswer(absl::string_view body, const KyivTime& kyiv, absl::Time received);

struct StatusReading {
  Envelope envelope;
  std::optional<domain::RegisterStatus> status;  // nothing when not a single fact of a status is there
};

// The answer to task 18. Values that are not known are left empty. `received` as above; a shift that was
// opened in an hour that comes twice is taken as opened in the later one, unless that is still to come by the
// register's own clock.
StatusReading ReadStatusAnswer(absl::string_view body, const KyivTime& kyiv, absl::Time received);

// The answer to check-task, whose nesting is one client's word: each fact is looked for in several places.
// `answered` is false when none is found, or when two places disagree.
domain::TaskFacts ReadTaskAnswer(absl::string_view body);

// The task and tag of a request that we made; nothing and "" where the bytes have none.
struct RequestIdentity {
  std::optional<int> task;
  std::string tag;
};
RequestIdentity ReadRequestIdentity(absl::string_view request);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_ANSWER_H_
