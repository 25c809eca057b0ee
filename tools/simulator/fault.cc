#include "tools/simulator/fault.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasa::simulator {
namespace {

bool Matches(const Fault& fault, const FaultTarget& target) {
  return fault.call == target.call && (fault.fisid.empty() || fault.fisid == target.fisid) &&
         (fault.tag.empty() || fault.tag == target.tag) &&
         (!fault.task.has_value() || fault.task == target.task) && (!fault.warm_only || target.warm);
}

// Whether the kind is a trouble of the wire, which can strike any call.
bool IsTransport(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNoAnswerBeforeCommit:
    case FaultKind::kNoAnswerAfterCommit:
    case FaultKind::kCutAfterBody:
    case FaultKind::kCutMidAnswer:
    case FaultKind::kHttpStatus:
    case FaultKind::kMalformed:
    case FaultKind::kHuge:
    case FaultKind::kSlowDrip:
      return true;
    default:
      return false;
  }
}

// Whether `committed` may be said of the kind; of the others it is part of what they are.
bool MayGoEitherWay(FaultKind kind) {
  switch (kind) {
    case FaultKind::kCutAfterBody:
    case FaultKind::kCutMidAnswer:
    case FaultKind::kHttpStatus:
    case FaultKind::kMalformed:
    case FaultKind::kRefusal:
    case FaultKind::kHold:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Fault::Commits() const {
  switch (kind) {
    case FaultKind::kNoAnswerBeforeCommit:
      return false;
    case FaultKind::kCutAfterBody:
    case FaultKind::kHttpStatus:
    case FaultKind::kRefusal:
    case FaultKind::kShiftClosed:
      return committed.value_or(false);
    default:
      return committed.value_or(true);
  }
}

absl::Status CheckFault(const Fault& fault) {
  if (fault.call != Call::kExecute && !IsTransport(fault.kind)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the kind ", std::string(NameOf(fault.kind)), " is for execute only"));
  }
  if (fault.committed.has_value() && !MayGoEitherWay(fault.kind)) {
    return absl::InvalidArgumentError(
        absl::StrCat("`committed` can't be said of ", std::string(NameOf(fault.kind))));
  }
  if (fault.kind == FaultKind::kHold && !fault.Commits() && fault.then == AfterHold::kAnswer) {
    return absl::InvalidArgumentError("a hold that makes nothing has no answer: then cut or silence");
  }
  if (fault.times < 0 || fault.skip < 0 || fault.probability_percent < 0 || fault.probability_percent > 100 ||
      fault.bytes_per_interval < 1 || fault.size_bytes < 0 || fault.size_bytes > (int64_t{256} << 20) ||
      fault.status < 200 || fault.status > 599) {
    return absl::InvalidArgumentError(
        "times, after >= 0; probability_percent 0 to 100; bytes_per_interval >= 1; size_bytes 0 to 256 MiB; "
        "status 200 to 599");
  }
  return absl::OkStatus();
}

absl::Status Faults::Add(Fault fault) {
  if (absl::Status checked = CheckFault(fault); !checked.ok()) return checked;
  faults_.push_back(std::move(fault));
  return absl::OkStatus();
}

void Faults::Reset(uint64_t seed) {
  faults_.clear();
  taken_.clear();
  random_.seed(seed);
}

std::optional<Fault> Faults::Take(const FaultTarget& target) {
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!Matches(*it, target)) continue;
    if (it->skip > 0) {
      --it->skip;
      continue;
    }
    if (static_cast<int>(random_() % 100) >= it->probability_percent) continue;
    Fault taken = *it;
    ++taken_[std::string(NameOf(taken.kind))];
    if (it->times == 1) {
      faults_.erase(it);
    } else if (it->times > 1) {
      --it->times;
    }
    return taken;
  }
  return std::nullopt;
}

}  // namespace kasa::simulator
