#include "server/engine/lane_display.h"

#include <utility>

namespace kasa::engine {

LaneDisplay::LaneDisplay(std::string register_fiscal_number, const Clock& clock, Logger& logger)
    : clock_(clock), logger_(logger) {
  view_.register_fiscal_number = std::move(register_fiscal_number);
}

void LaneDisplay::ShowRunning(const std::string& head_id) {
  const std::lock_guard lock(mutex_);
  Run(head_id);
}

void LaneDisplay::ShowSending(const std::string& head_id) {
  const std::lock_guard lock(mutex_);
  // Another one's doubt was settled by somebody else: it does not hold this one.
  const bool is_over = view_.state == LaneState::kReconciling && view_.head_fiscalization_id != head_id;
  if (view_.state == LaneState::kRunning || is_over) return Run(head_id);
  view_.next_step.reset();
  view_.head_fiscalization_id = head_id;
}

void LaneDisplay::Run(const std::string& head_id) {
  if (view_.state != LaneState::kRunning) {
    logger_.Log(Severity::kInfo, "lane.resumed", {{"register", view_.register_fiscal_number}});
  }
  if (view_.state != LaneState::kRunning || !view_.since) view_.since = clock_.Now();
  view_.state = LaneState::kRunning;
  view_.reason.reset();
  view_.message.clear();
  view_.next_step.reset();
  view_.head_fiscalization_id = head_id;
}

void LaneDisplay::Show(LaneState state, const domain::Failure& why, const std::string& head_id,
                       std::optional<absl::Time> next_step) {
  const std::lock_guard lock(mutex_);
  if (view_.state == LaneState::kRunning || !view_.since) view_.since = clock_.Now();
  if (view_.state != state || view_.reason != why.reason) {
    logger_.Log(
        Severity::kWarning, state == LaneState::kPaused ? "lane.paused" : "lane.reconciling",
        {{"register", view_.register_fiscal_number}, {"reason", why.reason}, {"fiscalization", head_id}});
  }
  view_.state = state;
  view_.reason = why.reason;
  view_.message = why.message;
  view_.next_step = next_step;
  view_.head_fiscalization_id = head_id;
}

LaneView LaneDisplay::View() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

}  // namespace kasa::engine
