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
  return !judged || *judged == Judged::kNothing || *judged == Judged::kAskedAgain ||
         *judged == Judged::kRefusedReceipt;
}

// What a change of an integration may take to reach a lane that is at work.
constexpr absl::Duration kUntilNoticed = absl::Minutes(2);

}  // namespace

WireWatch::WireWatch(Timeline& timeline, Cloud& cloud, Trace& trace, absl::Duration hold_time)
    : timeline_(timeline), cloud_(cloud), trace_(trace), hold_time_(hold_time), wires_(WiresOf(cloud)) {}

std::vector<WireWatch::Wire> WireWatch::WiresOf(Cloud& cloud) {
  std::vector<Wire> wires;
  for (size_t at = 0; at < cloud.registers(); ++at) wires.emplace_back(cloud.at(at).number());
  return wires;
}

void WireWatch::SetActive(size_t at_register, bool active) {
  if (wires_[at_register].active == active) return;
  wires_[at_register].active = active;
  wires_[at_register].inactive_since = timeline_.Monotonic();
}

void WireWatch::ProcessGone() {
  flights_.clear();
  bindings_known_ = false;
  for (Wire& wire : wires_) {
    wire.in_flight = 0;
    wire.others_asking = 0;
    wire.statuses.Forget();
    wire.verified_tokens.clear();
    // What was done and not stored is in doubt again; what was stored is never sent again.
    for (auto& [tag, sent] : wire.sent) {
      for (Sent& one : sent) {
        if (one.judged == Judged::kDone) one.judged.reset();
      }
    }
  }
}

bool WireWatch::MayHaveMade(const std::string& tag) const {
  return std::any_of(wires_.begin(), wires_.end(), [&](const Wire& wire) {
    const auto found = wire.sent.find(tag);
    return found != wire.sent.end() &&
           std::any_of(found->second.begin(), found->second.end(), [](const Sent& one) {
             return !one.judged || *one.judged == Judged::kDone || IsUnexplained(one.judged, false);
           });
  });
}

void WireWatch::LearnBindings() {
  if (std::exchange(bindings_known_, true) || !asked_again_is_stored) return;
  for (Wire& wire : wires_) {
    const bool bound = !wire.bound_to.empty() && !wire.bound_in_vain;
    if (bound) wire.bound_in_vain = !asked_again_is_stored(wire.bound_to);
    if (wire.freed.empty()) continue;
    const std::string freed = std::exchange(wire.freed, "");
    if (!asked_again_is_stored(freed)) continue;
    wire.bound_to = freed;
    wire.bound_in_vain = false;
  }
}

void WireWatch::ForgetBinding(const std::string& tag) {
  for (Wire& wire : wires_) {
    if (wire.bound_to == tag) wire.bound_to.clear();
    if (wire.freed == tag) wire.freed.clear();
  }
}

std::optional<size_t> WireWatch::RegisterOf(const std::string& token) const {
  for (size_t at = 0; at < cloud_.registers(); ++at) {
    if (absl::StartsWith(token, absl::StrCat("token-", at + 1))) return at;
  }
  return std::nullopt;
}

int64_t WireWatch::Left(const vchasno::HttpRequest& request) {
  LearnBindings();
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
  const std::string token = request.token.Reveal();
  Flight flight{.at = *at, .tag = read->tag, .task = read->task, .execute = true, .token = token};
  ++executes_;
  if (++wire.in_flight > 1) {
    trace_.Violate("one_in_flight", absl::StrCat("two requests at once to register ", *at + 1));
  }
  if (wire.statuses.MayBeAtWork(timeline_.Monotonic())) {
    trace_.Violate("at_work", absl::StrCat("register ", *at + 1, " may be at work still on a status or an ",
                                           "opening without an answer, and got task ", read->task));
  }
  CheckBinding(*at, *read, token);
  if (read->task == kStatus) {
    wire.verified_tokens.insert(token);
  } else {
    if (paused_) {
      trace_.Violate("paused_store",
                     absl::StrCat("task ", read->task, " was sent from a store that is paused"));
    }
    // What the register is bound to goes out under the word that was had of it before.
    // A refusal that says nothing sure leaves it bound, as far as the gateway can know.
    const bool bound = wire.bound_to == read->tag || wire.freed == read->tag;
    const bool is_its_token = wire.bound_token == token || wire.known_tokens.contains(token);
    const bool must_be_next = bound && !wire.bound_in_vain && is_its_token;
    if (!wire.verified_tokens.contains(token) && !must_be_next) {
      trace_.Violate("verified_first",
                     absl::StrCat("register ", *at + 1, " was not asked for its status first, and waits for ",
                                  wire.bound_to.empty() ? "nothing" : wire.bound_to,
                                  wire.bound_in_vain ? ", as nobody knows" : ""));
    }
    if (is_marked && !is_marked(read->tag, request.body)) {
      trace_.Violate("marked_before_sent",
                     absl::StrCat("no synced mark with these bytes for tag ", read->tag));
    }
    if (read->task != kOpenShift && is_as_accepted && !is_as_accepted(*read, request.body)) {
      trace_.Violate("as_accepted",
                     absl::StrCat("tag ", read->tag, " was sent otherwise than it was accepted"));
    }
    // The mark of another request is stored after what freed the register.
    if (read->tag != wire.freed) wire.freed.clear();
    std::vector<Sent>& sent = wire.sent[read->tag];
    CheckRepeat(*at, *read, request.body);
    cloud_.at(*at).PassTimeTo(timeline_.TrueNow());
    flight.place = sent.size();
    sent.push_back({.start = timeline_.Monotonic(),
                    .closings = cloud_.at(*at).closings(),
                    .body = request.body,
                    .judged = std::nullopt,
                    .looks = ToldOf(read->tag).looks});
  }
  flights_.emplace(number, std::move(flight));
  return number;
}

void WireWatch::CheckBinding(size_t at, const TaskRequest& request, const std::string& token) {
  Wire& wire = wires_[at];
  if (wire.bound_to.empty() || request.tag == wire.bound_to) return;
  if (request.task == kOpenShift && (wire.shift_closed || wire.bound_in_vain)) return;
  // It is judged: whether the shift is closed indeed, the status tells.
  if (request.task == kStatus && wire.shift_closed) return;
  const Told of = ToldOf(wire.bound_to);
  // A look found its receipt, so that it is never sent again.
  if (of.has_receipt) return wire.bound_to.clear();
  // An operator's word is stored, and not answered yet.
  if (of.not_in_doubt && words_under_way_.contains(wire.bound_to)) return wire.bound_to.clear();
  // Refused since, and proven absent: what becomes of it, its day may decide.
  if (wire.shift_closed && of.not_in_doubt) return wire.bound_to.clear();
  if (request.task == kStatus) {
    // Another token may be another register's; and after a crash nobody may know any better (ADR 0011).
    if (wire.bound_in_vain || wire.bound_token != token) return;
  } else if (wire.bound_in_vain && (!of.in_doubt || of.parked)) {
    // It held the lane like any doubt.
    return wire.bound_to.clear();
  }
  trace_.Violate("same_tag_next", absl::StrCat("register ", at + 1, " asked for tag ", wire.bound_to,
                                               " again, and got task ", request.task, " ", request.tag));
}

bool WireWatch::HasProofOfAbsence(size_t at, const std::string& tag) {
  const Told of = ToldOf(tag);
  const std::vector<Sent>& sent = wires_[at].sent[tag];
  if (!of.last_look_proved_absence || sent.empty() || of.looks <= sent.back().looks) return false;
  if (cloud_.MayMake(at, tag)) {
    trace_.Violate("false_absence", absl::StrCat("tag ", tag, " was proven absent, and is not"));
  }
  return true;
}

void WireWatch::CheckRepeat(size_t at, const TaskRequest& request, const std::string& body) {
  Wire& wire = wires_[at];
  const std::vector<Sent>& sent = wire.sent[request.tag];
  const auto first = std::find_if(sent.begin(), sent.end(),
                                  [](const Sent& one) { return IsUnexplained(one.judged, one.explained); });
  if (first == sent.end()) return CheckFirst(at, request);
  if (request.task == kOpenShift) return;  // an opening that is repeated opens nothing twice
  const Told of = ToldOf(request.tag);
  if (of.not_in_doubt) {
    if (cloud_.MayMake(at, request.tag)) {
      trace_.Violate("false_absence", absl::StrCat("tag ", request.tag, " was taken for absent, and is not"));
    }
    for (Sent& one : wire.sent[request.tag]) one.explained = true;
    if (wire.bound_to == request.tag) wire.bound_to.clear();
    return CheckFirst(at, request);
  }
  ++repeats_;
  if (of.parked)
    trace_.Violate("parked", absl::StrCat("tag ", request.tag, " is parked, and was sent again"));
  const auto last = std::find_if(sent.rbegin(), sent.rend(),
                                 [](const Sent& one) { return IsUnexplained(one.judged, one.explained); });
  if (!first->of_lost_history && first->body != body) {
    trace_.Violate("same_bytes", absl::StrCat("other bytes under tag ", request.tag));
  }
  const bool waived = last->judged == Judged::kAskedAgain;
  if (!waived && timeline_.Monotonic() - last->start < hold_time_) {
    trace_.Violate("hold_time",
                   absl::StrCat("tag ", request.tag, " was sent again before the hold time was over"));
  }
  cloud_.at(at).PassTimeTo(timeline_.TrueNow());
  const int closings = cloud_.at(at).closings();
  const bool covered = wire.claim == domain::TagMemory::kForever ||
                       (wire.claim == domain::TagMemory::kSameShift && closings == first->closings);
  if (covered || HasProofOfAbsence(at, request.tag)) return;
  trace_.Violate("tag_memory",
                 absl::StrCat("tag ", request.tag, " was sent again, and ",
                              wire.claim == domain::TagMemory::kUnproven ? "tag memory is unproven"
                                                                         : "its shift is over"));
}

void WireWatch::CheckFirst(size_t at, const TaskRequest& request) {
  const Wire& wire = wires_[at];
  if (wire.statuses.ClockIsOff(timeline_) && !ToldOf(request.tag).in_doubt) {
    trace_.Violate("clock_off", absl::StrCat("register ", at + 1, " got task ", request.task,
                                             " while its clock is off, as it told twice running"));
  }
  if (wire.active || timeline_.Monotonic() - wire.inactive_since < kUntilNoticed) return;
  // Nothing new is sent there; what is in doubt is settled all the same.
  const bool opens_for_a_doubt = request.task == kOpenShift && any_in_doubt && any_in_doubt(at);
  if (opens_for_a_doubt || ToldOf(request.tag).in_doubt) return;
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
  if (flight.task == kStatus || flight.task == kOpenShift) {
    wire.statuses.Ended(reply, timeline_.Monotonic(), hold_time_);
  }
  if (flight.task == kStatus) return StatusReturned(flight, reply);
  if (coverage != nullptr) {
    coverage->CountAnswer(reply.outcome != vchasno::HttpOutcome::kNeverConnected,
                          reply.outcome == vchasno::HttpOutcome::kAnswered, reply.status, reply.body);
  }
  wire.sent[flight.tag][flight.place].judged = judged;
  if (judged == Judged::kAskedAgain) {
    wire.bound_to = flight.tag;
    wire.bound_token = flight.token;
    wire.bound_in_vain = false;
    wire.shift_closed = false;
    wire.freed.clear();
    wire.answered_alike = 0;
  } else if (wire.bound_to == flight.tag) {
    // Whatever the register said of it, it said under this token, once that is known to be its own.
    if (judged != Judged::kTurnedAway && wire.known_tokens.contains(flight.token)) {
      wire.bound_token = flight.token;
    }
    const bool is_opening = flight.task == kOpenShift;
    if (judged == Judged::kShiftClosed && !is_opening) wire.shift_closed = true;
    // Of an opening that is no more than a refusal, and so is what is said of it again and again.
    constexpr int kOftenAlike = 8;
    const bool answered = reply.outcome == vchasno::HttpOutcome::kAnswered && reply.status == 200;
    wire.answered_alike = answered ? wire.answered_alike + 1 : 0;
    const bool is_refused =
        judged == Judged::kRefused || judged == Judged::kRefusedReceipt ||
        (is_opening && (judged == Judged::kShiftClosed || wire.answered_alike >= kOftenAlike));
    if (judged == Judged::kDone || is_refused) wire.freed = std::exchange(wire.bound_to, "");
  }
}

void WireWatch::StatusReturned(const Flight& flight, const Cloud::Reply& reply) {
  Wire& wire = wires_[flight.at];
  const bool is_named = reply.outcome == vchasno::HttpOutcome::kAnswered && reply.status == 200 &&
                        absl::StrContains(reply.body, cloud_.at(flight.at).number());
  if (is_named) wire.known_tokens.insert(flight.token);
  wire.statuses.Answered(reply, timeline_, cloud_.kyiv(), wire.others_asking == 0);
}

void WireWatch::ResolvedAbsent(const std::string& tag) {
  for (Wire& wire : wires_) {
    const auto sent = wire.sent.find(tag);
    if (sent == wire.sent.end()) continue;
    for (Sent& one : sent->second) one.explained = true;
    if (wire.bound_to == tag) wire.bound_to.clear();
  }
}

void WireWatch::StoreWasPutBack() {
  words_under_way_.clear();
  for (Wire& wire : wires_) {
    for (auto& [tag, sends] : wire.sent) {
      for (Sent& one : sends) one.of_lost_history = true;
    }
  }
  StoreWasPaused();
  paused_ = true;
}

void WireWatch::StoreWasPaused() {
  bindings_known_ = true;
  for (Wire& wire : wires_) {
    wire.bound_to.clear();
    wire.freed.clear();
  }
}

void WireWatch::Forget(const std::string& tag) {
  ForgetBinding(tag);
  for (Wire& wire : wires_) wire.sent.erase(tag);
}

}  // namespace kasa::simulation
