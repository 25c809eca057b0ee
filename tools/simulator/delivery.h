#ifndef KASA_TOOLS_SIMULATOR_DELIVERY_H_
#define KASA_TOOLS_SIMULATOR_DELIVERY_H_

#include "tools/simulator/cloud.h"
#include "tools/simulator/fault.h"
#include "tools/simulator/json.h"

namespace kasa::simulator {

// What a fault does to an answer that would have been right. Pure functions.

// Changes what the answer of execute says: wrong_tag, other_fisid, missing_doccode, ... Other kinds change
// nothing.
void AlterAnswer(const Fault& fault, Json& answer);

// Changes how an answer leaves: silence, cut, HTTP status, malformed, huge, drip. Other kinds change nothing.
void AlterReply(const Fault& fault, HttpReply& reply);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_DELIVERY_H_
