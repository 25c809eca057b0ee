#include "server/store/store_trouble.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/reason.h"
#include "common/status_reason.h"
#include "server/store/errors.h"

namespace kasa::store {
namespace {

// As durable as the disk lets it be: it may be failing right now, and the damage is met again then.
void WriteDown(const std::string& file, const absl::Status& damage) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  const std::string text = absl::StrCat(damage.message(), "\n");
  if (write(descriptor, text.data(), text.size()) >= 0) fsync(descriptor);
  close(descriptor);
}

}  // namespace

bool IsStoreTrouble(const absl::Status& error) {
  if (IsDamage(error)) return true;
  const std::optional<Reason> reason = ReasonOf(error);
  return reason == Reason::kStoreFull || reason == Reason::kStoreUnavailable;
}

void StoreTrouble::Met(const absl::Status& error) {
  if (!IsStoreTrouble(error)) return;
  const bool damage = IsDamage(error);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (damaged_ || (!damage && !trouble_.ok())) return;
    trouble_ = error;
    damaged_ = damage;
  }
  if (damage && !damage_note_.empty()) WriteDown(damage_note_, error);
  Tell(error);
}

void StoreTrouble::CommitTook() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (damaged_ || trouble_.ok()) return;
    trouble_ = absl::OkStatus();
  }
  Tell(absl::OkStatus());
}

absl::Status StoreTrouble::Damage() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!damaged_) return absl::OkStatus();
  return WithRetryDelay(
      ReasonedError(
          absl::StatusCode::kUnavailable, Reason::kStoreUnavailable,
          absl::StrCat("the store's file is damaged, so nothing new is accepted or sent; nothing was stored. "
                       "An operator has to restore it, see \"The store is damaged\" in docs/operations.md (",
                       trouble_.message(), ")")),
      absl::Minutes(1));
}

void StoreTrouble::SetListener(std::function<void(const absl::Status&)> listener) {
  const std::lock_guard<std::mutex> lock(listener_mutex_);
  listener_ = std::move(listener);
  if (!listener_) return;
  absl::Status trouble;
  {
    const std::lock_guard<std::mutex> state_lock(mutex_);
    trouble = trouble_;
  }
  if (!trouble.ok()) listener_(trouble);
}

void StoreTrouble::Tell(const absl::Status& trouble) {
  // Under the lock: once SetListener() has returned, the one before is not called any more.
  const std::lock_guard<std::mutex> lock(listener_mutex_);
  if (listener_) listener_(trouble);
}

}  // namespace kasa::store
