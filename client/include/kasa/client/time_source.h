#ifndef KASA_CLIENT_TIME_SOURCE_H_
#define KASA_CLIENT_TIME_SOURCE_H_

#include "absl/time/time.h"

namespace kasa::client {

// The seam to time and chance where the library waits, so that tests need not. Implementations are safe for
// concurrent use.
class TimeSource {
 public:
  virtual ~TimeSource() = default;

  // Time since some fixed moment; never jumps.
  virtual absl::Duration Monotonic() = 0;

  // Returns after `pause`.
  virtual void Sleep(absl::Duration pause) = 0;

  // From 0 to below 1, each as likely.
  virtual double Chance() = 0;
};

// The machine's.
class SystemTimeSource final : public TimeSource {
 public:
  absl::Duration Monotonic() override;
  void Sleep(absl::Duration pause) override;
  double Chance() override;
};

}  // namespace kasa::client

#endif  // KASA_CLIENT_TIME_SOURCE_H_
