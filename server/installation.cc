#include "server/installation.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

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
  // Up to the size of `buffer`; -1 on trouble.
  template <size_t N>
  ssize_t Read(std::array<char, N>& buffer) const {
    return read(descriptor_, buffer.data(), buffer.size());
  }

 private:
  const int descriptor_;
};

absl::Status Trouble(absl::string_view what, const std::string& file) {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(what, " ", file, ": ", std::generic_category().message(error)));
}

absl::StatusOr<domain::InstallationId> Make(const std::string& file) {
  std::random_device device;
  const uint32_t number = std::uniform_int_distribution<uint32_t>()(device);
  const std::string text = absl::StrFormat("%08x", number);
  absl::StatusOr<domain::InstallationId> id = domain::InstallationId::Parse(text);
  if (!id.ok()) return id.status();

  // Written beside and linked into its place, so that no half of it is ever found there.
  const std::string draft = absl::StrCat(file, ".new");
  {
    const OpenFile written(draft, O_WRONLY | O_CREAT | O_TRUNC);
    if (!written.is_open() || !written.WriteAll(absl::StrCat(text, "\n")) || !written.Sync()) {
      return Trouble("can't write the installation id to", draft);
    }
  }
  if (rename(draft.c_str(), file.c_str()) != 0) return Trouble("can't make", file);
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const OpenFile place(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (!place.is_open() || !place.Sync()) return Trouble("can't make durable", file);
  return id;
}

}  // namespace

absl::StatusOr<domain::InstallationId> LoadOrMakeInstallationId(const std::string& file,
                                                                const std::string& store) {
  const OpenFile existing(file, O_RDONLY);
  if (!existing.is_open()) {
    if (errno != ENOENT) return Trouble("can't read the installation id from", file);
    std::error_code trouble;
    if (std::filesystem::exists(store, trouble) || trouble) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the store ", store, " is there, and the installation id that belongs to it is not: ", file,
          " is missing. Restore that file; with another id the gateway would not know its own "
          "receipts"));
    }
    return Make(file);
  }
  std::array<char, 64> buffer;
  const ssize_t size = existing.Read(buffer);
  if (size < 0) return Trouble("can't read the installation id from", file);
  const absl::string_view text(buffer.data(), static_cast<size_t>(size));
  absl::StatusOr<domain::InstallationId> id = domain::InstallationId::Parse(absl::StripSuffix(text, "\n"));
  if (!id.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        file, " has no installation id in it (8 lower-case hex digits): ", id.status().message()));
  }
  return id;
}

}  // namespace kasa
