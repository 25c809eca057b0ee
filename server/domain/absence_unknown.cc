#include <utility>

#include "absl/strings/match.h"
#include "server/domain/absence.h"
#include "server/domain/absence_trust.h"
#include "server/domain/tag.h"

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

// A tag of this installation that is told of a document, whether or not tags were seen to be told rightly:
// nobody else's begin so. Empty when none is.
std::string OwnTagOf(const ListedReceipt& row, const Look& look, absl::string_view installation) {
  const auto checked = look.checked.find(row.fiscal_number);
  for (const std::string& tag :
       {checked == look.checked.end() ? std::string() : checked->second.tag, row.tag}) {
    if (!absl::StartsWithIgnoreCase(tag, installation)) continue;
    return TagDigits(tag);
  }
  return "";
}

// The newest receipt of ours of which check-task may show that it tells tags rightly; null when none is
// known.
const KnownReceipt* WitnessFor(const Look& look) {
  const KnownReceipt* newest = nullptr;
  for (const auto& [fiscal_number, known] : look.known) {
    if (known.tag.empty()) continue;
    if (newest == nullptr || known.time > newest->time) newest = &known;
  }
  return newest;
}

}  // namespace

std::vector<ListedReceipt> ForeignReceipts(const Look& look, absl::string_view installation) {
  const Trust trust = TrustIn(look);
  std::vector<ListedReceipt> foreign;
  ForEachUnknown(look, OfEitherKind(trust), [&](const ListedReceipt& row) {
    const bool is_told = !TagOf(row, look, trust).empty();
    if (is_told && OwnTagOf(row, look, installation).empty()) foreign.push_back(row);
  });
  return foreign;
}

std::vector<ListedReceipt> ReceiptsUnknownToStore(const Look& look, absl::string_view installation) {
  const Trust trust = TrustIn(look);
  std::vector<ListedReceipt> unknown;
  ForEachUnknown(look, OfEitherKind(trust), [&](const ListedReceipt& row) {
    std::string tag = OwnTagOf(row, look, installation);
    if (tag.empty()) return;
    unknown.push_back(row);
    unknown.back().tag = std::move(tag);
  });
  return unknown;
}

bool HasUnexplained(const Look& look, absl::string_view installation) {
  const Trust trust = TrustIn(look);
  bool has = false;
  ForEachUnknown(look, OfEitherKind(trust), [&](const ListedReceipt& row) {
    has = has || (TagOf(row, look, trust).empty() && OwnTagOf(row, look, installation).empty());
  });
  return has;
}

std::vector<std::string> ToCheck(const Look& look, const DoubtedReceipt& doubted, size_t most) {
  const Trust trust = TrustIn(look);
  const auto may_be = [&](const ListedReceipt& row) {
    return MayBeReceipt(TaskOf(row, look, trust, doubted.expected.task));
  };
  std::vector<std::string> to_check;  // what bears the tag
  std::vector<std::string> unexplained;
  ForEachUnknown(look, may_be, [&](const ListedReceipt& row) {
    if (look.checked.contains(row.fiscal_number)) return;
    if (SameTag(row.tag, doubted.expected.tag)) {
      to_check.push_back(row.fiscal_number);
    } else if (!trust.listed_tags || row.tag.empty()) {
      unexplained.push_back(row.fiscal_number);
    }
  });
  // Before all that only another's tag can explain: without a witness that explains nothing.
  const KnownReceipt* const witness = unexplained.empty() ? nullptr : WitnessFor(look);
  if (witness != nullptr && !look.checked.contains(witness->fiscal_number)) {
    to_check.push_back(witness->fiscal_number);
  }
  to_check.insert(to_check.end(), unexplained.begin(), unexplained.end());
  if (to_check.size() > most) to_check.resize(most);
  return to_check;
}

}  // namespace kasa::domain
