#include "server/domain/absence_trust.h"

#include "absl/strings/ascii.h"

namespace kasa::domain {
namespace {

// What is listed about receipts of ours: whether it was right about one, and wrong about another.
struct Record {
  bool right = false;
  bool wrong = false;

  void Note(bool agrees) { (agrees ? right : wrong) = true; }
  bool IsClean() const { return right && !wrong; }
};

}  // namespace

bool SameTag(absl::string_view a, absl::string_view b) {
  const auto digits = [](absl::string_view text) {
    std::string kept;
    for (const char c : text) {
      if (c != '-') kept += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
    return kept;
  };
  return !a.empty() && digits(a) == digits(b);
}

Trust TrustIn(const Look& look) {
  Trust trust;
  Record tags;
  Record tasks;
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      const auto known = look.known.find(row.fiscal_number);
      if (known == look.known.end()) continue;
      const KnownReceipt& ours = known->second;
      if (!row.tag.empty() && !ours.tag.empty()) tags.Note(SameTag(row.tag, ours.tag));
      if (!row.task) continue;
      tasks.Note(*row.task == ours.task);
      trust.listed_tasks.insert(ours.task);
    }
  }
  trust.listed_tags = tags.IsClean();
  if (!tasks.IsClean()) trust.listed_tasks.clear();
  return trust;
}

std::string TagOf(const ListedReceipt& row, const Look& look, const Trust& trust) {
  const auto checked = look.checked.find(row.fiscal_number);
  if (checked != look.checked.end() && !checked->second.tag.empty()) return checked->second.tag;
  return trust.listed_tags ? row.tag : std::string();
}

std::optional<int> TaskOf(const ListedReceipt& row, const Look& look, const Trust& trust, int sought) {
  const auto known = look.known.find(row.fiscal_number);
  if (known != look.known.end()) return known->second.task;
  return trust.listed_tasks.contains(sought) ? row.task : std::nullopt;
}

bool MayBeReceipt(const std::optional<int>& task) {
  return !task || *task == 1 || *task == 2;
}

}  // namespace kasa::domain
