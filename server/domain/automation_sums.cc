#include "server/domain/automation_sums.h"

#include <algorithm>
#include <map>

#include "absl/strings/string_view.h"
#include "server/domain/findings.h"
#include "server/domain/line_checks.h"
#include "server/domain/order_rules.h"
#include "server/domain/pricing_steps.h"

namespace kasa::domain {
namespace {

// What has come back of each receipt, by its id: an order may have thousands of them.
std::map<absl::string_view, int64_t> ReturnedOf(const std::vector<Fiscalization>& receipts) {
  std::map<absl::string_view, int64_t> returned;
  for (const Fiscalization& each : receipts) {
    if (each.key.kind == DocumentKind::kReturn) returned[each.original_id] += each.draft.sum.kopiykas();
  }
  return returned;
}

// What is left to be returned of a receipt.
int64_t LeftOf(const Fiscalization& receipt, const std::map<absl::string_view, int64_t>& returned) {
  const auto own = returned.find(receipt.id);
  return std::max<int64_t>(receipt.draft.sum.kopiykas() - (own == returned.end() ? 0 : own->second), 0);
}

bool WasToldOnly(const CreatedDocument& created) {
  return created.Stands() && !created.fiscalization && !created.fiscalize;
}

}  // namespace

Money AmountOf(const CreatedDocument& created) {
  return created.fiscalization ? created.fiscalization->draft.sum : created.amount;
}

const CreatedDocument* LastOf(const SeenBefore& seen, const ReportSubject& subject) {
  const CreatedDocument* last = nullptr;
  for (const CreatedDocument& created : seen.created) {
    if (created.subject == subject && created.Stands()) last = &created;
  }
  return last;
}

Money CommittedOf(const SeenBefore& seen) {
  int64_t committed = StandingOf(seen.receipts).at_most.kopiykas();
  for (const CreatedDocument& created : seen.created) {
    if (created.Stands() && !created.fiscalization) committed += created.amount.kopiykas();
  }
  return Money::FromKopiykas(committed);
}

Money ToReturnOf(const SeenBefore& seen) {
  const auto returned = ReturnedOf(seen.receipts);
  int64_t sum = 0;
  for (const Fiscalization& receipt : seen.receipts) {
    if (receipt.key.kind != DocumentKind::kReturn) sum += LeftOf(receipt, returned);
  }
  for (const CreatedDocument& created : seen.created) {
    if (WasToldOnly(created)) sum += created.amount.kopiykas();
  }
  return Money::FromKopiykas(sum);
}

Money OwnToReturnOf(const SeenBefore& seen, const ReportSubject& order) {
  const auto returned = ReturnedOf(seen.receipts);
  int64_t sum = 0;
  for (const CreatedDocument& created : seen.created) {
    if (created.subject != order) continue;
    if (WasToldOnly(created)) sum += created.amount.kopiykas();
    if (!created.fiscalization) continue;
    // Only what counts is among the receipts: what failed is not.
    for (const Fiscalization& receipt : seen.receipts) {
      if (receipt.id == created.fiscalization->id) sum += LeftOf(receipt, returned);
    }
  }
  return Money::FromKopiykas(sum);
}

Money AccountedFor(const SeenBefore& seen, const ReportSubject& order, int64_t revision) {
  int64_t accounted = 0;
  const auto add_made_for = [&](int64_t made_for) {
    for (const CreatedDocument& created : seen.created) {
      if (created.subject == order && created.revision == made_for && created.Stands()) {
        accounted += AmountOf(created).kopiykas();
      }
    }
  };
  for (const EarlierReport& report : seen.reports) {
    if (report.revision >= revision) continue;
    // What is not received any more went back: it does not account for what comes later.
    accounted = std::min(accounted, report.received.kopiykas());
    add_made_for(report.revision);
  }
  add_made_for(revision);
  return Money::FromKopiykas(accounted);
}

std::optional<Money> LinesComeTo(const std::vector<Line>& lines, Money discount) {
  Document document;
  document.lines = lines;
  document.discount = discount;
  // What is wrong with the lines, the missing mapping too, is told when they are priced in earnest.
  Findings findings;
  const FieldScope scope(findings, "");
  CheckedLines checked = CheckLines(document.lines, Mapping(), scope);
  return PriceRows(document, checked, scope);
}

}  // namespace kasa::domain
