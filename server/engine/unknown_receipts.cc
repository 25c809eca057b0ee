#include "server/engine/unknown_receipts.h"

#include <algorithm>
#include <utility>

namespace kasa::engine {

absl::StatusOr<UnknownReceiptsSeen> UnknownReceiptsIn(const domain::Look& look, store::LookStore& store,
                                                      const domain::InstallationId& installation,
                                                      const std::string& register_fiscal_number) {
  UnknownReceiptsSeen seen;
  std::vector<domain::ListedReceipt> own = domain::ReceiptsUnknownToStore(look, installation.text());
  std::vector<std::string> tags;
  tags.reserve(own.size());
  for (const domain::ListedReceipt& row : own) tags.push_back(row.tag);
  const auto expected = store.ExpectedTags(register_fiscal_number, tags);
  if (!expected.ok()) return expected.status();
  for (domain::ListedReceipt& row : own) {
    if (std::count(expected->begin(), expected->end(), row.tag) > 0) continue;
    seen.receipts.push_back({.listed = std::move(row), .ours = true});
    ++seen.own;
  }
  for (domain::ListedReceipt& row : domain::ForeignReceipts(look, installation.text())) {
    seen.receipts.push_back({.listed = std::move(row), .ours = false});
    ++seen.foreign;
  }
  return seen;
}

}  // namespace kasa::engine
