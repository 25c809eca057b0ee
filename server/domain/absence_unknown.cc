#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "server/domain/absence.h"
#include "server/domain/absence_trust.h"

// What a look sees that is not in the store.
namespace kasa::domain {
namespace {

// Calls `take` with each document that has a number, is not in the store, and may be a receipt so far as it
// is told to be what `may_be` takes.
template <typename MayBe, typename Take>
void ForEachUnknown(const Look& look, const MayBe& may_be, const Take& take) {
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      if (row.fiscal_number.empty() || look.known.contains(row.fiscal_number)) continue;
      if (may_be(row)) take(row);
    }
  }
}

// For no doubt in particular, seeing how one kind of receipt is told is enough: openings and reports have
// tags as well, and are not to be taken for receipts.
auto OfEitherKind(const Trust& trust) {
  return [&trust](const ListedReceipt& row) { return trust.listed_tasks.empty() || MayBeReceipt(row.task); };
}

}  // namespace

std::vector<ListedReceipt> ForeignReceipts(const Look& look, absl::string_view installation) {
  const Trust trust = TrustIn(look);
  std::vector<ListedReceipt> foreign;
  ForEachUnknown(look, OfEitherKind(trust), [&](const ListedReceipt& row) {
    const std::string tag = TagOf(row, look, trust);
    if (!tag.empty() && !absl::StartsWithIgnoreCase(tag, installation)) foreign.push_back(row);
  });
  return foreign;
}

std::vector<ListedReceipt> ReceiptsUnknownToStore(const Look& look, absl::string_view installation) {
  const Trust trust = TrustIn(look);
  std::vector<ListedReceipt> unknown;
  ForEachUnknown(look, OfEitherKind(trust), [&](const ListedReceipt& row) {
    // A tag of this installation is ours whether or not the listing was seen to tell tags.
    std::string tag = TagOf(row, look, trust);
    if (tag.empty()) tag = row.tag;
    if (!absl::StartsWithIgnoreCase(tag, installation)) return;
    unknown.push_back(row);
    unknown.back().tag = absl::AsciiStrToLower(absl::StrReplaceAll(tag, {{"-", ""}}));
  });
  return unknown;
}

std::vector<std::string> ToCheck(const Look& look, const DoubtedReceipt& doubted, size_t most) {
  const Trust trust = TrustIn(look);
  const auto may_be = [&](const ListedReceipt& row) {
    return MayBeReceipt(TaskOf(row, look, trust, doubted.expected.task));
  };
  std::vector<std::string> bearers;
  std::vector<std::string> unexplained;
  ForEachUnknown(look, may_be, [&](const ListedReceipt& row) {
    if (look.checked.contains(row.fiscal_number)) return;
    if (SameTag(row.tag, doubted.expected.tag)) {
      bearers.push_back(row.fiscal_number);
    } else if (!trust.listed_tags || row.tag.empty()) {
      unexplained.push_back(row.fiscal_number);
    }
  });
  bearers.insert(bearers.end(), unexplained.begin(), unexplained.end());
  if (bearers.size() > most) bearers.resize(most);
  return bearers;
}

}  // namespace kasa::domain
