#include "server/domain/absence_trust.h"

#include "server/domain/tag.h"

namespace kasa::domain {
namespace {

// What is told about receipts of ours: whether it was right about one, and wrong about another.
struct Record {
  bool right = false;
  bool wrong = false;

  void Note(bool agrees) { (agrees ? right : wrong) = true; }
  bool IsClean() const { return right && !wrong; }
};

}  // namespace

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
  Record checked_tags;
  for (const auto& [fiscal_number, told] : look.checked) {
    const auto known = look.known.find(fiscal_number);
    if (known == look.known.end() || told.tag.empty() || known->second.tag.empty()) continue;
    checked_tags.Note(SameTag(told.tag, known->second.tag));
  }
  trust.listed_tags = tags.IsClean();
  trust.checked_tags = checked_tags.IsClean();
  if (!tasks.IsClean()) trust.listed_tasks.clear();
  return trust;
}

std::string TagOf(const ListedReceipt& row, const Look& look, const Trust& trust) {
  const auto checked = look.checked.find(row.fiscal_number);
  const bool told = checked != look.checked.end() && !checked->second.tag.empty();
  if (told && trust.checked_tags) return checked->second.tag;
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
