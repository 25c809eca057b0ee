#ifndef KASA_COMMON_SECRET_H_
#define KASA_COMMON_SECRET_H_

#include <iosfwd>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace kasa {

// A value that must never be printed, logged or serialised by accident: a register's token.
//
// There is no conversion to a string and no way to stream it; code that really needs the value (the HTTP
// header, the store's token column) says so with Reveal(). Immutable; safe to copy between threads.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }

  // The value itself. Every call is a place to look at in a review.
  const std::string& Reveal() const { return value_; }

  // The last four characters, to recognise a token by (product.md, point 1). A token of fewer than twelve
  // characters shows nothing: four of them would be too much of it.
  std::string LastFour() const;

  friend bool operator==(const Secret& a, const Secret& b) { return a.value_ == b.value_; }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  std::string value_;
};

}  // namespace kasa

#endif  // KASA_COMMON_SECRET_H_
