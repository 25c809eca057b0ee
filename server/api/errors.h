#ifndef KASA_SERVER_API_ERRORS_H_
#define KASA_SERVER_API_ERRORS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "server/domain/violation.h"

// Every error that leaves the gateway is made here (product.md, point 21): google.rpc.Status with
//   ErrorInfo            domain "kasa.v1", the reason, and in its metadata the facts of the error, the
//                        failure class and the remedy;
//   BadRequest           what is wrong, field by field, each with a reason of the published list;
//   PreconditionFailure  for FAILED_PRECONDITION: the reason as its type;
//   RetryInfo            when trying again may help, after what time.
// Pure functions; safe from any thread.
namespace kasa::api {

inline constexpr absl::string_view kErrorDomain = "kasa.v1";

// What gRPC carries: clients drop all details when the metadata of an answer goes over about 8 KiB, and the
// details travel in base64, which adds a third. So violations get 4 KiB, all details together 5 KiB, and the
// message, which travels beside them in percent-encoding, 900 bytes as encoded.
inline constexpr size_t kMaxViolationBytes = 4096;
inline constexpr size_t kMaxDetailBytes = 5120;
inline constexpr size_t kMaxEncodedMessageBytes = 900;

// INVALID_ARGUMENT, REQUEST_INVALID: the request itself is wrong. OK when there is no violation. `left_out`:
// how many there are besides, that nobody kept.
absl::Status RequestInvalid(const domain::Violations& violations, size_t left_out = 0);

// INVALID_ARGUMENT, DOCUMENT_INVALID: what is wrong with the document. OK when there is no violation.
absl::Status DocumentInvalid(const domain::Violations& violations);

// UNIMPLEMENTED, NOT_IN_THIS_VERSION.
absl::Status NotInThisVersion(absl::string_view method);

// The violations that RequestInvalid() and DocumentInvalid() put into `status`: the first hundred of them.
domain::Violations ViolationsOf(const absl::Status& status);

// `status`, which is not OK, as it goes over the wire: within the limits above, with violations in their
// order as far as they fit and the rest as a count ("violations_left_out", of "violations_total").
//
// A status without a reason of ours gets INTERNAL, and UNAVAILABLE gets STORE_UNAVAILABLE; but CANCELLED,
// DEADLINE_EXCEEDED, UNKNOWN and DATA_LOSS get no ErrorInfo at all, because an ErrorInfo of ours promises
// that the call stored nothing new.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The reason in the ErrorInfo of `wire`; empty when there is none.
std::string ReasonNameOf(const google::rpc::Status& wire);

// `text` cut after a whole character so that it has at most `max_bytes`.
std::string CutUtf8(absl::string_view text, size_t max_bytes);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ERRORS_H_
