#ifndef KASA_TOOLS_DEMO_CLIENT_NEXT_STEPS_H_
#define KASA_TOOLS_DEMO_CLIENT_NEXT_STEPS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "kasa/v1/fiscalization.pb.h"
#include "kasa/v1/fiscalization_service.pb.h"

namespace kasa::demo {

// A command to go on by hand.
struct NextStep {
  std::string what;     // what it shows
  std::string command;  // one line for a POSIX shell
};

// The commands for what the demo made: `sale` is what was sent, `fiscalization` what came of it. `grpcurl` is
// how to call it, `gateway` its HOST:PORT.
std::vector<NextStep> NextSteps(absl::string_view grpcurl, absl::string_view gateway,
                                const v1::FiscalizeSaleRequest& sale,
                                const v1::FiscalizeSaleRequest& faulty_sale,
                                const v1::Fiscalization& fiscalization);

// `text` as one word of a POSIX shell, whatever is in it.
std::string Quoted(absl::string_view text);

}  // namespace kasa::demo

#endif  // KASA_TOOLS_DEMO_CLIENT_NEXT_STEPS_H_
