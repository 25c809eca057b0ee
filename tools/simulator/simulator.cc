#include "tools/simulator/simulator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/kyiv_time.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {

std::vector<RegisterOptions> DefaultRegisters(int count) {
  std::vector<RegisterOptions> registers;
  for (int i = 1; i <= count; ++i) {
    RegisterOptions options;
    options.token = absl::StrCat("simulator-token-", i);
    options.fisid = absl::StrCat(4000000000 + i);
    options.cashier = "Касир";
    registers.push_back(std::move(options));
  }
  return registers;
}

absl::StatusOr<RegisterOptions> ParseRegister(std::string_view text) {
  RegisterOptions options;
  for (const auto part : absl::StrSplit(View(text), ',')) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    const auto& [name, value] = pair;
    if (name == "token") {
      options.token = value;
    } else if (name == "fisid") {
      options.fisid = value;
    } else if (name == "edrpou") {
      options.edrpou = value;
    } else if (name == "cashier") {
      options.cashier = value;
    } else if (name == "mode") {
      if (value != "test" && value != "real") return absl::InvalidArgumentError("mode takes test|real");
      options.is_real = value == "real";
    } else if (absl::Status set = SetSwitch(options.switches, name, value); !set.ok()) {
      return set;
    }
  }
  if (options.token.empty() || options.fisid.empty()) {
    return absl::InvalidArgumentError("a register has a token and a fisid");
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Start(SimulatorOptions options) {
  absl::StatusOr<KyivTime> kyiv = KyivTime::Load();
  if (!kyiv.ok()) return kyiv.status();
  if (options.registers.empty()) options.registers = DefaultRegisters(1);
  auto simulator = std::unique_ptr<Simulator>(new Simulator(std::move(options)));
  const SimulatorOptions& kept = simulator->options_;
  Cloud::Options cloud_options;
  cloud_options.seed = kept.seed;
  cloud_options.log_size = kept.log_size;
  cloud_options.on_answered = kept.on_answered;
  const Clock& clock = kept.clock != nullptr ? *kept.clock : simulator->system_clock_;
  simulator->cloud_ =
      std::make_unique<Cloud>(std::move(cloud_options), clock, *std::move(kyiv), simulator->server_);
  for (const RegisterOptions& reg : kept.registers) {
    if (absl::Status added = simulator->cloud_->AddRegister(reg); !added.ok()) return added;
  }
  simulator->token_ = kept.registers.front().token;
  simulator->admin_ = std::make_unique<Admin>(*simulator->cloud_);
  if (absl::Status listening = simulator->Listen(kept.port); !listening.ok()) return listening;
  return simulator;
}

Simulator::~Simulator() {
  Stop();
}

absl::Status Simulator::Listen(uint16_t port) {
  return server_.Start(options_.host, port, *cloud_,
                       [admin = admin_.get()](const HttpRequest& request) { return admin->Handle(request); });
}

std::string Simulator::BaseUrl() const {
  const bool is_v6 = options_.host.find(':') != std::string::npos;
  return absl::StrCat("http://", is_v6 ? absl::StrCat("[", options_.host, "]") : options_.host, ":", port());
}

void Simulator::Stop() {
  server_.Stop();
}

absl::Status Simulator::Restart() {
  return Listen(port());
}

}  // namespace kasa::simulator
