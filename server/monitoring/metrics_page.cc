#include "server/monitoring/metrics_page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/engine/attention_desk.h"
#include "server/monitoring/process_metrics.h"

namespace kasa::monitoring {
namespace {

using domain::State;
using engine::LaneState;
using engine::LaneView;

absl::string_view NameOf(LaneState state) {
  switch (state) {
    case LaneState::kRunning:
      return "RUNNING";
    case LaneState::kPaused:
      return "PAUSED";
    case LaneState::kReconciling:
      return "RECONCILING";
  }
  return "UNKNOWN";
}

// A clock that was set back makes no negative ages.
absl::Duration Age(absl::Time since, absl::Time now) {
  return std::max(now - since, absl::ZeroDuration());
}

void ShowLane(const LaneView& lane, absl::Time now, Metrics& out) {
  const std::string& id = lane.register_fiscal_number;
  for (const LaneState state : {LaneState::kRunning, LaneState::kPaused, LaneState::kReconciling}) {
    out.GetGauge("kasa_lane_state", "1 for the state that the register's lane is in.",
                 {{"register", id}, {"state", std::string(NameOf(state))}})
        .Set(lane.state == state ? 1 : 0);
  }
  const bool held = lane.state != LaneState::kRunning;
  if (held && lane.reason) {
    out.GetGauge("kasa_lane_held_reason", "1 for the reason that the register's lane is held for.",
                 {{"register", id}, {"reason", std::string(kasa::NameOf(*lane.reason))}})
        .Set(1);
  }
  out.GetSecondsGauge("kasa_lane_held_seconds",
                      "How long the lane has been paused or reconciling; 0 while it runs.",
                      {{"register", id}})
      .Set(held && lane.since ? Age(*lane.since, now) : absl::ZeroDuration());
  out.GetGauge("kasa_lane_queued", "Fiscalizations that are ACCEPTED or SENDING.", {{"register", id}})
      .Set(lane.queued);
  out.GetGauge("kasa_lane_in_doubt", "Fiscalizations that are IN_DOUBT.", {{"register", id}})
      .Set(lane.in_doubt);
  out.GetGauge("kasa_lane_parked", "Fiscalizations in doubt that have left the lane.", {{"register", id}})
      .Set(lane.parked);
  out.GetSecondsGauge("kasa_lane_oldest_waiting_seconds",
                      "Age of the oldest fiscalization that is not settled; 0 when none is.",
                      {{"register", id}})
      .Set(lane.oldest_time ? Age(*lane.oldest_time, now) : absl::ZeroDuration());
}

void ShowRegister(const domain::RegisterFacts& facts, absl::Time now, Metrics& out) {
  if (!facts.status) return;
  const MetricLabels labels = {{"register", facts.register_fiscal_number}};
  out.GetSecondsGauge("kasa_register_status_age_seconds",
                      "How long ago the register was last asked for its status.", labels)
      .Set(Age(facts.status_time, now));
  if (const auto opened = domain::ShiftOpened(facts)) {
    out.GetSecondsGauge(
           "kasa_shift_age_seconds",
           "Age of the shift that was open when the register's status was read; no series: none was.", labels)
        .Set(Age(*opened, now));
  }
}

void ShowAttention(const engine::Survey& survey, Metrics& out) {
  // All codes are there, so that an alert on one does not begin with a series that was never seen.
  for (const domain::AttentionCode code : domain::AllAttentionCodes()) {
    const int64_t count =
        std::count_if(survey.attention.begin(), survey.attention.end(),
                      [code](const domain::Attention& matter) { return matter.code == code; });
    out.GetGauge("kasa_attention_items", "Matters of the attention list (ListAttention), by code.",
                 {{"code", std::string(domain::NameOf(code))}})
        .Set(count);
  }
}

}  // namespace

MetricsPage::MetricsPage(Parts parts, int64_t first_change)
    : parts_(std::move(parts)), counted_through_(first_change) {
  for (const State state : {State::kAccepted, State::kSending, State::kInDoubt, State::kFiscalized,
                            State::kFailed, State::kCancelled}) {
    changes_[state] = 0;
  }
}

std::string MetricsPage::Render() {
  const absl::Duration monotonic = parts_.clock.Monotonic();
  if (!read_at_ || monotonic - *read_at_ >= parts_.fresh) {
    gauges_ = ReadGauges();
    read_at_ = monotonic;
  }
  return absl::StrCat(parts_.counted.RenderPrometheus(), gauges_);
}

std::string MetricsPage::ReadGauges() {
  Metrics now;
  now.GetGauge("kasa_build_info", "1; the version is in the label.", {{"version", parts_.version}}).Set(1);
  now.GetGauge("kasa_watchers", "Streams of WatchFiscalizations that are open.").Set(parts_.watchers());
  ReadProcessMetrics(now);
  const absl::Status read = ReadStore(now);
  now.GetGauge("kasa_metrics_complete",
               "0 when the store could not be read, and what comes from it is missing.")
      .Set(read.ok() ? 1 : 0);
  return now.RenderPrometheus();
}

absl::Status MetricsPage::ReadStore(Metrics& now) {
  if (absl::Status counted = CountChanges(now); !counted.ok()) return counted;
  const absl::Time time = parts_.clock.Now();
  const absl::StatusOr<engine::Survey> survey =
      engine::TakeSurvey(parts_.store, parts_.engine, parts_.kyiv, time, parts_.rules);
  if (!survey.ok()) return survey.status();
  ShowAttention(*survey, now);
  std::map<std::string, LaneView> idle;  // registers without open work have lanes too, which run
  for (const domain::RegisterFacts& facts : survey->registers) {
    const std::string& id = facts.register_fiscal_number;
    if (id.empty()) continue;
    idle[id].register_fiscal_number = id;
    ShowRegister(facts, time, now);
  }
  const absl::StatusOr<std::vector<LaneView>> lanes = parts_.engine.AllLanes();
  if (!lanes.ok()) return lanes.status();
  for (const LaneView& lane : *lanes) {
    ShowLane(lane, time, now);
    idle.erase(lane.register_fiscal_number);
  }
  for (const auto& [id, lane] : idle) ShowLane(lane, time, now);
  return absl::OkStatus();
}

absl::Status MetricsPage::CountChanges(Metrics& now) {
  const absl::StatusOr<store::ChangeCounts> counts = parts_.store.changes().Count(counted_through_);
  if (!counts.ok()) return counts.status();
  counted_through_ = counts->through;
  for (const auto& [state, count] : counts->to_state) changes_[state] += count;
  for (const auto& [state, count] : changes_) {
    now.GetCounter("kasa_fiscalization_changes_total",
                   "Changes of state of fiscalizations since the start, by the state that they led to.",
                   {{"state", std::string(domain::NameOf(state))}})
        .Increment(count);
  }
  return absl::OkStatus();
}

}  // namespace kasa::monitoring
