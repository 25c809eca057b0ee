#include "tests/simulation/store_reading.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasa::simulation {

WireWatch::Told ToldOf(store::Store& store, const std::string& document_name) {
  WireWatch::Told told;
  const auto kind = document_name.starts_with("S")   ? domain::DocumentKind::kSale
                    : document_name.starts_with("R") ? domain::DocumentKind::kReturn
                                                     : domain::DocumentKind::kPayment;
  const auto found =
      store.FindFiscalization({"simulation", kind, document_name, domain::RegisterMode::kTest});
  if (!found.ok()) return told;
  told.not_in_doubt = !found->doubt;
  told.in_doubt = found->doubt.has_value();
  told.has_receipt = found->receipt.has_value();
  if (!found->doubt) return told;
  const domain::Doubt& doubt = *found->doubt;
  told.parked = doubt.parked;
  told.looks = doubt.looks;
  told.last_look_proved_absence = absl::StartsWith(doubt.last_finding, "ABSENT_BY_NUMBERS: ") ||
                                  absl::StartsWith(doubt.last_finding, "ABSENT_BY_TIME: ");
  return told;
}

bool AskedAgainIsStored(store::Store& store, const std::string& tag) {
  // What was not judged leaves the register bound.
  static const std::set<std::string> kJudged = {"DONE", "REFUSED_DOCUMENT", "REFUSED_REGISTER",
                                                "SHIFT_CLOSED", "UNKNOWN_REFUSAL"};
  const auto page = store.ListFiscalizations({}, std::nullopt, 1000);
  if (!page.ok()) return false;
  // Openings of a shift are with the documents that waited for them, which may be several.
  int64_t last = 0;
  bool asked_again = false;
  std::string register_of_opening;
  std::map<std::string, std::pair<int64_t, std::string>> last_openings;  // id and tag, by register
  for (const auto& one : page->fiscalizations) {
    const auto exchanges = store.sends().ListExchanges(one.id, 0, 500);
    if (!exchanges.ok()) return false;
    for (const store::Exchange& exchange : exchanges->exchanges) {
      const bool asks = exchange.outcome == "DOUBT_SAME_TAG_NEXT";
      if (exchange.kind == store::ExchangeKind::kOpenShift) {
        if (exchange.tag == tag) register_of_opening = exchange.register_fiscal_number;
        auto& newest = last_openings[exchange.register_fiscal_number];
        newest = std::max(newest, std::pair(exchange.id, exchange.tag));
      }
      if (exchange.tag != tag || exchange.id <= last || !(asks || kJudged.contains(exchange.outcome)))
        continue;
      last = exchange.id;
      asked_again = asks;
    }
  }
  // The mark of the opening after it is stored with that the register's last word on this one was had (ADR
  // 0015): whatever it asked for, it waits for this one no more.
  const bool is_over = !register_of_opening.empty() && last_openings[register_of_opening].second != tag;
  return asked_again && !is_over;
}

void CountRulings(store::Store& store, const domain::Fiscalization& one, Coverage& coverage) {
  const auto page = store.sends().ListExchanges(one.id, 0, 500);
  if (!page.ok()) return;
  std::set<std::string> unexplained;  // tags
  for (const store::Exchange& exchange : page->exchanges) {
    if (exchange.kind != store::ExchangeKind::kReceipt) continue;
    coverage.Count(absl::StrCat("ruling/", exchange.outcome,
                                unexplained.contains(exchange.tag) ? " repeated" : " first"));
    if (absl::StartsWith(exchange.outcome, "DOUBT") || !exchange.end_time) unexplained.insert(exchange.tag);
  }
}

}  // namespace kasa::simulation
