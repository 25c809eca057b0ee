#ifndef KASA_SERVER_DOMAIN_AUTOMATION_SUMS_H_
#define KASA_SERVER_DOMAIN_AUTOMATION_SUMS_H_

#include <optional>
#include <vector>

#include "common/money.h"
#include "server/domain/automation.h"
#include "server/domain/automation_decision.h"

// Sums that decisions about reports are made by. Pure functions of their arguments; of amounts that are each
// in range and few, far from overflow.
namespace kasa::domain {

// What a document that was made is for.
Money AmountOf(const CreatedDocument& created);

// The last of the subject's documents that stands; null when there is none.
const CreatedDocument* LastOf(const SeenBefore& seen, const ReportSubject& subject);

// What the order's total has no room for any more: receipts as they may come to be, and what was made, stands
// and has no fiscalization yet.
Money CommittedOf(const SeenBefore& seen);

// What a return would be due for if the order was cancelled: all on its receipts, less every return on its
// way, and what was told to the caller to be sent.
Money ToReturnOf(const SeenBefore& seen);

// The same of what the order's own reports have made.
Money OwnToReturnOf(const SeenBefore& seen, const ReportSubject& order);

// How much of what is received by the report of `revision` was made a document of before.
Money AccountedFor(const SeenBefore& seen, const ReportSubject& order, int64_t revision);

// What lines and a discount come to; nothing when they are wrong.
std::optional<Money> LinesComeTo(const std::vector<Line>& lines, Money discount);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_AUTOMATION_SUMS_H_
