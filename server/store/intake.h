#ifndef KASA_SERVER_STORE_INTAKE_H_
#define KASA_SERVER_STORE_INTAKE_H_

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/domain/document_history.h"
#include "server/domain/fiscalization.h"

// How a document comes into the store: what Store::Accept() takes, and what it answers.
namespace kasa::store {

// Decides in the writer's transaction whether a priced document may be stored, given what went before it; may
// price it anew (draft, warnings). What it refuses with is the answer. Runs on the writer's thread: no I/O,
// no blocking.
using HistoryDecision = absl::AnyInvocable<absl::Status(domain::Fiscalization& document,
                                                        const domain::DocumentHistory& history) &&>;

// Makes the bytes to be sent, from the draft and the tag. On the writer's thread, likewise.
using BodyMaker = absl::AnyInvocable<std::string(const domain::Fiscalization& document) &&>;

// A priced document, to be stored.
struct Acceptance {
  domain::Fiscalization
      fiscalization;         // state kAccepted; id, tag, fingerprint and draft set; the rest by the store
  std::string request_body;  // the exact bytes to be sent for fiscalization.tag
  int64_t max_lane_length = 10000;
  // Nothing: whatever went before does not matter.
  HistoryDecision decide;
  // Makes the bytes anew, only when `decide` has changed the draft, or when this replaces a document whose
  // tag number has risen meanwhile; without it either is INTERNAL.
  BodyMaker make_body;
};

// How an acceptance came out.
enum class AcceptanceKind {
  kStored,    // new
  kReplayed,  // the same content was stored before: that fiscalization, whatever became of it
  kReplaced,  // other content replaced one that surely failed or was cancelled
};

struct Accepted {
  AcceptanceKind kind = AcceptanceKind::kStored;
  domain::Fiscalization fiscalization;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_INTAKE_H_
