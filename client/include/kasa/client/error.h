#ifndef KASA_CLIENT_ERROR_H_
#define KASA_CLIENT_ERROR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace kasa::client {

// One field of a request that is wrong.
struct Violation {
  std::string field;    // a path in the request: "sale.lines[2].tax_id"
  std::string reason;   // of the published list: "TAX_NOT_MAPPED"
  std::string message;  // the same for a person
};

// Why a call failed, read out of the rich status (google.rpc.Status) that came with it. A plain value.
struct Error {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  // For a person; in English.
  std::string message;
  // ErrorInfo.reason, a name of the published list (docs/errors.md): "DOCUMENT_CONTENT_DIFFERS". Branch on
  // this. Empty when the error is not the gateway's own.
  std::string reason;
  // ErrorInfo.metadata, the facts of the error, for example "fiscalization_id"; besides, "failure_class"
  // tells whose move it is and "remedy" what to do.
  std::map<std::string, std::string> metadata;
  // What is wrong with the request, in its order, as far as an error can carry it: how many more there are
  // tells violations_left_out. A call with validate_only returns them all.
  std::vector<Violation> violations;
  int64_t violations_left_out = 0;
  // Trying again may help, after so long. Nothing when the gateway did not say so.
  std::optional<absl::Duration> retry_delay;

  // True when the gateway itself answered (its ErrorInfo, domain "kasa.v1", is there): this call stored
  // nothing new. False: the outcome is not known, because the error came from the way there or back. Send the
  // same document again, or ask for it.
  bool stored_nothing() const { return from_gateway; }

  bool from_gateway = false;
};

// The error in a status that a Client returned. Nothing when the status is OK.
std::optional<Error> ErrorFrom(const absl::Status& status);

}  // namespace kasa::client

#endif  // KASA_CLIENT_ERROR_H_
