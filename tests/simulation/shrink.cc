#include "tests/simulation/shrink.h"

#include <algorithm>

namespace kasa::simulation {

std::set<std::string> Shrink(const std::vector<std::string>& parts,
                             const std::function<bool(const std::set<std::string>& dropped)>& still_fails,
                             int most) {
  std::set<std::string> dropped;
  // Halves first, then quarters, and so on to single parts, until a whole round drops nothing.
  for (size_t chunk = std::max<size_t>(1, parts.size() / 2); most > 0;) {
    bool dropped_some = false;
    for (size_t from = 0; from < parts.size() && most > 0; from += chunk) {
      std::set<std::string> more = dropped;
      for (size_t i = from; i < std::min(from + chunk, parts.size()); ++i) more.insert(parts[i]);
      if (more == dropped) continue;
      --most;
      if (!still_fails(more)) continue;
      dropped = std::move(more);
      dropped_some = true;
    }
    if (chunk == 1 && !dropped_some) break;
    if (chunk > 1) chunk /= 2;
  }
  return dropped;
}

}  // namespace kasa::simulation
