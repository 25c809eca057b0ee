#include "kasa/client/time_source.h"

#include <chrono>
#include <random>
#include <thread>

namespace kasa::client {

absl::Duration SystemTimeSource::Monotonic() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

void SystemTimeSource::Sleep(absl::Duration pause) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(pause));
}

double SystemTimeSource::Chance() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace kasa::client
