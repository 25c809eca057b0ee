#ifndef KASA_CLIENT_OPTIONS_H_
#define KASA_CLIENT_OPTIONS_H_

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "kasa/client/time_source.h"

namespace kasa::client {

// How the connection to a gateway behaves. The defaults suit a gateway on the same machine or beside it.
struct ChannelOptions {
  // A connection that has been silent for so long during a call is asked for a sign of life, and given up
  // when none comes in time. Shorter than 30 s, and a server may take it for an attack.
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  // At most so long between two tries to connect, so that a restarted gateway is found again soon.
  absl::Duration longest_reconnect_pause = absl::Seconds(5);
  // Largest answer that is taken; ListExchanges can bring a lot. The gateway takes requests of up to 4 MiB.
  int max_receive_bytes = 64 << 20;
};

// What holds for every call of a Client.
struct ClientOptions {
  // What a call is given when CallOptions name no time-out:
  //   calls that wait for an outcome (max_wait)           their max_wait, at most 60 s, and `margin`;
  //   calls that may ask the register (CreateIntegration, SetToken, CheckConnection, UpdateIntegration,
  //   ResolveFiscalization)                               `register_timeout`;
  //   AdoptStore, which reads the listings of every register that is paused before it adopts, and adopts
  //   nothing once nobody waits                           `adopt_timeout`;
  //   all others                                          `timeout`.
  absl::Duration margin = absl::Seconds(5);
  absl::Duration register_timeout = absl::Seconds(75);
  absl::Duration adopt_timeout = absl::Minutes(15);
  absl::Duration timeout = absl::Seconds(15);
  // Repeating (FiscalizeSaleUntilKnown): the pause after the first try; it doubles up to the longest one, and
  // is drawn between half of it and the whole. A longer delay that the gateway asks for is obeyed.
  absl::Duration first_pause = absl::Milliseconds(500);
  absl::Duration longest_pause = absl::Seconds(10);
  // Time and waiting while repeating; nullptr: the machine's.
  std::shared_ptr<TimeSource> time;
};

// What holds for one call.
struct CallOptions {
  // Of the whole call; nothing: see ClientOptions. When it is over the call ends with DEADLINE_EXCEEDED,
  // which for a call that changes something means that its outcome is not known.
  std::optional<absl::Duration> timeout;
  // Wait for a connection as long as the time-out allows, rather than fail at once with UNAVAILABLE.
  bool wait_for_ready = false;
};

}  // namespace kasa::client

#endif  // KASA_CLIENT_OPTIONS_H_
