#include "server/engine/attention_desk.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/automation_store.h"

namespace kasa::engine {
namespace {

// A receipt that was not made here is told of for so long after it was seen first.
constexpr absl::Duration kUnknownReceiptsToldFor = absl::Hours(24 * 7);

// The entries of the mapping, and the default cashless type, whose codes the register refused.
absl::StatusOr<std::vector<domain::RefusedEntry>> RefusedEntriesOf(const domain::Integration& integration,
                                                                   store::Store& store) {
  const absl::StatusOr<std::vector<store::RefusedCode>> codes = store.RefusedCodes(integration.id);
  if (!codes.ok()) return codes.status();
  std::vector<domain::RefusedEntry> refused;
  if (codes->empty()) return refused;
  const absl::StatusOr<domain::Mapping> mapping = store.integrations().GetMapping(integration.id);
  if (!mapping.ok()) return mapping.status();
  for (const store::RefusedCode& code : *codes) {
    const bool is_tax = code.subject == domain::LessonSubject::kTaxGroup;
    for (const auto& [id, mapped] : is_tax ? mapping->tax_groups : mapping->payment_types) {
      if (mapped != code.code) continue;
      refused.push_back({.words = is_tax
                                      ? absl::StrCat("tax ", id, " (tax group ", mapped, ")")
                                      : absl::StrCat("payment method ", id, " (payment type ", mapped, ")"),
                         .since = code.time});
    }
    if (!is_tax && integration.default_cashless_payment_type == code.code) {
      refused.push_back(
          {.words = absl::StrCat("the default cashless payment type ", code.code), .since = code.time});
    }
  }
  return refused;
}

absl::StatusOr<domain::RegisterFacts> RegisterFactsOf(const domain::Integration& integration,
                                                      store::Store& store, Engine& engine, absl::Time now) {
  domain::RegisterFacts facts;
  facts.integration_id = integration.id;
  facts.token_state = integration.token_state;
  facts.token_state_since = integration.update_time;
  const absl::StatusOr<store::IntegrationRecord> record = store.integrations().Get(integration.id);
  if (!record.ok()) return record.status();
  facts.status = record->last_status;
  facts.status_time = record->last_status_time.value_or(absl::InfinitePast());
  absl::StatusOr<std::vector<domain::RefusedEntry>> refused = RefusedEntriesOf(integration, store);
  if (!refused.ok()) return refused.status();
  facts.refused = *std::move(refused);
  if (!integration.pinned_register) return facts;

  facts.register_fiscal_number = integration.pinned_register->fiscal_number;
  const absl::StatusOr<store::RegisterMemory> memory = store.GetRegisterMemory(facts.register_fiscal_number);
  if (!memory.ok()) return memory.status();
  facts.offline = memory->offline;
  facts.own_opening = memory->shift_opened;
  facts.billing = memory->billing;
  facts.report_time = memory->report_time;
  facts.disagreement = memory->disagreement;
  const absl::StatusOr<store::UnknownReceipts> unknown =
      store.looks().CountUnknown(facts.register_fiscal_number, now - kUnknownReceiptsToldFor);
  if (!unknown.ok()) return unknown.status();
  facts.foreign_receipts = unknown->foreign;
  facts.own_receipts_unknown = unknown->ours;
  facts.unknown_receipts_since = unknown->since;
  const absl::StatusOr<LaneView> lane = engine.LaneOf(facts.register_fiscal_number);
  if (!lane.ok()) return lane.status();
  const bool copied = lane->reason == Reason::kStoreCopied;
  if ((lane->state == LaneState::kPaused || copied) && lane->reason) {
    facts.pause = domain::LanePause{.reason = *lane->reason,
                                    .message = lane->message,
                                    .since = lane->since.value_or(integration.update_time),
                                    .queued = lane->queued};
    // The integration may have been changed since for another cause.
    if (*lane->reason == Reason::kTokenRefused) {
      facts.token_state_since = std::min(facts.token_state_since, facts.pause->since);
    }
  }
  return facts;
}

// The order of each is made once: there may be thousands, and it holds strings.
void SortByOrder(std::vector<domain::Attention>& list) {
  std::vector<std::pair<domain::AttentionOrder, domain::Attention>> ordered;
  ordered.reserve(list.size());
  for (domain::Attention& attention : list) {
    domain::AttentionOrder order = domain::OrderOf(attention);
    ordered.emplace_back(std::move(order), std::move(attention));
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  list.clear();
  for (auto& [order, attention] : ordered) list.push_back(std::move(attention));
}

}  // namespace

absl::StatusOr<Survey> TakeSurvey(store::Store& store, Engine& engine, const KyivTime& kyiv, absl::Time now,
                                  const domain::AttentionRules& rules) {
  Survey survey;
  std::vector<domain::Attention>& list = survey.attention;
  std::string after;
  do {
    const absl::StatusOr<store::IntegrationPage> page =
        store.integrations().List(after, 200, /*archived=*/false);
    if (!page.ok()) return page.status();
    for (const domain::Integration& integration : page->integrations) {
      absl::StatusOr<domain::RegisterFacts> facts = RegisterFactsOf(integration, store, engine, now);
      if (absl::IsNotFound(facts.status())) continue;  // deleted meanwhile
      if (!facts.ok()) return facts.status();
      std::vector<domain::Attention> matters = domain::AttentionTo(*facts, now, kyiv.DayOf(now), rules);
      std::move(matters.begin(), matters.end(), std::back_inserter(list));
      survey.registers.push_back(*std::move(facts));
    }
    after = page->next_after_id;
  } while (!after.empty());

  const absl::StatusOr<std::vector<domain::FiscalizationFacts>> unsettled = store.Unsettled();
  if (!unsettled.ok()) return unsettled.status();
  for (const domain::FiscalizationFacts& facts : *unsettled) {
    std::vector<domain::Attention> matters = domain::AttentionTo(facts, now, rules);
    std::move(matters.begin(), matters.end(), std::back_inserter(list));
  }
  const absl::StatusOr<std::vector<domain::ReturnDueFacts>> returns = store.automation().ReturnsDue();
  if (!returns.ok()) return returns.status();
  for (const domain::ReturnDueFacts& facts : *returns) list.push_back(domain::AttentionTo(facts));
  SortByOrder(list);
  return survey;
}

absl::StatusOr<std::vector<domain::Attention>> CollectAttention(store::Store& store, Engine& engine,
                                                                const KyivTime& kyiv, absl::Time now,
                                                                const domain::AttentionRules& rules) {
  absl::StatusOr<Survey> survey = TakeSurvey(store, engine, kyiv, now, rules);
  if (!survey.ok()) return survey.status();
  return std::move(survey->attention);
}

}  // namespace kasa::engine
