#ifndef KASA_COMMON_CLOCK_H_
#define KASA_COMMON_CLOCK_H_

#include "absl/time/time.h"

namespace kasa {

// The one seam to time. Everything that asks what time it is takes a Clock, so that tests can set it.
// Implementations are safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock: for dates, for what is stored and shown. It may jump, both ways.
  virtual absl::Time Now() const = 0;

  // Time since some fixed moment of this process; never jumps. For waiting and for measuring how long ago.
  virtual absl::Duration Monotonic() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
};

}  // namespace kasa

#endif  // KASA_COMMON_CLOCK_H_
