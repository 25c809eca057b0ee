#include "server/store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"

namespace kasa::store {
namespace {

absl::Status LockFailed(const std::string& path, int error) {
  return ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable,
                       absl::StrCat("lock file '", path, "': ", std::generic_category().message(error)));
}

// The process id that the holder wrote, as " (process 123)"; nothing when there is none to be read.
std::string Holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  int process = 0;
  if (size <= 0 ||
      !absl::SimpleAtoi(absl::StripAsciiWhitespace(absl::string_view(text.data(), static_cast<size_t>(size))),
                        &process)) {
    return "";
  }
  return absl::StrCat(" (process ", process, ")");
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Take(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return LockFailed(path, errno);
  LockFile lock(descriptor);  // closes it on every way out
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return LockFailed(path, errno);
    return absl::FailedPreconditionError(absl::StrCat("the store is in use by another process",
                                                      Holder(descriptor), ", which holds '", path,
                                                      "': one process a store"));
  }
  const std::string process = absl::StrCat(getpid(), "\n");
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, process.data(), process.size(), 0) != static_cast<ssize_t>(process.size())) {
    // The lock is held; the process id only makes another's message better, and a full disk must not keep
    // the gateway from starting to say so.
    return lock;
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LockFile::~LockFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace kasa::store
