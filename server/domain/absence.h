#ifndef KASA_SERVER_DOMAIN_ABSENCE_H_
#define KASA_SERVER_DOMAIN_ABSENCE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/money.h"
#include "server/domain/adoption.h"
#include "server/domain/listing.h"
#include "server/domain/register_status.h"

// What looking into a register's listings proves about a receipt in doubt (architecture.md, rule 3). Each row
// of the decision table, with the argument for it, is in docs/reliability.md; every row has a test.
//
// A look reads all documents of every shift that overlaps the time since just before the send. JudgeLook()
// says what one look saw, Conclude() what several prove together. Pure functions.
namespace kasa::domain {

// The rows of the table.
enum class DoubtRow {
  // The receipt exists.
  kFoundByTag = 1,  // one listed receipt bears the tag, and nothing disagrees
  kFoundByTask,     // the listing tells no tag of it, and check-task does
  // Something bears the tag that can't be what was sent: a person must look.
  kSeveralReceipts,
  kReceiptDisagrees,
  kTaskDisagrees,
  kSeenBefore,  // an earlier look saw the tag, and this one does not
  // Nothing was seen, and that proves nothing.
  kRegisterNotVerified,
  kPageNotRead,
  kRowNotUnderstood,
  kPagesIncomplete,
  kShiftsUnclear,
  kClockUnclear,
  kOwnReceiptMissing,
  kRowUnexplained,
  kNumbersMissing,
  kLastNumberDiffers,
  kOfflineUnclear,
  kNothingToCompare,
  // Nothing was seen, and it is too early to conclude.
  kHoldTime,
  kSecondLookDue,
  kLagNotExcluded,
  // No receipt exists.
  kAbsentByNumbers,
  kAbsentByTime,
  // Of one look alone: everything was read, and nothing of it is the receipt.
  kNothingThere,
};

absl::string_view NameOf(DoubtRow row);  // "FOUND_BY_TAG"

enum class DoubtVerdict {
  kFound = 1,
  kAbsent,
  kNotYet,    // the next look may tell
  kNotKnown,  // what was seen proves nothing; a later look may see more
  kPerson,    // what was seen contradicts itself: looking again does not help by itself
};

DoubtVerdict VerdictOf(DoubtRow row);

// What is looked for.
struct DoubtedReceipt {
  ExpectedReceipt expected;
  Money row_sum;                // of the receipt as it was asked for
  absl::Time first_send;        // when the oldest unexplained send of its tag was marked, by our clock
  bool may_be_offline = false;  // the register made its last receipt offline, so far as is known
};

// A receipt of ours, as the store knows it.
struct KnownReceipt {
  std::string fiscal_number;
  std::string tag;
  int task = 1;
  std::optional<int64_t> local_number;
  std::optional<absl::Time> time;  // as the register told it; nothing where it told none
};

// The documents of one shift, all of its pages.
struct ShiftDocuments {
  ListedShift shift;
  std::vector<ListedReceipt> rows;
};

// What kept a look from being whole: kPageNotRead, kRowNotUnderstood, kPagesIncomplete or kShiftsUnclear.
struct LookGap {
  DoubtRow row = DoubtRow::kPageNotRead;
  std::string words;
};

// What one look saw.
struct Look {
  absl::Duration made;  // on the monotonic clock, when it began
  // The register was verified under the token that all of the look's requests bore, and that is its token
  // still.
  bool register_verified = false;
  std::optional<LookGap> gap;            // the first
  std::optional<RegisterStatus> status;  // read with this look; nothing where none may be asked for
  absl::Time status_read_time;
  std::vector<ListedShift> shifts;           // as listed, as far back as was read
  std::vector<ShiftDocuments> documents;     // of each shift that overlaps
  std::map<std::string, TaskFacts> checked;  // what check-task said, by fiscal number
  // Receipts of ours on this register by fiscal number: those among the documents, those that the register
  // told to be made in one of these shifts, and the newest one before the send.
  std::map<std::string, KnownReceipt> known;
};

// Whether receipts made at `since` or later may be in this shift: it was not closed before. Widely measured,
// since a time without a zone may be of another one, and clocks differ.
bool Overlaps(const ListedShift& shift, absl::Time since);

// What one look says. With kFoundByTag and kFoundByTask, `facts` is the receipt.
struct LookJudgement {
  absl::Duration made;
  DoubtRow row = DoubtRow::kNothingThere;
  std::string words;  // for a person
  ReceiptFacts facts;
  bool numbers_agree = false;  // with kNothingThere: the status' last number is that of the last one listed
};

LookJudgement JudgeLook(const Look& look, const DoubtedReceipt& doubted);

struct LookRules {
  absl::Duration apart = absl::Seconds(30);        // the first two looks
  absl::Duration longest_lag = absl::Minutes(10);  // by which a listing is taken to lag at the most
};

// What the looks prove together.
struct Finding {
  DoubtRow row = DoubtRow::kSecondLookDue;
  std::string words;
  ReceiptFacts facts;                     // with kFound
  std::optional<absl::Duration> look_at;  // with kNotYet: when the next look may conclude (monotonic)

  DoubtVerdict verdict() const { return VerdictOf(row); }
};

// The last look whose number differed, unless a look since was told one that agrees: it objects to looks that
// are told none. Null when there is none.
const LookJudgement* ObjectionByNumber(std::span<const LookJudgement> looks);

// Adds a look to those of one doubt. There may be very many: the oldest is forgotten then that Conclude()
// does not need.
void Remember(LookJudgement look, std::vector<LookJudgement>& looks);

// `looks`: at least one, oldest first, all for the same doubt after its last send. `hold_over`: the hold time
// was over when the first of them began.
Finding Conclude(std::span<const LookJudgement> looks, bool hold_over, const LookRules& rules);

// Receipts in the look that this gateway did not make: not in the store, under a tag that can be relied on,
// and nothing tells one of this installation's.
std::vector<ListedReceipt> ForeignReceipts(const Look& look, absl::string_view installation);

// Receipts in the look that bear this installation's tag and are not in the store. The tag is filled in.
std::vector<ListedReceipt> ReceiptsUnknownToStore(const Look& look, absl::string_view installation);

// Whether the look has receipts that are not in the store, and of which nothing tells in a way that can be
// relied on under which tag they were made.
bool HasUnexplained(const Look& look, absl::string_view installation);

// Documents that check-task should be asked about, because the listing alone does not explain them or may be
// the receipt, and one receipt of ours, which shows whether its word on those can be relied on; at most
// `most`, the first of them first.
std::vector<std::string> ToCheck(const Look& look, const DoubtedReceipt& doubted, size_t most);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ABSENCE_H_
