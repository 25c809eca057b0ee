#ifndef KASA_SERVER_ENGINE_MADE_UP_ID_H_
#define KASA_SERVER_ENGINE_MADE_UP_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace kasa::engine {

// An id that nobody chose: `prefix` ("int-") and 10 random characters of a-z and 0-9, 50 bits.
std::string MakeUpId(absl::string_view prefix);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_MADE_UP_ID_H_
