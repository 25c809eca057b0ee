#ifndef KASA_TOOLS_SIMULATOR_ADMIN_H_
#define KASA_TOOLS_SIMULATOR_ADMIN_H_

#include "tools/simulator/cloud.h"
#include "tools/simulator/json.h"

namespace kasa::simulator {

// The calls under /simulator/ (docs/simulator.md): faults, registers, ledger, requests, notifications,
// release, reset. JSON both ways; what is wrong is answered 400 with {"error": ...} and changes nothing.
class Admin {
 public:
  // `cloud` outlives this.
  explicit Admin(Cloud& cloud) : cloud_(cloud) {}

  // Thread-safe.
  HttpReply Handle(const HttpRequest& request);

 private:
  absl::StatusOr<Json> PostFaults(const Json& json);
  absl::StatusOr<Json> PostRegisters(const Json& json);
  Json FaultsJson() const;
  Json RegistersJson();
  Json RequestsJson() const;
  Json NotificationsJson() const;

  Cloud& cloud_;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_ADMIN_H_
