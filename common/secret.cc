#include "common/secret.h"

namespace kasa {

std::string Secret::LastFour() const {
  constexpr size_t kShown = 4;
  constexpr size_t kShortestShown = 12;
  if (value_.size() < kShortestShown) return "";
  return value_.substr(value_.size() - kShown);
}

}  // namespace kasa
