#include "server/installation.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/durable_file.h"

namespace kasa {
namespace {

absl::StatusOr<domain::InstallationId> Make(const std::string& file) {
  std::random_device device;
  const uint32_t number = std::uniform_int_distribution<uint32_t>()(device);
  const std::string text = absl::StrFormat("%08x", number);
  absl::StatusOr<domain::InstallationId> id = domain::InstallationId::Parse(text);
  if (!id.ok()) return id.status();
  if (absl::Status written = WriteDurably(file, absl::StrCat(text, "\n")); !written.ok()) return written;
  return id;
}

}  // namespace

absl::StatusOr<domain::InstallationId> LoadOrMakeInstallationId(const std::string& file,
                                                                const std::string& store) {
  const absl::StatusOr<std::optional<std::string>> existing = ReadSmallFile(file);
  if (!existing.ok()) return existing.status();
  if (!existing->has_value()) {
    std::error_code trouble;
    if (std::filesystem::exists(store, trouble) || trouble) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the store ", store, " is there, and the installation id that belongs to it is not: ", file,
          " is missing. Restore that file; with another id the gateway would not know its own "
          "receipts"));
    }
    return Make(file);
  }
  absl::StatusOr<domain::InstallationId> id =
      domain::InstallationId::Parse(absl::StripSuffix(**existing, "\n"));
  if (!id.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        file, " has no installation id in it (8 lower-case hex digits): ", id.status().message()));
  }
  return id;
}

}  // namespace kasa
