#include "tests/simulation/wire_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasa::simulation {
namespace {

using Judged = Cloud::Judged;

// Whether the register may have made a receipt of a send, for all that the gateway can know.
bool IsUnexplained(std::optional<Judged> judged, bool explained) {
  if (explained) return false;
  return !judged || *judged == Judged::kNothing || *judged == Judged::kAskedAgain;
}

// What a change of an integration may take to reach a lane that is at work.
constexpr absl::Duration kUntilNoticed = absl::Minutes(2);

}  // namespace

WireWatch::WireWatch(Timeline& timeline, Cloud& cloud, Trace& trace, absl::Duration hold_time)
    : timeline_(timeline), cloud_(cloud), trace_(trace), hold_time_(hold_time), wires_(cloud.registers()) {}

void WireWatch::SetActive(size_t at_register, bool active) {
  wires_[at_register].active = active;
  wires_[at_register].inactive_since = timeline_.Monotonic();
}

void WireWatch::ProcessGone() {
  flights_.clear();
  for (Wire& wire : wires_) {
    wire.in_flight = 0;
    wire.verified_tokens.clear();
    // What was done and not stored is in doubt again; what was stored is never sent again.
    for (auto& [tag, sent] : wire.sent) {
      for (Sent& one : sent) {
        if (one.judged == Judged::kDone) one.judged.reset();
      }
    }
  }
}

std::vector<std::string> WireWatch::Bindings() const {
  std::vector<std::string> tags;
  for (const Wire& wire : wires_) {
    if (!wire.bound_to.empty()) tags.push_back(wire.bound_to);
  }
  return tags;
}

void WireWatch::ForgetBinding(const std::string& tag) {
  for (Wire& wire : wires_) {
    if (wire.bound_to == tag) wire.bound_to.clear();
  }
}

std::optional<size_t> WireWatch::RegisterOf(const std::string& token) const {
  for (size_t at = 0; at < cloud_.registers(); ++at) {
    if (absl::StartsWith(token, absl::StrCat("token-", at + 1))) return at;
  }
  return std::nullopt;
}

int64_t WireWatch::Left(const vchasno::HttpRequest& request) {
  const int64_t number = ++last_number_;
  const auto at = RegisterOf(request.token.Reveal());
  const auto read =
      request.method == vchasno::HttpMethod::kPost ? ReadTaskRequest(request.body) : std::nullopt;
  if (!at || !read) {
    trace_.Say("  > ", request.url);
    return number;
  }
  trace_.Say("  > register ", *at + 1, " task ", read->task, " ", read->tag);
  Wire& wire = wires_[*at];
  Flight flight{.at = *at, .tag = read->tag, .task = read->task, .execute = true};
  ++executes_;
  if (++wire.in_flight > 1) {
    trace_.Violate("one_in_flight", absl::StrCat("two requests at once to register ", *at + 1));
  }
  CheckBinding(*at, *read);
  if (read->task == kStatus) {
    wire.verified_tokens.insert(request.token.Reveal());
  } else {
    if (paused_) {
      trace_.Violate("paused_store",
                     absl::StrCat("task ", read->task, " was sent from a store that is paused"));
    }
    // What the register is bound to goes out under the word that was had of it before.
    const bool must_be_next = !wire.bound_to.empty() && wire.bound_to == read->tag;
    if (wire.verified_tokens.count(request.token.Reveal()) == 0 && !must_be_next) {
      trace_.Violate("verified_first",
                     absl::StrCat("register ", *at + 1, " was not asked for its status first"));
    }
    if (is_marked && !is_marked(read->tag, request.body)) {
      trace_.Violate("marked_before_sent",
                     absl::StrCat("no synced mark with these bytes for tag ", read->tag));
    }
    std::vector<Sent>& sent = wire.sent[read->tag];
    CheckRepeat(*at, *read, request.body);
    cloud_.at(*at).PassTimeTo(timeline_.TrueNow());
    flight.place = sent.size();
    sent.push_back(
        {.start = timeline_.Monotonic(), .closings = cloud_.at(*at).closings(), .body = request.body});
  }
  flights_.emplace(number, std::move(flight));
  return number;
}

void WireWatch::CheckBinding(size_t at, const TaskRequest& request) {
  const Wire& wire = wires_[at];
  if (wire.bound_to.empty() || request.tag == wire.bound_to) return;
  if (request.task == kOpenShift && wire.shift_closed) return;
  trace_.Violate("same_tag_next", absl::StrCat("register ", at + 1, " asked for tag ", wire.bound_to,
                                               " again, and got task ", request.task, " ", request.tag));
}

void WireWatch::CheckRepeat(size_t at, const TaskRequest& request, const std::string& body) {
  Wire& wire = wires_[at];
  const std::vector<Sent>& sent = wire.sent[request.tag];
  const auto first = std::find_if(sent.begin(), sent.end(),
                                  [](const Sent& one) { return IsUnexplained(one.judged, one.explained); });
  if (first == sent.end()) return CheckFirst(at, request);
  if (request.task == kOpenShift) return;  // an opening that is repeated opens nothing twice
  if (taken_for_absent && taken_for_absent(request.tag)) {
    if (cloud_.MayMake(at, request.tag)) {
      trace_.Violate("false_absence", absl::StrCat("tag ", request.tag, " was taken for absent, and is not"));
    }
    for (Sent& one : wire.sent[request.tag]) one.explained = true;
    if (wire.bound_to == request.tag) wire.bound_to.clear();
    return CheckFirst(at, request);
  }
  ++repeats_;
  const auto last = std::find_if(sent.rbegin(), sent.rend(),
                                 [](const Sent& one) { return IsUnexplained(one.judged, one.explained); });
  if (first->body != body) trace_.Violate("same_bytes", absl::StrCat("other bytes under tag ", request.tag));
  const bool waived = last->judged == Judged::kAskedAgain;
  if (!waived && timeline_.Monotonic() - last->start < hold_time_) {
    trace_.Violate("hold_time",
                   absl::StrCat("tag ", request.tag, " was sent again before the hold time was over"));
  }
  cloud_.at(at).PassTimeTo(timeline_.TrueNow());
  // What the register asked for again, and has surely not made, may be sent as it is: a look proved that.
  const bool asked_for_and_absent = wire.bound_to == request.tag && !cloud_.MayMake(at, request.tag);
  if (wire.claim == domain::TagMemory::kUnproven && !asked_for_and_absent) {
    trace_.Violate("tag_memory",
                   absl::StrCat("tag ", request.tag, " was sent again, and tag memory is unproven"));
  }
  if (wire.claim == domain::TagMemory::kSameShift && cloud_.at(at).closings() != first->closings) {
    trace_.Violate("tag_memory", absl::StrCat("tag ", request.tag, " was sent again, and its shift is over"));
  }
}

void WireWatch::CheckFirst(size_t at, const TaskRequest& request) {
  const Wire& wire = wires_[at];
  if (wire.active || timeline_.Monotonic() - wire.inactive_since < kUntilNoticed) return;
  trace_.Violate("inactive", absl::StrCat("register ", at + 1, " got task ", request.task,
                                          " through an integration that is not active"));
}

void WireWatch::Returned(int64_t number, const Cloud::Reply& reply) {
  const Judged judged = reply.judged;
  const auto found = flights_.find(number);
  if (found == flights_.end()) return;
  const Flight flight = found->second;
  flights_.erase(found);
  Wire& wire = wires_[flight.at];
  --wire.in_flight;
  trace_.Say("  < register ", flight.at + 1, " task ", flight.task, " judged ", static_cast<int>(judged));
  if (flight.task == kStatus) return;
  if (coverage != nullptr) {
    coverage->CountAnswer(reply.outcome != vchasno::HttpOutcome::kNeverConnected,
                          reply.outcome == vchasno::HttpOutcome::kAnswered, reply.status, reply.body);
  }
  wire.sent[flight.tag][flight.place].judged = judged;
  if (judged == Judged::kAskedAgain) {
    wire.bound_to = flight.tag;
    wire.shift_closed = false;
  } else if (wire.bound_to == flight.tag) {
    if (judged == Judged::kShiftClosed) wire.shift_closed = true;
    if (judged == Judged::kDone || judged == Judged::kRefused) wire.bound_to.clear();
  }
}

void WireWatch::ResolvedAbsent(const std::string& tag) {
  for (Wire& wire : wires_) {
    const auto sent = wire.sent.find(tag);
    if (sent == wire.sent.end()) continue;
    for (Sent& one : sent->second) one.explained = true;
    if (wire.bound_to == tag) wire.bound_to.clear();
  }
}

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
