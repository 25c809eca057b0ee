#include "server/engine/register_identity.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/status_reason.h"

namespace kasa::engine {
namespace {

using domain::PinnedRegister;
using domain::RegisterMode;
using domain::RegisterStatus;

std::string Text(const std::optional<RegisterMode>& mode) {
  return mode ? std::string(domain::NameOf(*mode)) : "";
}

// Puts the facts of a register together and keeps account of what stands against them.
class Identification {
 public:
  // The fact as told, else as stated; empty when nobody names it.
  std::string Fact(absl::string_view what, absl::string_view field, const std::string& told,
                   const std::string& stated) {
    if (told.empty() && stated.empty()) {
      missing_.emplace_back(field);
      missing_in_words_.emplace_back(what);
    }
    if (!told.empty()) {
      if (!stated.empty() && stated != told) {
        differing_.push_back(absl::StrCat(what, " ", told, ", not ", stated));
      }
      return told;
    }
    by_operator_ = by_operator_ || !stated.empty();
    return stated;
  }

  bool by_operator() const { return by_operator_; }

  absl::Status Verdict() const {
    if (!differing_.empty()) {
      return ReasonedError(
          absl::StatusCode::kFailedPrecondition, Reason::kRegisterMismatch,
          absl::StrCat("the register behind the token is not the one that was stated: it has ",
                       absl::StrJoin(differing_, "; ")));
    }
    if (!missing_.empty()) {
      return WithFact(
          ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kRegisterFactsMissing,
                        absl::StrCat("the register's status does not tell its ",
                                     absl::StrJoin(missing_in_words_, ", "), ": state it with the token")),
          "missing", absl::StrJoin(missing_, ","));
    }
    return absl::OkStatus();
  }

 private:
  bool by_operator_ = false;
  std::vector<std::string> missing_;
  std::vector<std::string> missing_in_words_;
  std::vector<std::string> differing_;
};

}  // namespace

absl::StatusOr<PinnedRegister> IdentifyRegister(const RegisterStatus& told, const StatedRegister& stated) {
  Identification identification;
  PinnedRegister found;
  found.fiscal_number = identification.Fact("fiscal number", "stated_register_fiscal_number",
                                            told.fiscal_number, stated.fiscal_number);
  found.edrpou = identification.Fact("EDRPOU", "stated_edrpou", told.edrpou, stated.edrpou);
  identification.Fact("mode", "stated_register_mode", Text(told.mode), Text(stated.mode));
  const absl::Status verdict = identification.Verdict();
  if (!verdict.ok()) return verdict;
  found.mode = told.mode ? *told.mode : *stated.mode;
  found.stated_by_operator = identification.by_operator();
  return found;
}

std::optional<std::string> DifferenceOf(const PinnedRegister& found, const PinnedRegister& pinned) {
  if (found.fiscal_number != pinned.fiscal_number) {
    return absl::StrCat("fiscal number ", found.fiscal_number, ", not ", pinned.fiscal_number);
  }
  if (found.edrpou != pinned.edrpou) return absl::StrCat("EDRPOU ", found.edrpou, ", not ", pinned.edrpou);
  if (found.mode != pinned.mode) {
    return absl::StrCat("mode ", domain::NameOf(found.mode), ", not ", domain::NameOf(pinned.mode));
  }
  return std::nullopt;
}

}  // namespace kasa::engine
