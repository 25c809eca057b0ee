#ifndef KASA_TOOLS_SIMULATOR_REGISTER_JSON_H_
#define KASA_TOOLS_SIMULATOR_REGISTER_JSON_H_

#include "absl/status/status.h"
#include "tools/simulator/cloud.h"
#include "tools/simulator/json.h"

namespace kasa::simulator {

// A register's state and switches, without its token.
Json RegisterJson(const Register& reg);

// Changes the register that `json` names by fisid (or token), or adds it when there is none and `json` has
// both. Members are carried out in the order in which docs/simulator.md lists them. INVALID_ARGUMENT for an
// unknown member or a wrong value: then nothing is changed; FAILED_PRECONDITION for a shift that already is
// as asked.
absl::Status ChangeRegister(Cloud& cloud, const Json& json);

// One line of the log of requests.
Json RecordJson(const RequestRecord& record);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_REGISTER_JSON_H_
