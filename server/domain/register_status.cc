#include "server/domain/register_status.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kasa::domain {
namespace {

// `told` and `pinned` are empty where not known.
std::optional<std::string> Objection(absl::string_view what, absl::string_view told, absl::string_view pinned,
                                     bool may_be_absent) {
  if (pinned.empty()) return std::nullopt;
  if (told.empty()) {
    if (may_be_absent) return std::nullopt;
    return absl::StrCat("the status does not name the ", what, " any more, ", pinned, " is pinned");
  }
  if (told == pinned) return std::nullopt;
  return absl::StrCat("the status names ", what, " ", told, ", ", pinned, " is pinned");
}

}  // namespace

std::optional<std::string> ObjectionTo(const RegisterStatus& status, const PinnedRegister& pinned) {
  const bool may_be_absent = pinned.stated_by_operator;
  if (auto objection =
          Objection("fiscal number", status.fiscal_number, pinned.fiscal_number, may_be_absent)) {
    return objection;
  }
  if (auto objection = Objection("EDRPOU", status.edrpou, pinned.edrpou, may_be_absent)) return objection;
  return Objection("register mode", status.mode ? NameOf(*status.mode) : "", NameOf(pinned.mode),
                   may_be_absent);
}

std::optional<Reason> ReasonNotToWork(const RegisterStatus& status) {
  if (status.shift == ShiftStatus::kBlocked) return Reason::kRegisterBlocked;
  if (status.sign == SignStatus::kMissing) return Reason::kSignatureMissing;
  return std::nullopt;
}

std::optional<absl::Duration> ShiftAge(const RegisterStatus& status, absl::Time now) {
  if (status.shift != ShiftStatus::kOpen || !status.shift_opened) return std::nullopt;
  // The opening is told by the register's clock, which may be ahead of ours.
  return std::max(now - *status.shift_opened, absl::ZeroDuration());
}

}  // namespace kasa::domain
