#include "server/api/encode_register.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "server/api/encode_problem.h"
#include "server/api/encode_receipt.h"
#include "server/api/times.h"

namespace kasa::api {
namespace {

v1::ShiftState EncodeShift(domain::ShiftStatus shift) {
  switch (shift) {
    case domain::ShiftStatus::kUnknown:
      return v1::SHIFT_STATE_UNSPECIFIED;
    case domain::ShiftStatus::kClosed:
      return v1::SHIFT_STATE_CLOSED;
    case domain::ShiftStatus::kOpen:
      return v1::SHIFT_STATE_OPEN;
    case domain::ShiftStatus::kBlocked:
      return v1::SHIFT_STATE_BLOCKED;
  }
  return v1::SHIFT_STATE_UNSPECIFIED;
}

v1::SignatureState EncodeSignature(domain::SignStatus sign) {
  switch (sign) {
    case domain::SignStatus::kNotUsed:
      return v1::SIGNATURE_STATE_NOT_USED;
    case domain::SignStatus::kFine:
      return v1::SIGNATURE_STATE_OK;
    case domain::SignStatus::kWarning:
      return v1::SIGNATURE_STATE_WARNING;
    case domain::SignStatus::kMissing:
      return v1::SIGNATURE_STATE_MISSING;
  }
  return v1::SIGNATURE_STATE_UNSPECIFIED;
}

v1::LaneState EncodeLaneState(engine::LaneState state) {
  switch (state) {
    case engine::LaneState::kRunning:
      return v1::LANE_STATE_RUNNING;
    case engine::LaneState::kPaused:
      return v1::LANE_STATE_PAUSED;
    case engine::LaneState::kReconciling:
      return v1::LANE_STATE_RECONCILING;
  }
  return v1::LANE_STATE_UNSPECIFIED;
}

v1::ConnectionOutcome EncodeOutcome(engine::ConnectionOutcome outcome) {
  switch (outcome) {
    case engine::ConnectionOutcome::kOk:
      return v1::CONNECTION_OUTCOME_OK;
    case engine::ConnectionOutcome::kTokenMissing:
      return v1::CONNECTION_OUTCOME_TOKEN_MISSING;
    case engine::ConnectionOutcome::kTokenRefused:
      return v1::CONNECTION_OUTCOME_TOKEN_REFUSED;
    case engine::ConnectionOutcome::kUnreachable:
      return v1::CONNECTION_OUTCOME_UNREACHABLE;
    case engine::ConnectionOutcome::kRegisterBlocked:
      return v1::CONNECTION_OUTCOME_REGISTER_BLOCKED;
    case engine::ConnectionOutcome::kRegisterRefused:
      return v1::CONNECTION_OUTCOME_REGISTER_REFUSED;
    case engine::ConnectionOutcome::kAnotherRegister:
      return v1::CONNECTION_OUTCOME_ANOTHER_REGISTER;
    case engine::ConnectionOutcome::kUnreadable:
      return v1::CONNECTION_OUTCOME_UNREADABLE;
    case engine::ConnectionOutcome::kBusy:
      return v1::CONNECTION_OUTCOME_BUSY;
  }
  return v1::CONNECTION_OUTCOME_UNSPECIFIED;
}

// A lane holds 10,000 documents at most.
int32_t Count(int64_t value) {
  return static_cast<int32_t>(std::min<int64_t>(value, std::numeric_limits<int32_t>::max()));
}

}  // namespace

void EncodeStatus(const domain::RegisterStatus& status, std::optional<absl::Time> seen,
                  v1::RegisterStatus* out) {
  out->set_register_fiscal_number(status.fiscal_number);
  out->set_edrpou(status.edrpou);
  if (status.mode) out->set_register_mode(EncodeMode(*status.mode));
  if (status.shift) out->set_shift_state(EncodeShift(*status.shift));
  if (status.shift_opened && status.shift == domain::ShiftStatus::kOpen) {
    EncodeTime(*status.shift_opened, out->mutable_shift_open_time());
  }
  if (status.sign) out->set_signature_state(EncodeSignature(*status.sign));
  if (status.online_raw) out->set_online_status_raw(*status.online_raw);
  if (status.cash_in_drawer) out->set_cash_in_drawer_kopiykas(status.cash_in_drawer->kopiykas());
  if (status.vacant_offline_numbers) out->set_vacant_offline_numbers(*status.vacant_offline_numbers);
  if (status.last_receipt_number) out->set_last_receipt_number(*status.last_receipt_number);
  if (status.last_return_number) out->set_last_return_number(*status.last_return_number);
  if (status.last_z_report_number) out->set_last_z_report_number(*status.last_z_report_number);
  if (!seen) return;
  EncodeTime(*seen, out->mutable_seen_time());
  if (status.register_clock) {
    EncodeDuration(*status.register_clock - *seen, out->mutable_clock_difference());
  }
}

void EncodeLane(const engine::LaneView& lane, v1::Lane* out) {
  out->set_state(EncodeLaneState(lane.state));
  if (lane.reason) out->set_reason(std::string(NameOf(*lane.reason)));
  out->set_queued(Count(lane.queued));
  out->set_in_doubt(Count(lane.in_doubt));
  out->set_parked(Count(lane.parked));
  if (lane.oldest_time) EncodeTime(*lane.oldest_time, out->mutable_oldest_time());
  out->set_register_fiscal_number(lane.register_fiscal_number);
  out->set_message(lane.message);
  if (lane.since) EncodeTime(*lane.since, out->mutable_since_time());
  if (lane.next_step) EncodeTime(*lane.next_step, out->mutable_next_step_time());
  out->set_head_fiscalization_id(lane.head_fiscalization_id);
}

void EncodeConnection(const engine::ConnectionReport& report, absl::Time now,
                      v1::CheckConnectionResponse* out) {
  out->set_outcome(EncodeOutcome(report.outcome));
  if (report.reason) out->set_reason(std::string(NameOf(*report.reason)));
  out->set_message(report.message);
  if (report.status) {
    EncodeStatus(*report.status, report.status_time, out->mutable_register_());
    if (report.clock_difference) {
      EncodeDuration(*report.clock_difference, out->mutable_register_()->mutable_clock_difference());
    }
    if (report.status_time) {
      // The wall clock may have been set back since.
      EncodeDuration(std::max(now - *report.status_time, absl::ZeroDuration()), out->mutable_register_age());
    }
  }
  if (report.latency) EncodeDuration(*report.latency, out->mutable_latency());
  EncodeTime(now, out->mutable_check_time());
  if (report.upstream) EncodeUpstream(*report.upstream, out->mutable_upstream());
  out->set_reachable(report.reachable);
  out->set_token_accepted(report.token_accepted);
  EncodeWarnings(report.warnings, out->mutable_warnings());
}

}  // namespace kasa::api
