#ifndef KASA_TESTS_SIMULATION_TRACE_H_
#define KASA_TESTS_SIMULATION_TRACE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "tests/simulation/timeline.h"

namespace kasa::simulation {

// A rule that was broken: the rule's short name, by which failures are compared, and what happened.
struct Violation {
  std::string rule;
  std::string what;
};

// What happened in a history, for people; and the first rule that was broken. Lines are put together only
// when somebody wants them.
class Trace {
 public:
  Trace(const Timeline& timeline, bool wanted) : timeline_(timeline), wanted_(wanted) {}

  template <typename... Parts>
  void Say(const Parts&... parts) {
    if (!wanted_) return;
    lines_.push_back(
        absl::StrFormat("%12.6f  %s", absl::ToDoubleSeconds(timeline_.Monotonic()), absl::StrCat(parts...)));
  }

  // The first one counts: what comes after it may only follow from it.
  void Violate(std::string rule, std::string what) {
    Say("VIOLATION of ", rule, ": ", what);
    if (!violation_) violation_ = Violation{std::move(rule), std::move(what)};
  }

  const std::optional<Violation>& violation() const { return violation_; }
  const std::vector<std::string>& lines() const { return lines_; }
  bool wanted() const { return wanted_; }

 private:
  const Timeline& timeline_;
  const bool wanted_;
  std::vector<std::string> lines_;
  std::optional<Violation> violation_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_TRACE_H_
