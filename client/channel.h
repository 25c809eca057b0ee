#ifndef KASA_CLIENT_CHANNEL_H_
#define KASA_CLIENT_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "kasa/client/options.h"

namespace grpc {
class Channel;
}

// Channels to a gateway. Internal to the library.
namespace kasa::client::internal {

// INVALID_ARGUMENT unless everything sent to `target` stays on this machine: an address of 127.0.0.0/8 or ::1
// or "localhost", each with its port, or a Unix socket. Receipts, tokens and contacts must not cross a
// network in the clear.
absl::Status CheckStaysOnThisMachine(absl::string_view target);

// A channel without encryption; connects when first used. INVALID_ARGUMENT as above.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const ChannelOptions& options);

}  // namespace kasa::client::internal

#endif  // KASA_CLIENT_CHANNEL_H_
