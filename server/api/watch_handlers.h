#ifndef KASA_SERVER_API_WATCH_HANDLERS_H_
#define KASA_SERVER_API_WATCH_HANDLERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "kasa/v1/fiscalization_service.pb.h"
#include "server/api/encode_receipt.h"
#include "server/api/stream_call.h"
#include "server/engine/change_feed.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::api {

// A place in the history of one store, as the caller keeps it: opaque, and the same whatever the filters.
struct WatchCursor {
  std::string instance_id;
  int64_t epoch = 0;
  int64_t sequence = 0;

  friend bool operator==(const WatchCursor&, const WatchCursor&) = default;
};
std::string EncodeWatchCursor(const WatchCursor& cursor);
// Nothing when it is none of ours.
std::optional<WatchCursor> DecodeWatchCursor(absl::string_view text);

// The sequence after which to go on for who comes with the cursor `text` to the store of `history`; empty:
// its end. INVALID_ARGUMENT (REQUEST_INVALID, field "cursor") for a cursor that is garbled or another
// store's; OUT_OF_RANGE (CURSOR_EXPIRED) for one that leads to nothing that is kept.
absl::StatusOr<int64_t> PositionOf(absl::string_view text, const store::ChangeHistory& history);

// WatchFiscalizations: one object, whatever the number of watchers, and one thread, that of `executor`.
// Watch() is thread-safe.
class WatchHandlers {
 public:
  struct Parts {
    store::Store& store;
    engine::Executor& executor;  // one thread, which does nothing else
    const Clock& clock;
    ReceiptPages pages;
    absl::Duration heartbeat = absl::Seconds(15);  // a stream is silent no longer than this
    store::HistoryBounds history;
    absl::Duration trim_every = absl::Minutes(1);
  };

  // Everything given outlives the handlers; the calls may end later.
  explicit WatchHandlers(Parts parts);

  // Before the first call. UNAVAILABLE when the store can't be read.
  absl::Status Start();
  // Ends every stream, and every later one, with UNAVAILABLE (SHUTTING_DOWN). Thread-safe.
  void Drain();
  // Listens to the store no more. Before the store goes.
  void Stop();

  // How many watch now. Thread-safe.
  int watchers() const { return feed_.watchers(); }

  void WatchFiscalizations(v1::WatchFiscalizationsRequest request, std::shared_ptr<StreamCall> stream);

 private:
  class Watcher;

  std::string CursorAt(int64_t epoch, int64_t sequence) const;
  std::string Encode(const store::StateChange& change, int64_t epoch) const;

  const Parts parts_;
  std::string instance_id_;  // of the store; does not change once it has started
  engine::ChangeFeed feed_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_WATCH_HANDLERS_H_
