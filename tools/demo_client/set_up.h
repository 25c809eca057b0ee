#ifndef KASA_TOOLS_DEMO_CLIENT_SET_UP_H_
#define KASA_TOOLS_DEMO_CLIENT_SET_UP_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "kasa/client/client.h"
#include "kasa/v1/integration.pb.h"

namespace kasa::demo {

using Say = std::function<void(absl::string_view line)>;

// Brings the demo's integration to where it can fiscalize: creates it where it is not there yet, maps, sets
// the token, activates. Done already does no harm. `say` gets a line for each step.
//
// FAILED_PRECONDITION when the register behind the token is not known to be a test register: a demo must not
// make a receipt that counts. Otherwise the errors of IntegrationService.
absl::StatusOr<v1::Integration> SetUp(const client::Client& gateway, const std::string& token,
                                      const Say& say);

}  // namespace kasa::demo

#endif  // KASA_TOOLS_DEMO_CLIENT_SET_UP_H_
