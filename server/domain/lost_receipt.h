#ifndef KASA_SERVER_DOMAIN_LOST_RECEIPT_H_
#define KASA_SERVER_DOMAIN_LOST_RECEIPT_H_

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "server/domain/fiscalization.h"
#include "server/domain/listing.h"
#include "server/domain/tag.h"

namespace kasa::domain {

// A receipt that a document has, for all that its register tells, from a history that the store lost: under
// one of its tags, which need not be the one that it has now.
struct LostReceipt {
  ListedReceipt listed;
  int tag_number = 0;
};

// The one among `unknown`, the receipts of this installation that the store does not have; where there are
// several, the one under the tag that the document has now, or else the first.
inline std::optional<LostReceipt> LostReceiptOf(const InstallationId& installation,
                                                const Fiscalization& fiscalization,
                                                const std::vector<ListedReceipt>& unknown) {
  if (unknown.empty()) return std::nullopt;  // as ever: the tags are many hashes
  const std::vector<std::string> tags = TagsOf(installation, fiscalization.key);
  std::optional<LostReceipt> found;
  for (const ListedReceipt& one : unknown) {
    const auto tag = std::ranges::find(tags, one.tag);
    if (tag == tags.end() || (found && one.tag != fiscalization.tag)) continue;
    found = LostReceipt{.listed = one, .tag_number = static_cast<int>(tag - tags.begin())};
  }
  return found;
}

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_LOST_RECEIPT_H_
