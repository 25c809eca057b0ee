// kasa-gateway: reads the flags, puts the gateway together, and ends it when asked to.

#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/flags.h"
#include "server/gateway.h"
#include "server/installation.h"
#include "server/library_logs.h"
#include "server/store/backup.h"
#include "server/store/sqlite_store.h"

namespace kasa {
namespace {

static_assert(kReadingThreads <= store::kReaderConnections,
              "lanes would have to wait for those who read lists");

constexpr int kRefusedToStart = 2;

// Of the 30 s in which the process is to end, the rest is for the last answers and the store.
constexpr absl::Duration kDrainAtMost = absl::Seconds(25);

int Refuse(const absl::Status& status) {
  std::cerr << "kasa-gateway: " << status.message() << "\n";
  return kRefusedToStart;
}

// Copies the store, and tells how far it is about once a second.
int BackUp(const Flags& flags) {
  const SystemClock clock;
  absl::Duration told = clock.Monotonic();
  const auto report =
      store::BackUpStore(flags.store, flags.backup_to, [&clock, &told](int64_t copied, int64_t pages) {
        if (clock.Monotonic() - told < absl::Seconds(1) && copied != pages) return;
        told = clock.Monotonic();
        std::cerr << "kasa-gateway: copied " << copied << " of " << pages << " pages\n";
      });
  if (!report.ok()) return Refuse(report.status());
  std::cout << "backed up " << flags.store << " to " << flags.backup_to << ": " << report->bytes
            << " bytes, sound, through change " << report->last_change << "\n";
  return 0;
}

int CheckStore(const Flags& flags) {
  if (const absl::Status sound = store::CheckDatabaseFile(flags.store); !sound.ok()) return Refuse(sound);
  std::cout << flags.store << " is sound\n";
  return 0;
}

// The signals that end the gateway, kept back from every thread, so that this one can wait for them.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  int Wait() const {
    int signal = 0;
    while (sigwait(&signals_, &signal) != 0) {
    }
    return signal;
  }

 private:
  sigset_t signals_;
};

int Run(int argc, char** argv) {
  absl::StatusOr<Flags> flags = ParseFlags(argc, argv);
  if (!flags.ok()) return Refuse(flags.status());
  if (!flags->backup_to.empty()) return BackUp(*flags);
  if (flags->check_store) return CheckStore(*flags);
  const EndSignals end_signals;   // before any thread is there to inherit
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of one write, likewise
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of one call, not the end of all

  const SystemClock clock;
  Logger logger(clock, StderrSink(), flags->log_level);
  const LibraryLogs library_logs(logger);
  const absl::StatusOr<KyivTime> kyiv = KyivTime::Load();
  if (!kyiv.ok()) return Refuse(kyiv.status());
  const auto installation = LoadOrMakeInstallationId(flags->installation_id_file, flags->store);
  if (!installation.ok()) return Refuse(installation.status());
  Metrics metrics;
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenSqliteStore({.path = flags->store,
                              .installation = *installation,
                              .metrics = &metrics,
                              .migration_listener =
                                  [&logger](absl::string_view what) {
                                    logger.Log(Severity::kInfo, "store.migrating", {{"what", what}});
                                  }},
                             clock);
  if (!store.ok()) return Refuse(store.status());
  const std::string host = flags->gateway.listen.host;
  const std::string metrics_host = flags->gateway.metrics_listen ? flags->gateway.metrics_listen->host : "";
  auto gateway = Gateway::Start(std::move(flags->gateway), *std::move(store), *installation, *kyiv, clock,
                                logger, metrics);
  if (!gateway.ok()) return Refuse(gateway.status());

  const std::string address = absl::StrCat(host, ":", (*gateway)->port());
  if ((*gateway)->metrics_port() != 0) {
    std::cout << "metrics on http://" << metrics_host << ":" << (*gateway)->metrics_port() << "/metrics\n";
  }
  std::cout << "listening on " << address << '\n' << std::flush;
  logger.Log(Severity::kInfo, "gateway.started", {{"address", address}});
  const int signal = end_signals.Wait();
  logger.Log(Severity::kInfo, "gateway.draining", {{"signal", signal}});
  const bool everything_finished = (*gateway)->Drain(kDrainAtMost);
  gateway->reset();
  logger.Log(Severity::kInfo, "gateway.ended", {{"everything_finished", everything_finished}});
  return 0;
}

}  // namespace
}  // namespace kasa

int main(int argc, char** argv) {
  return kasa::Run(argc, argv);
}
