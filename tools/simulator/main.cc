// kasa-simulator: a stand-in for Vchasno.Kasa to demonstrate and test against. See docs/simulator.md.
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/simulator/register_json.h"
#include "tools/simulator/simulator.h"
#include "tools/simulator/switches.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

constexpr std::string_view kHelp =
    R"(kasa-simulator: a stand-in for Vchasno.Kasa, strict and able to fail in every way

  --listen HOST:PORT   where to listen; port 0 is any free one   (default 127.0.0.1:8090)
  --allow-remote       allow an address that is not loopback: anyone who reaches it can use it
  --registers N        N test registers: tokens simulator-token-1.., fisids 4000000001..   (default 1)
  --register SPEC      a register of its own (instead of the default ones; may be repeated):
                       token=..,fisid=..[,edrpou=..][,mode=test|real][,cashier=..][,SWITCH=VALUE]..
  --switch NAME=VALUE  a switch of every register (may be repeated); the switches are below
  --seed N             draws of faults and fiscal numbers are alike for one seed   (default: random)
  --log-size N         so many requests are kept for GET /simulator/requests   (default 1000)
  --quiet              no line in the log for each request
  --help               this text

SIGUSR1: nobody answers at the port any more, and connections are cut, as if it had been killed; SIGUSR2: it listens
again, and its registers are as they were.
Prints "listening on HOST:PORT" when it is ready. Admin calls (docs/simulator.md), from loopback only:
  GET|POST|DELETE /simulator/faults, GET|POST /simulator/registers, GET /simulator/ledger,
  GET /simulator/requests, GET /simulator/notifications, POST /simulator/release, POST /simulator/reset

Switches, with their defaults:
)";

int Fail(std::string_view what) {
  std::fprintf(stderr, "kasa-simulator: %.*s (--help tells the flags)\n", static_cast<int>(what.size()),
               what.data());
  return 2;
}

void Log(const Json& line) {
  const std::string text = line.Dump() + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void PrintHelp() {
  std::fwrite(kHelp.data(), 1, kHelp.size(), stdout);
  for (const SwitchWord& word : DescribeSwitches(Switches())) {
    std::printf("  %-22s %-20s %s\n", word.name.c_str(), word.value.c_str(), word.choices.c_str());
  }
}

struct Flags {
  SimulatorOptions options;
  int registers = 1;
  std::vector<std::pair<std::string, std::string>> switches;
  bool allow_remote = false;
  bool quiet = false;
  bool help = false;
};

bool ReadListen(std::string_view text, SimulatorOptions& options) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  options.host = std::string(text.substr(0, colon));
  if (options.host.size() > 2 && options.host.front() == '[')
    options.host = options.host.substr(1, options.host.size() - 2);
  int port = 0;
  if (!absl::SimpleAtoi(View(text.substr(colon + 1)), &port) || port < 0 || port > 65535) return false;
  options.port = static_cast<uint16_t>(port);
  return true;
}

// What is wrong with the flag, or "".
std::string ReadFlag(const std::string& name, const std::string& value, Flags& flags) {
  if (name == "--listen") return ReadListen(value, flags.options) ? "" : "--listen takes HOST:PORT";
  if (name == "--registers") {
    const bool ok =
        absl::SimpleAtoi(value, &flags.registers) && flags.registers >= 1 && flags.registers <= 100'000;
    return ok ? "" : "--registers takes 1 to 100000";
  }
  if (name == "--register") {
    absl::StatusOr<RegisterOptions> reg = ParseRegister(value);
    if (!reg.ok()) return absl::StrCat("--register: ", reg.status().message());
    flags.options.registers.push_back(*std::move(reg));
    return "";
  }
  if (name == "--switch") {
    const size_t equals = value.find('=');
    if (equals == std::string::npos) return "--switch takes NAME=VALUE";
    flags.switches.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    return "";
  }
  if (name == "--seed") return absl::SimpleAtoi(value, &flags.options.seed) ? "" : "--seed takes a number";
  if (name == "--log-size")
    return absl::SimpleAtoi(value, &flags.options.log_size) ? "" : "--log-size takes a number";
  return absl::StrCat("unknown flag ", name);
}

std::string ReadFlags(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--help") {
      flags.help = true;
    } else if (name == "--allow-remote") {
      flags.allow_remote = true;
    } else if (name == "--quiet") {
      flags.quiet = true;
    } else {
      std::string value;
      if (const size_t equals = name.find('='); equals != std::string::npos) {
        value = name.substr(equals + 1);
        name = name.substr(0, equals);
      } else if (++i < argc) {
        value = argv[i];
      } else {
        return absl::StrCat(name, " is unknown or takes a value");
      }
      if (std::string wrong = ReadFlag(name, value, flags); !wrong.empty()) return wrong;
    }
  }
  const std::string& host = flags.options.host;
  const bool loopback = host == "localhost" || host == "::1" || host.starts_with("127.");
  if (!loopback && !flags.allow_remote) return host + " is not loopback: say --allow-remote if that is meant";
  if (flags.options.registers.empty()) flags.options.registers = DefaultRegisters(flags.registers);
  for (RegisterOptions& reg : flags.options.registers) {
    for (const auto& [name, value] : flags.switches) {
      if (absl::Status set = SetSwitch(reg.switches, name, value); !set.ok())
        return std::string(set.message());
    }
  }
  return "";
}

int Run(int argc, char** argv) {
  Flags flags;
  flags.options.port = 8090;
  // Numbers of an earlier run must not come again: whoever keeps receipts would meet them twice.
  flags.options.seed = std::random_device()();
  if (const std::string wrong = ReadFlags(argc, argv, flags); !wrong.empty()) return Fail(wrong);
  if (flags.help) {
    PrintHelp();
    return 0;
  }
  // Before any thread starts, so that all inherit it and sigwait() below is the only receiver.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  if (!flags.quiet) {
    flags.options.on_answered = [](const RequestRecord& record) { Log(RecordJson(record)); };
  }
  const std::string host = flags.options.host;
  auto simulator = Simulator::Start(std::move(flags.options));
  if (!simulator.ok()) return Fail(std::string(simulator.status().message()));
  std::printf("listening on %s:%d\n", host.c_str(), (*simulator)->port());
  std::fflush(stdout);

  int signal = 0;
  bool away = false;
  while (sigwait(&signals, &signal) == 0 && (signal == SIGUSR1 || signal == SIGUSR2)) {
    if (signal == SIGUSR1) {
      (*simulator)->Stop();
    } else if (const absl::Status back = away ? (*simulator)->Restart() : absl::OkStatus(); !back.ok()) {
      return Fail(std::string(back.message()));
    }
    away = signal == SIGUSR1;
  }
  (*simulator)->Stop();
  Log(Json::Object().Set("event", Json::Text("stopped")).Set("signal", Json::Int(signal)));
  return 0;
}

}  // namespace
}  // namespace kasa::simulator

int main(int argc, char** argv) {
  return kasa::simulator::Run(argc, argv);
}
