#ifndef KASA_SERVER_DOMAIN_TAG_H_
#define KASA_SERVER_DOMAIN_TAG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/document.h"

namespace kasa::domain {

// Names this installation in every tag: 8 lower-case hex digits, configuration and not part of the store, so
// that a store that was lost or restored makes the same tags again.
class InstallationId {
 public:
  // INVALID_ARGUMENT unless `text` is 8 lower-case hex digits.
  static absl::StatusOr<InstallationId> Parse(absl::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit InstallationId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The tag of a document's requests: 32 hex digits, the installation's 8 and 24 of a SHA-256 over source
// system, kind, document id, mode and `number` (each with its length, so that no two keys run together). No
// date, no content, no mapping (architecture.md, rule 5). `number` starts at 0.
std::string TagFor(const InstallationId& installation, const DocumentKey& key, int number);

// A tag as it is spelt here, of what a register made of it: lower case, without dashes.
std::string TagDigits(absl::string_view told);

// Whether they are one tag, however a register spells it: compared by their digits alone. None is the same as
// none.
bool SameTag(absl::string_view a, absl::string_view b);

// Whether `told` can be a tag of the installation that made `ours`: it begins with the same 8 digits.
bool IsOfSameInstallation(absl::string_view told, absl::string_view ours);

// A document's numbers are below this: what a history that is lost may have made is looked for under all of
// its tags (docs/adr/0014).
inline constexpr int kTagNumbers = 256;

// All tags that the document may come to have, in the order of their numbers.
std::vector<std::string> TagsOf(const InstallationId& installation, const DocumentKey& key);

// The tag of a request that opens a shift: the same shape, over the register and the number of the opening.
std::string ShiftOpeningTagFor(const InstallationId& installation, absl::string_view register_fiscal_number,
                               int64_t number);

// The tag of a request of a proof of tag memory: the same shape, over the register and a number that no other
// proof on it has.
std::string ProofTagFor(const InstallationId& installation, absl::string_view register_fiscal_number,
                        int64_t number);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_TAG_H_
