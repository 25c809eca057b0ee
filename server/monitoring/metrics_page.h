#ifndef KASA_SERVER_MONITORING_METRICS_PAGE_H_
#define KASA_SERVER_MONITORING_METRICS_PAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/metrics.h"
#include "server/domain/attention.h"
#include "server/domain/state_machine.h"
#include "server/engine/engine.h"
#include "server/store/store.h"

namespace kasa::monitoring {

// What /metrics says: what the process has counted, and what the store and the lanes are like right now.
// Labels are names of the contract and registers' fiscal numbers: never a token, a contact or a document.
//
// Not thread-safe, and it reads the store: on a thread of its own.
class MetricsPage {
 public:
  struct Parts {
    const Metrics& counted;
    store::Store& store;
    engine::Engine& engine;
    const Clock& clock;
    const KyivTime& kyiv;
    domain::AttentionRules rules;
    std::function<int64_t()> watchers;
    std::string version;
    // The store is not read more often than this, however often the page is asked for.
    absl::Duration fresh = absl::Seconds(1);
  };

  // Changes of state are counted from the one after `first_change` on. Everything in `parts` outlives the
  // page.
  MetricsPage(Parts parts, int64_t first_change);

  // The page in Prometheus' text format 0.0.4. When the store can't be read, kasa_metrics_complete is 0 and
  // what comes from the store is missing; the rest is there.
  std::string Render();

 private:
  // What is as it is now, as a page part.
  std::string ReadGauges();
  absl::Status ReadStore(Metrics& now);
  absl::Status CountChanges(Metrics& now);

  const Parts parts_;
  int64_t counted_through_;
  std::map<domain::State, int64_t> changes_;  // since the start
  std::string gauges_;
  std::optional<absl::Duration> read_at_;  // monotonic
};

}  // namespace kasa::monitoring

#endif  // KASA_SERVER_MONITORING_METRICS_PAGE_H_
