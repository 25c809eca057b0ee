#ifndef KASA_SERVER_API_CALL_CONTEXT_H_
#define KASA_SERVER_API_CALL_CONTEXT_H_

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"

namespace kasa::api {

// What a handler knows of the call besides its request.
struct CallContext {
  // The answer has to be given within this: what is left of the caller's deadline, less what the way back
  // takes.
  absl::Duration answer_within = absl::InfiniteDuration();
  // Whether nobody waits for the answer any more: the caller went away, or its deadline is over. From any
  // thread.
  std::function<bool()> is_over = [] { return false; };
};

// `time_left` less the margin for encoding the answer and bringing it back: a tenth, at most 300 ms. Of
// these, 100 are because gRPC rounds up the deadlines it sends: a deadline of 10 to 100 s comes as up to 100
// ms later than it is.
inline absl::Duration AnswerWithin(absl::Duration time_left) {
  if (time_left == absl::InfiniteDuration()) return time_left;
  time_left = std::max(time_left, absl::ZeroDuration());
  return time_left - std::min(time_left / 10, absl::Milliseconds(300));
}

// How handlers answer: once, from any thread. One that is dropped without an answer ends its call with a
// status that says that the outcome is not known.
using engine::Done;

// For the engine to call back: takes its result to `executor`, where `encode` (Result -> StatusOr<Response>)
// makes the answer of it. So the engine's threads encode nothing. `executor` must outlive the call.
template <typename Result, typename Response, typename Encode>
Done<Result> EncodeOn(engine::Executor& executor, Done<Response> done, Encode encode) {
  return [&executor, done = std::move(done),
          encode = std::move(encode)](absl::StatusOr<Result> result) mutable {
    executor.Post([result = std::move(result), done = std::move(done), encode = std::move(encode)]() mutable {
      if (!result.ok()) return std::move(done)(result.status());
      std::move(done)(encode(*std::move(result)));
    });
  };
}

// To answer with when nobody hears it.
inline absl::Status NobodyWaits() {
  return absl::CancelledError("nobody waits for the answer");
}

// For calls that only read: `read` (-> StatusOr<Response>) makes the answer on `executor`, unless the call is
// over when its turn comes. Callers who give up and ask again must not keep it busy with what nobody waits
// for. `executor` must outlive the call.
template <typename Response, typename Read>
void ReadOn(engine::Executor& executor, CallContext call, Done<Response> done, Read read) {
  executor.Post(
      [is_over = std::move(call.is_over), done = std::move(done), read = std::move(read)]() mutable {
        if (is_over()) return std::move(done)(NobodyWaits());
        std::move(done)(read());
      });
}

}  // namespace kasa::api

#endif  // KASA_SERVER_API_CALL_CONTEXT_H_
