#include "server/engine/change_feed.h"

#include <algorithm>
#include <utility>

namespace kasa::engine {
namespace {

constexpr int kSlice = 16;      // changes that one watcher holds at most
constexpr int kCatchUp = 256;   // changes that are read at once for all
constexpr int kTrimStep = 500;  // changes trimmed in one write
constexpr absl::Duration kStoreRetry = absl::Seconds(1);

}  // namespace

ChangeFeed::ChangeFeed(Parts parts) : parts_(std::move(parts)) {}

void ChangeFeed::Start() {
  parts_.store.changes().SetListener([this] {
    if (!noticed_.exchange(true)) parts_.executor.Post([this] { Notice(); });
  });
  TrimLater();
}

void ChangeFeed::Stop() {
  parts_.store.changes().SetListener({});
}

void ChangeFeed::Drain() {
  draining_ = true;
  parts_.executor.Post([this] { WakeAll(); });
}

void ChangeFeed::Join(int64_t epoch) {
  if (watchers_++ > 0) return SeeEpoch(epoch);
  // What came while nobody watched is not at hand: whoever is behind reads the store.
  const auto history = parts_.store.changes().GetHistory();
  ForgetRecent();
  epoch_ = epoch;
  if (history.ok()) {
    head_ = history->last;
    epoch_ = history->epoch;
  }
  recent_after_ = head_;
}

void ChangeFeed::Leave() {
  if (--watchers_ == 0) ForgetRecent();
}

absl::StatusOr<ChangeFeed::Slice> ChangeFeed::Read(int64_t position) {
  if (position < recent_after_ || position > head_) return ReadStore(position, kSlice);
  Slice slice{.epoch = epoch_, .read_through = head_};
  auto next = std::upper_bound(
      recent_.begin(), recent_.end(), position,
      [](int64_t after, const std::shared_ptr<const Entry>& entry) { return after < entry->sequence; });
  for (; next != recent_.end(); ++next) {
    if (slice.entries.size() == kSlice) {
      slice.read_through = slice.entries.back()->sequence;
      slice.at_end = false;
      break;
    }
    slice.entries.push_back(*next);
  }
  return slice;
}

absl::StatusOr<ChangeFeed::Slice> ChangeFeed::ReadStore(int64_t position, int limit) {
  const absl::StatusOr<store::ChangePage> page = parts_.store.changes().After(position, limit);
  if (!page.ok()) return page.status();
  Slice slice{.epoch = page->epoch, .read_through = page->read_through, .at_end = page->at_end};
  for (const store::StateChange& change : page->changes) {
    slice.entries.push_back(std::make_shared<const Entry>(Entry{
        .sequence = change.sequence,
        .integration_id = change.fiscalization.integration_id,
        .message = parts_.encode(change, page->epoch),
    }));
  }
  return slice;
}

int64_t ChangeFeed::Await(int64_t position, Action wake) {
  const int64_t ticket = next_ticket_++;
  if (position < head_ || draining_) {
    parts_.executor.Post(std::move(wake));
  } else {
    waiters_.emplace(ticket, Waiter{.position = position, .wake = std::move(wake)});
  }
  return ticket;
}

void ChangeFeed::Forget(int64_t ticket) {
  waiters_.erase(ticket);
}

void ChangeFeed::Notice() {
  noticed_ = false;  // before reading: what is committed from now on is noticed anew
  if (watchers_ == 0) return;
  bool at_end = false;
  while (!at_end) {
    const absl::StatusOr<Slice> slice = ReadStore(head_, kCatchUp);
    if (!slice.ok()) {
      // The history was trimmed under us, or the store has trouble: those who wait read for themselves and
      // are told; we go on from where the store is.
      ForgetRecent();
      const auto history = parts_.store.changes().GetHistory();
      if (history.ok()) {
        SeeEpoch(history->epoch);
        recent_after_ = head_ = history->last;
        break;
      }
      if (!noticed_.exchange(true)) parts_.executor.After(kStoreRetry, [this] { Notice(); });
      return;
    }
    SeeEpoch(slice->epoch);
    Keep(*slice);
    at_end = slice->at_end;
  }
  WakeThoseBefore(head_);
}

void ChangeFeed::SeeEpoch(int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  ForgetRecent();
  recent_after_ = head_;
  WakeAll();
}

void ChangeFeed::Keep(const Slice& slice) {
  for (const std::shared_ptr<const Entry>& entry : slice.entries) {
    recent_.push_back(entry);
    recent_bytes_ += entry->message.size();
  }
  head_ = slice.read_through;
  while (recent_.size() > parts_.recent || recent_bytes_ > parts_.recent_bytes) {
    recent_after_ = recent_.front()->sequence;
    recent_bytes_ -= recent_.front()->message.size();
    recent_.pop_front();
  }
}

void ChangeFeed::WakeAll() {
  for (auto& [ticket, waiter] : waiters_) parts_.executor.Post(std::move(waiter.wake));
  waiters_.clear();
}

void ChangeFeed::ForgetRecent() {
  recent_.clear();
  recent_bytes_ = 0;
}

void ChangeFeed::WakeThoseBefore(int64_t position) {
  for (auto waiting = waiters_.begin(); waiting != waiters_.end();) {
    if (waiting->second.position >= position) {
      ++waiting;
      continue;
    }
    parts_.executor.Post(std::move(waiting->second.wake));
    waiting = waiters_.erase(waiting);
  }
}

void ChangeFeed::TrimLater() {
  parts_.executor.After(parts_.trim_every, [this] { Trim(); });
}

void ChangeFeed::Trim() {
  parts_.store.changes().Trim(parts_.history, kTrimStep, [this](absl::StatusOr<int64_t> trimmed) {
    if (trimmed.ok() && *trimmed >= kTrimStep) {
      parts_.executor.Post([this] { Trim(); });
    } else {
      TrimLater();  // a store that has trouble too: the next time
    }
  });
}

}  // namespace kasa::engine
