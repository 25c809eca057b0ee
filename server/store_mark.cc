#include "server/store_mark.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/mutant.h"
#include "server/durable_file.h"

namespace kasa {
namespace {

constexpr absl::Duration kBetweenWritings = absl::Seconds(1);
// The fifth word of a mark of a paused store; an earlier version, which would take the store for one that may
// go on, refuses to start by it.
constexpr absl::string_view kPaused = "paused";

StoreMark MarkOf(const store::StoreIdentity& store) {
  return {.instance_id = store.instance_id,
          .epoch = store.epoch,
          .last_change = store.last_change,
          .paused = store.paused};
}

bool IsBehind(const store::StoreIdentity& store, const StoreMark& mark) {
  if (store.epoch != mark.epoch) return store.epoch < mark.epoch;
  // Within an epoch a pause ends, and none begins.
  return store.last_change < mark.last_change || (store.paused && !mark.paused);
}

}  // namespace

StoreOrigin OriginOf(const store::StoreIdentity& store, const std::optional<StoreMark>& mark) {
  if (!mark || mark->instance_id != store.instance_id) {
    return store.is_empty || KASA_MUTANT("copied-store-starts-at-once") ? StoreOrigin::kNew
                                                                        : StoreOrigin::kCopied;
  }
  if (KASA_MUTANT("copied-store-starts-at-once")) return StoreOrigin::kOurs;
  if (IsBehind(store, *mark)) return StoreOrigin::kRestored;
  return store.epoch == mark->epoch ? StoreOrigin::kOurs : StoreOrigin::kCopied;
}

absl::StatusOr<std::optional<StoreMark>> ReadStoreMark(const std::string& file) {
  const absl::StatusOr<std::optional<std::string>> text = ReadSmallFile(file);
  if (!text.ok()) return text.status();
  if (!text->has_value()) return std::nullopt;
  const std::vector<std::string> words = absl::StrSplit(absl::StripSuffix(**text, "\n"), ' ');
  StoreMark mark;
  mark.paused = words.size() == 5 && words[4] == kPaused;
  const bool read = (words.size() == 4 || mark.paused) && words[0] == "kasa-store-1" &&
                    absl::SimpleAtoi(words[2], &mark.epoch) && absl::SimpleAtoi(words[3], &mark.last_change);
  if (!read) {
    return absl::FailedPreconditionError(absl::StrCat(
        file, " has no mark of a store in it. It is written by the gateway alone; when it is damaged, ",
        "move it away: the store then counts as copied, and waits for AdoptStore"));
  }
  mark.instance_id = words[1];
  return mark;
}

absl::Status WriteStoreMark(const std::string& file, const StoreMark& mark) {
  return WriteDurably(file,
                      absl::StrCat("kasa-store-1 ", mark.instance_id, " ", mark.epoch, " ", mark.last_change,
                                   mark.paused ? absl::StrCat(" ", kPaused) : "", "\n"));
}

StoreMarkKeeper::StoreMarkKeeper(std::string file, store::Store& store, engine::Executor& executor,
                                 Logger& logger)
    : file_(std::move(file)), store_(store), executor_(executor), logger_(logger) {}

absl::Status StoreMarkKeeper::Start() {
  absl::Status written = KeepNow();
  if (!written.ok()) {
    return absl::Status(
        written.code(),
        absl::StrCat(written.message(), "; point --store-mark-file to where the gateway may write"));
  }
  executor_.After(kBetweenWritings, [this] { KeepAgain(); });
  return absl::OkStatus();
}

void StoreMarkKeeper::KeepAgain() {
  const absl::Status written = KeepNow();
  if (!written.ok() && !in_trouble_) {
    logger_.Log(Severity::kError, "store_mark.unwritable", {{"message", std::string(written.message())}});
  }
  in_trouble_ = !written.ok();
  executor_.After(kBetweenWritings, [this] { KeepAgain(); });
}

absl::Status StoreMarkKeeper::KeepNow() {
  const absl::StatusOr<store::StoreIdentity> store = store_.Identity();
  if (!store.ok()) return store.status();
  const StoreMark now = MarkOf(*store);
  if (now == kept_) return absl::OkStatus();
  absl::Status written = WriteStoreMark(file_, now);
  if (written.ok()) kept_ = now;
  return written;
}

}  // namespace kasa
