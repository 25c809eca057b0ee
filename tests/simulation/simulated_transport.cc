#include "tests/simulation/simulated_transport.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace kasa::simulation {

void SimulatedTransport::Send(vchasno::HttpRequest request,
                              absl::AnyInvocable<void(vchasno::HttpResult) &&> done) {
  struct State {
    absl::AnyInvocable<void(vchasno::HttpResult) &&> done;
    absl::Time start;
    bool over = false;
  };
  auto state = std::make_shared<State>();
  state->done = std::move(done);
  state->start = timeline_.Now();
  const int64_t number = watch_.Left(request);
  // The cloud may answer when the process, and this transport with it, is long gone.
  const auto end = [&watch = watch_, &timeline = timeline_, state, number](Cloud::Reply reply) {
    if (std::exchange(state->over, true)) return;
    watch.Returned(number, reply);
    vchasno::HttpResult result;
    result.outcome = reply.outcome;
    result.status = reply.status;
    result.retry_after = std::move(reply.retry_after);
    result.body = std::move(reply.body);
    result.what_happened = reply.trouble;
    result.trouble = std::move(reply.trouble);
    result.start_time = state->start;
    result.end_time = timeline.Now();
    std::move(state->done)(std::move(result));
  };
  const absl::Duration at_most =
      request.timeout ? std::min(*request.timeout, total_timeout_) : total_timeout_;
  timeline_.After(
      at_most,
      [end] {
        end({.outcome = vchasno::HttpOutcome::kRequestLeft, .status = 0, .trouble = "Operation timed out"});
      },
      owner_);
  cloud_.Send(request,
              [&timeline = timeline_, owner = owner_, end](absl::Duration after, Cloud::Reply reply) {
                timeline.After(
                    after, [end, reply = std::move(reply)]() mutable { end(std::move(reply)); }, owner);
              });
}

void SimulatedTransport::Call(absl::AnyInvocable<void() &&> work) {
  timeline_.After(absl::Microseconds(10), std::move(work), owner_);
}

}  // namespace kasa::simulation
