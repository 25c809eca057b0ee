#include "server/api/watch_handlers.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_reason.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
#include "server/api/page_token.h"
#include "server/api/request_check.h"

namespace kasa::api {
namespace {

constexpr absl::string_view kCursorOf = "WatchFiscalizations";
constexpr size_t kMostIntegrations = 1000;

absl::Status ShuttingDown() {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kShuttingDown,
                                      "the gateway is shutting down: watch again in a moment, with the last "
                                      "cursor"),
                        absl::Seconds(2));
}

absl::Status CursorExpired(absl::string_view why) {
  return ReasonedError(
      absl::StatusCode::kOutOfRange, Reason::kCursorExpired,
      absl::StrCat(why, ": list the fiscalizations anew, and watch without a cursor from now on"));
}

absl::Status CursorInvalid(absl::string_view why) {
  RequestCheck check;
  check.Add("cursor", Reason::kFieldInvalid, why);
  return check.ToStatus();
}

}  // namespace

std::string EncodeWatchCursor(const WatchCursor& cursor) {
  return MakePageToken(absl::StrCat(cursor.instance_id, " ", cursor.epoch, " ", cursor.sequence), kCursorOf);
}

std::optional<WatchCursor> DecodeWatchCursor(absl::string_view text) {
  const std::optional<std::string> position = ReadPageToken(text, kCursorOf);
  if (!position) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(*position, ' ');
  WatchCursor cursor;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &cursor.epoch) ||
      !absl::SimpleAtoi(parts[2], &cursor.sequence)) {
    return std::nullopt;
  }
  cursor.instance_id = parts[0];
  return cursor;
}

absl::StatusOr<int64_t> PositionOf(absl::string_view text, const store::ChangeHistory& history) {
  if (text.empty()) return history.last;
  const std::optional<WatchCursor> cursor = DecodeWatchCursor(text);
  if (!cursor) return CursorInvalid("is no cursor of WatchFiscalizations");
  if (cursor->instance_id != history.instance_id) {
    return CursorInvalid("is a cursor of another gateway's store; watch without one");
  }
  if (cursor->epoch != history.epoch || cursor->sequence > history.last) {
    return CursorExpired("the store was restored from a backup after this cursor was given");
  }
  if (cursor->sequence < history.trimmed_through) {
    return CursorExpired("changes since this cursor are not kept any more");
  }
  return cursor->sequence;
}

// One stream. On the executor's thread; the stream's callbacks only post there.
class WatchHandlers::Watcher : public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(WatchHandlers& handlers, std::shared_ptr<StreamCall> stream, std::string cursor,
          std::set<std::string> integrations)
      : handlers_(handlers),
        stream_(std::move(stream)),
        cursor_(std::move(cursor)),
        integrations_(std::move(integrations)) {}

  // The stream holds its watcher until it is over.
  void Listen() {
    stream_->Listen(
        [self = shared_from_this()] {
          self->executor().Post([self] {
            self->writing_ = false;
            self->GoOn();
          });
        },
        [self = shared_from_this()] { self->executor().Post([self] { self->End(); }); });
  }

  void Begin() {
    const absl::StatusOr<store::ChangeHistory> history = handlers_.parts_.store.changes().GetHistory();
    if (!history.ok()) return stream_->Finish(history.status());
    const absl::StatusOr<int64_t> position = PositionOf(cursor_, *history);
    if (!position.ok()) return stream_->Finish(position.status());
    if (ended_) return;
    epoch_ = history->epoch;
    position_ = *position;
    handlers_.feed_.Join(epoch_);
    joined_ = true;
    WriteHeartbeat();
    BeatLater(handlers_.parts_.heartbeat);
  }

 private:
  engine::Executor& executor() const { return handlers_.parts_.executor; }

  // Writes the next message, or waits for one.
  void GoOn() {
    if (ended_ || writing_) return;
    if (handlers_.feed_.draining()) return stream_->Finish(ShuttingDown());
    while (next_ < slice_.size()) {
      const engine::ChangeFeed::Entry& entry = *slice_[next_++];
      position_ = entry.sequence;
      if (integrations_.empty() || integrations_.contains(entry.integration_id)) return Write(entry.message);
    }
    slice_.clear();
    next_ = 0;
    position_ = std::max(position_, read_through_);
    absl::StatusOr<engine::ChangeFeed::Slice> slice = handlers_.feed_.Read(position_);
    if (!slice.ok()) return stream_->Finish(slice.status());
    if (slice->epoch != epoch_) {
      return stream_->Finish(CursorExpired("the store turned out to be restored from a backup"));
    }
    slice_ = std::move(slice->entries);
    read_through_ = slice->read_through;
    if (slice_.empty() && slice->at_end) {
      position_ = read_through_;
      if (!ticket_) {
        ticket_ = handlers_.feed_.Await(position_, [self = weak_from_this()] {
          if (const auto watcher = self.lock()) {
            watcher->ticket_.reset();
            watcher->GoOn();
          }
        });
      }
      return;
    }
    // By the executor, so that one who is far behind, or filters much away, does not hold up the others.
    executor().Post([self = weak_from_this()] {
      if (const auto watcher = self.lock()) watcher->GoOn();
    });
  }

  void Write(const std::string& message) {
    last_write_ = handlers_.parts_.clock.Monotonic();
    writing_ = stream_->Write(message);
  }

  void WriteHeartbeat() {
    v1::WatchFiscalizationsResponse heartbeat;
    heartbeat.set_cursor(handlers_.CursorAt(epoch_, position_));
    Write(heartbeat.SerializeAsString());
  }

  void BeatLater(absl::Duration after) {
    executor().After(after, [self = weak_from_this()] {
      if (const auto watcher = self.lock()) watcher->Beat();
    });
  }

  void Beat() {
    if (ended_) return;
    const absl::Duration every = handlers_.parts_.heartbeat;
    const absl::Duration silent = handlers_.parts_.clock.Monotonic() - last_write_;
    if (silent < every) return BeatLater(every - silent);
    // With a message under way, or some in hand, the stream is not silent: its reader is slow.
    if (!writing_ && slice_.empty()) WriteHeartbeat();
    BeatLater(every);
  }

  void End() {
    ended_ = true;
    if (ticket_) handlers_.feed_.Forget(*ticket_);
    if (joined_) handlers_.feed_.Leave();
    joined_ = false;
    slice_.clear();
  }

  WatchHandlers& handlers_;
  const std::shared_ptr<StreamCall> stream_;
  const std::string cursor_;
  const std::set<std::string> integrations_;  // empty: all

  bool joined_ = false;
  bool writing_ = false;
  bool ended_ = false;
  int64_t epoch_ = 0;         // of the history that is watched
  int64_t position_ = 0;      // the cursor to be told: all up to here was told or does not pass the filter
  int64_t read_through_ = 0;  // where the slice ends
  std::vector<std::shared_ptr<const engine::ChangeFeed::Entry>> slice_;
  size_t next_ = 0;  // in the slice
  std::optional<int64_t> ticket_;
  absl::Duration last_write_;  // monotonic
};

WatchHandlers::WatchHandlers(Parts parts)
    : parts_(std::move(parts)),
      feed_({.store = parts_.store,
             .executor = parts_.executor,
             .encode = [this](const store::StateChange& change,
                              int64_t epoch) { return Encode(change, epoch); },
             .history = parts_.history,
             .trim_every = parts_.trim_every}) {}

absl::Status WatchHandlers::Start() {
  const absl::StatusOr<store::ChangeHistory> history = parts_.store.changes().GetHistory();
  if (!history.ok()) return history.status();
  instance_id_ = history->instance_id;
  feed_.Start();
  return absl::OkStatus();
}

void WatchHandlers::Drain() {
  feed_.Drain();
}

void WatchHandlers::Stop() {
  feed_.Stop();
}

void WatchHandlers::WatchFiscalizations(v1::WatchFiscalizationsRequest request,
                                        std::shared_ptr<StreamCall> stream) {
  RequestCheck check;
  if (!check.TooMany("integration_ids", request.integration_ids_size(), kMostIntegrations)) {
    for (int i = 0; i < request.integration_ids_size(); ++i) {
      check.Required(ItemPath("integration_ids", i), request.integration_ids(i));
    }
  }
  if (!check.ok()) return stream->Finish(check.ToStatus());
  if (feed_.draining()) return stream->Finish(ShuttingDown());
  auto watcher = std::make_shared<Watcher>(
      *this, std::move(stream), request.cursor(),
      std::set<std::string>(request.integration_ids().begin(), request.integration_ids().end()));
  watcher->Listen();
  parts_.executor.Post([watcher] { watcher->Begin(); });
}

std::string WatchHandlers::CursorAt(int64_t epoch, int64_t sequence) const {
  return EncodeWatchCursor({.instance_id = instance_id_, .epoch = epoch, .sequence = sequence});
}

std::string WatchHandlers::Encode(const store::StateChange& change, int64_t epoch) const {
  v1::WatchFiscalizationsResponse response;
  EncodeFiscalization(change.fiscalization, parts_.pages, response.mutable_fiscalization());
  response.set_cursor(CursorAt(epoch, change.sequence));
  return response.SerializeAsString();
}

}  // namespace kasa::api
