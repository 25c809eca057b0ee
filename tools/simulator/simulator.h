#ifndef KASA_TOOLS_SIMULATOR_SIMULATOR_H_
#define KASA_TOOLS_SIMULATOR_SIMULATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "tools/simulator/admin.h"
#include "tools/simulator/cloud.h"
#include "tools/simulator/http_server.h"

namespace kasa::simulator {

struct SimulatorOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  // None: one register as DefaultRegisters(1) makes it.
  std::vector<RegisterOptions> registers;
  uint64_t seed = 1;
  size_t log_size = 1000;
  // The machine's clock when null; outlives the simulator.
  const Clock* clock = nullptr;
  std::function<void(const RequestRecord&)> on_answered;
};

// Registers "simulator-token-1".., fisid "4000000001".., EDRPOU "12345678", test ones, with default switches.
std::vector<RegisterOptions> DefaultRegisters(int count);

// "token=..,fisid=..[,edrpou=..][,mode=test|real][,cashier=..][,<switch>=<value>]..". INVALID_ARGUMENT.
absl::StatusOr<RegisterOptions> ParseRegister(std::string_view text);

// A stand-in for Vchasno.Kasa on a port of its own, in this process. Starting and stopping is one thread's
// affair; cloud() is safe from any thread, running or not.
class Simulator {
 public:
  // As HttpServer::Start(), and FAILED_PRECONDITION without Kyiv's time zone.
  static absl::StatusOr<std::unique_ptr<Simulator>> Start(SimulatorOptions options);
  ~Simulator();

  uint16_t port() const { return server_.port(); }
  // "http://127.0.0.1:8090"
  std::string BaseUrl() const;

  // The registers, faults, ledger and log.
  Cloud& cloud() { return *cloud_; }
  // The first register's token.
  const std::string& token() const { return token_; }

  // Nobody answers at the port any more; connections are cut. The registers keep their state.
  void Stop();
  // Listens again at the same port.
  absl::Status Restart();

 private:
  explicit Simulator(SimulatorOptions options) : options_(std::move(options)) {}

  absl::Status Listen(uint16_t port);

  const SimulatorOptions options_;
  SystemClock system_clock_;
  HttpServer server_;
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Admin> admin_;
  std::string token_;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_SIMULATOR_H_
