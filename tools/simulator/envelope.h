#ifndef KASA_TOOLS_SIMULATOR_ENVELOPE_H_
#define KASA_TOOLS_SIMULATOR_ENVELOPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/simulator/json.h"
#include "tools/simulator/receipt.h"
#include "tools/simulator/switches.h"

namespace kasa::simulator {

// A POST to execute, read as far as it could be. A plain value.
struct ExecuteRequest {
  std::shared_ptr<const std::string> body;  // the bytes as they came
  Json root;
  std::optional<int> task;
  std::string tag;  // made up when the request names none
  bool tag_given = false;
  int type = 1;
  std::string source;
  std::string device;
  std::string cashier;
  // What the task carries, checked: the receipt of tasks 1 and 2, the cash of tasks 3 and 4.
  Receipt receipt;
  // What is wrong with the request by itself, whatever state the register is in.
  std::optional<Refusal> refusal;
};

// Reads `body`. Never fails: what is wrong is in `refusal`, and tag and task are there as far as they could
// be read (faults are chosen by them). `made_up_tag` is taken when the request has none.
ExecuteRequest ReadEnvelope(std::shared_ptr<const std::string> body, std::string made_up_tag,
                            const Switches& switches);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_ENVELOPE_H_
