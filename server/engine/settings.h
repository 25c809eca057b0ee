#ifndef KASA_SERVER_ENGINE_SETTINGS_H_
#define KASA_SERVER_ENGINE_SETTINGS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/domain/tag.h"
#include "server/store/change_store.h"

namespace kasa::engine {

// Every duration of the engine (architecture.md, rule 4). Scaled() multiplies them all by one factor, for
// tests and drills.
struct Settings {
  absl::Duration request_timeout = absl::Seconds(60);  // of one request to the register, in all
  absl::Duration hold_time = absl::Seconds(120);       // before a doubt may be settled by sending again
  absl::Duration doubt_alert = absl::Minutes(1);       // from when on a held lane is alarmed about
  absl::Duration doubt_window = absl::Minutes(10);     // in which a doubt holds its lane whatever the policy
  absl::Duration looks_apart = absl::Seconds(30);      // the first two looks for a doubt (rule 3)
  absl::Duration longest_listing_lag = absl::Minutes(10);  // of a listing; absence takes as long to prove
  absl::Duration backoff_first = absl::Seconds(1);         // doubles each time, with jitter
  absl::Duration backoff_most = absl::Minutes(5);
  absl::Duration clock_tolerance = absl::Minutes(5);    // of the register's clock; not scaled
  absl::Duration default_max_wait = absl::Seconds(10);  // of a call that names none; not scaled
  absl::Duration longest_max_wait = absl::Seconds(60);  // not scaled
  // For what check-task tells of a receipt while a caller waits and can do without it: of one made elsewhere
  // that is returned, or that the register has just made; not scaled.
  absl::Duration check_task_timeout = absl::Seconds(3);
  absl::Duration sts_look_up_timeout =
      absl::Seconds(2);                                 // for a receipt's link at the tax service; not scaled
  absl::Duration sts_look_up_again = absl::Minutes(1);  // when there was none; not scaled
  absl::Duration shift_look = absl::Minutes(10);        // between two looks for shifts that may be too old
  absl::Duration shift_look_again = absl::Hours(1);     // between two questions to one register about that
  int64_t max_lane_length = 10000;
  absl::Duration watch_heartbeat = absl::Seconds(15);  // a watch is silent no longer than this
  store::HistoryBounds change_history;                 // what a watch can be resumed from; not scaled

  Settings Scaled(double factor) const {
    Settings scaled = *this;
    for (absl::Duration* duration :
         {&scaled.request_timeout, &scaled.hold_time, &scaled.doubt_alert, &scaled.doubt_window,
          &scaled.looks_apart, &scaled.longest_listing_lag, &scaled.backoff_first, &scaled.backoff_most,
          &scaled.watch_heartbeat, &scaled.shift_look, &scaled.shift_look_again}) {
      *duration *= factor;
    }
    return scaled;
  }

  // INVALID_ARGUMENT when a hold time is shorter than the time-out (the register could still be at work), or
  // a duration is not positive.
  absl::Status Check() const {
    for (const absl::Duration duration :
         {request_timeout, hold_time, doubt_window, looks_apart, longest_listing_lag, backoff_first,
          backoff_most, watch_heartbeat, shift_look, shift_look_again, change_history.age}) {
      if (duration <= absl::ZeroDuration())
        return absl::InvalidArgumentError("every duration must be positive");
    }
    if (hold_time < request_timeout) {
      return absl::InvalidArgumentError("the hold time must not be shorter than the request time-out");
    }
    return absl::OkStatus();
  }
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_SETTINGS_H_
