#include "server/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace kasa {
namespace {

// An open file, closed when it goes.
class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  bool WriteAll(absl::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }
  bool Sync() const { return fsync(descriptor_) == 0; }
  // -1 on trouble.
  ssize_t Read(std::array<char, 4096>& buffer) const {
    return read(descriptor_, buffer.data(), buffer.size());
  }

 private:
  const int descriptor_;
};

absl::Status Trouble(absl::string_view what, const std::string& file) {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(what, " ", file, ": ", std::generic_category().message(error)));
}

}  // namespace

absl::Status WriteDurably(const std::string& file, absl::string_view text) {
  // Written beside and moved into its place, so that no half of it is ever found there.
  const std::string draft = absl::StrCat(file, ".new");
  {
    const OpenFile written(draft, O_WRONLY | O_CREAT | O_TRUNC);
    if (!written.is_open() || !written.WriteAll(text) || !written.Sync()) {
      return Trouble("can't write", draft);
    }
  }
  if (rename(draft.c_str(), file.c_str()) != 0) return Trouble("can't make", file);
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const OpenFile place(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (!place.is_open() || !place.Sync()) return Trouble("can't make durable", file);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> ReadSmallFile(const std::string& file) {
  const OpenFile existing(file, O_RDONLY);
  if (!existing.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return Trouble("can't read", file);
  }
  std::array<char, 4096> buffer;
  const ssize_t size = existing.Read(buffer);
  if (size < 0) return Trouble("can't read", file);
  return std::string(buffer.data(), static_cast<size_t>(size));
}

}  // namespace kasa
