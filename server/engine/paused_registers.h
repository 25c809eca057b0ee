#ifndef KASA_SERVER_ENGINE_PAUSED_REGISTERS_H_
#define KASA_SERVER_ENGINE_PAUSED_REGISTERS_H_

#include <mutex>
#include <string>
#include <utility>

#include "server/store/store_pause.h"

namespace kasa::engine {

// Which registers wait for an operator to adopt the store (architecture.md, rule 11): as the store last said.
// Thread-safe.
class PausedRegisters {
 public:
  void Set(store::StorePause pause) {
    const std::lock_guard lock(mutex_);
    pause_ = std::move(pause);
  }

  bool IsPaused(const std::string& register_fiscal_number) const {
    const std::lock_guard lock(mutex_);
    return pause_.paused && !pause_.adopted.contains(register_fiscal_number);
  }

 private:
  mutable std::mutex mutex_;
  store::StorePause pause_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_PAUSED_REGISTERS_H_
