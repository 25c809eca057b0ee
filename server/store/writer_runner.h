#ifndef KASA_SERVER_STORE_WRITER_RUNNER_H_
#define KASA_SERVER_STORE_WRITER_RUNNER_H_

#include <chrono>

#include "absl/functional/any_invocable.h"

namespace kasa::store {

// Runs the writer's steps where it has no thread of its own: in a simulation, which does everything on one
// thread and in an order that it chooses.
class WriterRunner {
 public:
  virtual ~WriterRunner() = default;

  // Runs `step` once, soon, and not from inside this call. No step runs after the store was destroyed.
  virtual void Post(absl::AnyInvocable<void() &&> step) = 0;

  // Returns when `pause` is over. Whatever else the simulation does may happen meanwhile, but no step of the
  // writer. False: the writer is to give up what it waits for.
  virtual bool Pause(std::chrono::milliseconds pause) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_WRITER_RUNNER_H_
