#include "server/engine/made_up_id.h"

#include <random>

namespace kasa::engine {

std::string MakeUpId(absl::string_view prefix) {
  constexpr absl::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  std::random_device device;
  std::uniform_int_distribution<size_t> any(0, kAlphabet.size() - 1);
  std::string id(prefix);
  for (int i = 0; i < 10; ++i) id.push_back(kAlphabet[any(device)]);
  return id;
}

}  // namespace kasa::engine
