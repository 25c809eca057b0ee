#include "server/domain/absence.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/domain/absence_evidence.h"
#include "server/domain/absence_trust.h"
#include "server/domain/tag.h"

namespace kasa::domain {
namespace {

LookJudgement Judged(const Look& look, DoubtRow row, std::string words) {
  LookJudgement judgement;
  judgement.made = look.made;
  judgement.row = row;
  judgement.words = std::move(words);
  return judgement;
}

// A document that bears the tag, and where that was read.
struct Bearer {
  const ListedReceipt* row = nullptr;
  bool by_listing = false;
};

std::vector<Bearer> BearersOf(const std::string& tag, const Look& look) {
  std::vector<Bearer> bearers;
  std::set<std::string> numbers;
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      const bool by_listing = SameTag(row.tag, tag);
      const auto checked = look.checked.find(row.fiscal_number);
      const bool by_task = checked != look.checked.end() && SameTag(checked->second.tag, tag);
      if ((by_listing || by_task) && numbers.insert(row.fiscal_number).second) {
        bearers.push_back({&row, by_listing});
      }
    }
  }
  return bearers;
}

// As the answer to a send would have told it.
ReceiptFacts FactsOf(const ListedReceipt& row, const Look& look, const Trust& trust,
                     const DoubtedReceipt& doubted) {
  ReceiptFacts facts;
  facts.fiscal_number = row.fiscal_number;
  facts.register_fiscal_number = row.register_fiscal_number;
  facts.tag = doubted.expected.tag;
  facts.task = TaskOf(row, look, trust, doubted.expected.task);
  facts.local_number = row.local_number;
  facts.time = row.time;
  facts.sum = row.sum;
  if (row.sum && IsSumOfReceipt(*row.sum, doubted.expected.due, doubted.row_sum))
    facts.sum = doubted.expected.due;
  return facts;
}

LookJudgement JudgeBearer(const Look& look, const DoubtedReceipt& doubted, const Bearer& bearer) {
  const ListedReceipt& row = *bearer.row;
  if (look.known.contains(row.fiscal_number)) {
    return Judged(look, DoubtRow::kReceiptDisagrees,
                  absl::StrCat("receipt ", row.fiscal_number,
                               " bears the tag, and is stored as that of another fiscalization"));
  }
  const Trust trust = TrustIn(look);
  ReceiptFacts facts = FactsOf(row, look, trust, doubted);
  if (const auto objection = ObjectionTo(facts, doubted.expected)) {
    return Judged(look, DoubtRow::kReceiptDisagrees,
                  absl::StrCat("a listed receipt bears the tag, but: ", *objection));
  }
  const auto checked = look.checked.find(row.fiscal_number);
  if (checked != look.checked.end()) {
    TaskFacts told = checked->second;
    // An id of the cloud's own objects to nothing.
    const bool may_be_its_own = !IsOfSameInstallation(told.tag, doubted.expected.tag);
    if (may_be_its_own && !trust.checked_tags) told.tag.clear();
    if (const auto objection = ObjectionTo(told, doubted.expected, row.fiscal_number, doubted.row_sum)) {
      return Judged(
          look, DoubtRow::kTaskDisagrees,
          absl::StrCat("receipt ", row.fiscal_number, " is listed under the tag, but: ", *objection));
    }
  }
  LookJudgement found = Judged(look, bearer.by_listing ? DoubtRow::kFoundByTag : DoubtRow::kFoundByTask,
                               absl::StrCat("receipt ", row.fiscal_number, " bears the tag"));
  found.facts = std::move(facts);
  return found;
}

// Whether a receipt that the store knows, and when it was made, is listed.
bool ListsKnownReceipt(const Look& look) {
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      const auto known = look.known.find(row.fiscal_number);
      if (known != look.known.end() && known->second.time) return true;
    }
  }
  return false;
}

// What a look that saw nothing of the tag proves.
LookJudgement JudgeNothing(const Look& look, const DoubtedReceipt& doubted) {
  std::optional<LookGap> gap = look.gap;
  if (!gap) gap = GapInShifts(look, doubted);
  if (!gap) gap = GapInOwnReceipts(look);
  if (!gap) gap = GapInExplanations(look, doubted);
  if (!gap) gap = GapInNumbers(look, doubted);
  if (gap && !KASA_MUTANT("gaps-prove-absence")) return Judged(look, gap->row, std::move(gap->words));
  LookJudgement nothing = Judged(look, DoubtRow::kNothingThere, "no listed receipt is this one");
  if (const auto last = CompareLastNumber(look, doubted)) {
    if (!last->agrees && !KASA_MUTANT("ignore-the-last-number"))
      return Judged(look, DoubtRow::kLastNumberDiffers, last->words);
    nothing.numbers_agree = true;
    return nothing;
  }
  if (doubted.may_be_offline) {
    return Judged(look, DoubtRow::kOfflineUnclear,
                  "the register may be offline, and what it makes then may be listed later");
  }
  if (!ListsKnownReceipt(look)) {
    return Judged(look, DoubtRow::kNothingToCompare,
                  "no receipt that is known is listed, and the register tells no last number: nothing shows "
                  "that its listing is up to date");
  }
  return nothing;
}

Finding As(const LookJudgement& look) {
  return {.row = look.row, .words = look.words, .facts = look.facts, .look_at = std::nullopt};
}

bool SawTheTag(const LookJudgement& look) {
  const DoubtVerdict verdict = VerdictOf(look.row);
  return verdict == DoubtVerdict::kFound || verdict == DoubtVerdict::kPerson;
}

// What neither shows that the receipt exists nor objects to its absence for longer than this look.
bool MayBeForgotten(const LookJudgement& look, const LookJudgement* objection) {
  return !SawTheTag(look) && &look != objection;
}

}  // namespace

const LookJudgement* ObjectionByNumber(std::span<const LookJudgement> looks) {
  const LookJudgement* objection = nullptr;
  for (const LookJudgement& look : looks) {
    if (look.row == DoubtRow::kLastNumberDiffers) objection = &look;
    if (look.numbers_agree) objection = nullptr;
  }
  return objection;
}

void Remember(LookJudgement look, std::vector<LookJudgement>& looks) {
  constexpr size_t kMost = 200;
  looks.push_back(std::move(look));
  if (looks.size() <= kMost) return;
  // The oldest one, never one amid others: what is left on both sides of a gap is no run without gaps.
  const LookJudgement* const objection = ObjectionByNumber(looks);
  const auto oldest = std::find_if(looks.begin(), looks.end(), [objection](const LookJudgement& one) {
    return MayBeForgotten(one, objection);
  });
  looks.erase(oldest == looks.end() ? looks.begin() : oldest);
}

LookJudgement JudgeLook(const Look& look, const DoubtedReceipt& doubted) {
  if (!look.register_verified) {
    return Judged(look, DoubtRow::kRegisterNotVerified,
                  "the register was not verified, or its token was replaced while it was looked into");
  }
  const std::vector<Bearer> bearers = BearersOf(doubted.expected.tag, look);
  if (bearers.size() > 1) {
    std::string words = "several receipts bear the tag:";
    for (const Bearer& bearer : bearers) absl::StrAppend(&words, " ", bearer.row->fiscal_number);
    return Judged(look, DoubtRow::kSeveralReceipts, std::move(words));
  }
  if (bearers.size() == 1) return JudgeBearer(look, doubted, bearers[0]);
  return JudgeNothing(look, doubted);
}

Finding Conclude(std::span<const LookJudgement> looks, bool hold_over, const LookRules& rules) {
  const LookJudgement& last = looks.back();
  if (SawTheTag(last)) return As(last);
  for (const LookJudgement& earlier : looks) {
    if (!SawTheTag(earlier)) continue;
    Finding seen = As(earlier);
    seen.row = DoubtRow::kSeenBefore;
    seen.words = absl::StrCat("an earlier look saw what this one does not: ", earlier.words);
    seen.facts = {};
    return seen;
  }
  if (last.row != DoubtRow::kNothingThere) return As(last);
  Finding finding = As(last);
  // A look that is told no number, or none that can be compared, does not take back what one has objected.
  if (const LookJudgement* const objection = ObjectionByNumber(looks)) {
    finding.row = DoubtRow::kLastNumberDiffers;
    finding.words = absl::StrCat("an earlier look, and none since could tell better: ", objection->words);
    return finding;
  }
  if (!hold_over) {
    finding.row = DoubtRow::kHoldTime;
    return finding;
  }
  // Looks with a gap between them prove nothing together: what was not seen then may have come and gone.
  const LookJudgement* first = &last;
  for (size_t i = looks.size(); i > 0 && looks[i - 1].row == DoubtRow::kNothingThere; --i) {
    first = &looks[i - 1];
  }
  const absl::Duration apart = last.made - first->made;
  const bool one_is_enough = KASA_MUTANT("one-look-proves-absence");
  if (apart < rules.apart && !one_is_enough) {
    finding.row = DoubtRow::kSecondLookDue;
    finding.look_at = first->made + rules.apart;
    return finding;
  }
  // A receipt may be made as late as the hold time is over, which is when the first look began, and by the
  // last of several sends; so only the longest lag from then on shows it. How old the newest listed receipt
  // was when the first send went out shows nothing of that. A number that agrees does not make it shorter:
  // it may lag with the listing, and which receipts it counts is not known.
  if (apart < rules.longest_lag && !one_is_enough) {
    finding.row = DoubtRow::kLagNotExcluded;
    finding.look_at = first->made + rules.longest_lag;
    return finding;
  }
  finding.row = last.numbers_agree ? DoubtRow::kAbsentByNumbers : DoubtRow::kAbsentByTime;
  return finding;
}

}  // namespace kasa::domain
