#include "server/domain/attention.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kasa::domain {
namespace {

std::string InWords(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Minutes(1)));
}

std::string RemedyOf(Reason reason) {
  return std::string(InfoOf(reason).remedy);
}

Attention Of(const RegisterFacts& facts, AttentionCode code, AttentionSeverity severity, absl::Time since) {
  Attention attention;
  attention.code = code;
  attention.severity = severity;
  attention.since = since;
  attention.register_fiscal_number = facts.register_fiscal_number;
  attention.integration_id = facts.integration_id;
  return attention;
}

std::optional<Attention> LongShift(const RegisterFacts& facts, absl::Time now, const AttentionRules& rules) {
  const std::optional<absl::Time> opened = ShiftOpened(facts);
  // A day after it was seen, the shift may long have been closed by itself.
  if (!opened || now - *opened < rules.shift || now - facts.status_time > absl::Hours(24)) {
    return std::nullopt;
  }
  Attention attention =
      Of(facts, AttentionCode::kShiftTooLong, AttentionSeverity::kCritical, *opened + rules.shift);
  attention.reason = Reason::kShiftTooLong;
  attention.message =
      absl::StrCat("the shift is open for ", InWords(now - *opened), ", as the register was last seen ",
                   InWords(now - facts.status_time), " ago; over 24 hours it refuses receipts");
  attention.remedy =
      "Close the shift with a Z-report in Vchasno.Kasa; CheckConnection shows when it is done.";
  return attention;
}

std::optional<Attention> LongOffline(const RegisterFacts& facts, absl::Time now,
                                     const AttentionRules& rules) {
  if (!facts.offline || now - facts.offline->since < rules.offline) return std::nullopt;
  const absl::Duration age = now - facts.offline->since;
  const bool critical = age >= rules.offline_critical;
  Attention attention =
      Of(facts, AttentionCode::kOfflineTooLong,
         critical ? AttentionSeverity::kCritical : AttentionSeverity::kWarning, facts.offline->since);
  attention.count = facts.offline->receipts;
  attention.fiscalization_id = facts.offline->oldest_id;
  attention.message =
      absl::StrCat(facts.offline->receipts,
                   " receipts were made offline and are not known to have reached the tax service; "
                   "the oldest, ",
                   facts.offline->oldest_fiscal_number, ", for ", InWords(age));
  attention.remedy =
      "Look in Vchasno.Kasa why the register is offline; after 35 hours it refuses to work, and after 36 the "
      "law "
      "is broken. That they arrived is known from the first receipt that is made online after them.";
  return attention;
}

std::optional<Attention> FewOfflineNumbers(const RegisterFacts& facts, const AttentionRules& rules) {
  if (!facts.status || !facts.status->vacant_offline_numbers) return std::nullopt;
  const int64_t left = *facts.status->vacant_offline_numbers;
  if (left >= rules.offline_numbers) return std::nullopt;
  const bool critical = left < rules.offline_numbers_critical;
  Attention attention =
      Of(facts, AttentionCode::kOfflineNumbersLow,
         critical ? AttentionSeverity::kCritical : AttentionSeverity::kWarning, facts.status_time);
  attention.count = left;
  attention.message = absl::StrCat(left, " numbers for offline receipts are left");
  attention.remedy =
      "Let Vchasno.Kasa get new ones: the register does it when it is online, else ask their support.";
  return attention;
}

std::optional<Attention> Foreign(const RegisterFacts& facts) {
  const int64_t all = facts.foreign_receipts + facts.own_receipts_unknown;
  if (all == 0) return std::nullopt;
  Attention attention = Of(facts, AttentionCode::kForeignReceipts, AttentionSeverity::kWarning,
                           facts.unknown_receipts_since.value_or(absl::InfinitePast()));
  attention.count = all;
  if (facts.foreign_receipts > 0) {
    attention.message = absl::StrCat("the register's listings show ", facts.foreign_receipts,
                                     " receipts that the gateway did not make");
    attention.remedy =
        "Find out what else writes to this register, another program or Vchasno's own Orders API: one "
        "register "
        "is for one writer.";
  }
  if (facts.own_receipts_unknown > 0) {
    absl::StrAppend(&attention.message, attention.message.empty() ? "" : "; ",
                    "the register's listings show ", facts.own_receipts_unknown,
                    " receipts under the gateway's tags that its store does not have");
    absl::StrAppend(
        &attention.remedy, attention.remedy.empty() ? "" : " ",
        "The store was restored or copied: have the documents of the lost time sent again, each gets "
        "the receipt that it has.");
  }
  return attention;
}

std::optional<Attention> RefusedToken(const RegisterFacts& facts) {
  if (!IsRefused(facts.token_state)) return std::nullopt;
  Attention attention =
      Of(facts, AttentionCode::kTokenRefused, AttentionSeverity::kCritical, facts.token_state_since);
  attention.reason = Reason::kTokenRefused;
  attention.message = "the register refused the token";
  attention.remedy = RemedyOf(Reason::kTokenRefused);
  return attention;
}

std::optional<Attention> Pause(const RegisterFacts& facts) {
  if (!facts.pause) return std::nullopt;
  const Reason reason = facts.pause->reason;
  // What is as it was wished is no matter, and what is told by its own code is not told twice.
  if (reason == Reason::kQuietWindow) return std::nullopt;
  if (reason == Reason::kTokenRefused && IsRefused(facts.token_state)) return std::nullopt;
  const bool wished = reason == Reason::kIntegrationInactive;
  Attention attention =
      Of(facts, reason == Reason::kStoreCopied ? AttentionCode::kStoreCopied : AttentionCode::kLanePaused,
         wished ? AttentionSeverity::kWarning : AttentionSeverity::kCritical, facts.pause->since);
  attention.reason = reason;
  attention.count = facts.pause->queued;
  attention.message = facts.pause->message;
  attention.remedy = RemedyOf(reason);
  return attention;
}

std::string InWords(absl::CivilDay day) {
  return absl::FormatCivilTime(day);
}

std::optional<Attention> EndingSubscription(const RegisterFacts& facts, absl::CivilDay today,
                                            const AttentionRules& rules) {
  if (!facts.billing) return std::nullopt;
  const auto& [paid_until, enough_to_renew] = *facts.billing;
  const bool renews = enough_to_renew.value_or(false);
  // What was told before its end, and renews itself, has probably done so since.
  if (!paid_until ? enough_to_renew.value_or(true) : renews) return std::nullopt;
  const int most = enough_to_renew ? rules.subscription_days : rules.subscription_days_unknown;
  if (paid_until && *paid_until - today >= most) return std::nullopt;
  const bool critical = paid_until && *paid_until - today < rules.subscription_days_critical;
  Attention attention =
      Of(facts, AttentionCode::kSubscriptionEnding,
         critical ? AttentionSeverity::kCritical : AttentionSeverity::kWarning, facts.report_time);
  attention.reason = Reason::kNoBalance;
  if (paid_until) {
    attention.count = std::max<int64_t>(*paid_until - today, 0);
    attention.message = absl::StrCat("the subscription to Vchasno.Kasa is paid until ", InWords(*paid_until));
  }
  if (enough_to_renew) {
    absl::StrAppend(&attention.message, attention.message.empty() ? "" : ", and ",
                    "the account has too little money for the next period");
  }
  attention.remedy =
      "Pay for the subscription in Vchasno.Kasa; GetTotals with compare_with_register reads anew how the "
      "account stands.";
  return attention;
}

std::optional<Attention> RefusedEntries(const RegisterFacts& facts) {
  if (facts.refused.empty()) return std::nullopt;
  constexpr size_t kNamed = 5;
  std::string named;
  absl::Time since = absl::InfiniteFuture();
  for (size_t i = 0; i < facts.refused.size(); ++i) {
    since = std::min(since, facts.refused[i].since);
    if (i < kNamed) absl::StrAppend(&named, i == 0 ? "" : ", ", facts.refused[i].words);
  }
  if (facts.refused.size() > kNamed) absl::StrAppend(&named, " and others");
  Attention attention = Of(facts, AttentionCode::kMappingNotEnabled, AttentionSeverity::kWarning, since);
  attention.reason = Reason::kPaymentTypeNotEnabled;
  attention.count = static_cast<int64_t>(facts.refused.size());
  attention.message = absl::StrCat("the register refused as not enabled: ", named);
  attention.remedy = RemedyOf(Reason::kPaymentTypeNotEnabled);
  return attention;
}

std::optional<Attention> DifferentTotals(const RegisterFacts& facts) {
  if (!facts.disagreement) return std::nullopt;
  Attention attention =
      Of(facts, AttentionCode::kRecordsDisagree, AttentionSeverity::kCritical, facts.disagreement->since);
  attention.count = facts.disagreement->figures;
  attention.message = absl::StrCat("the totals of a shift differ: ", facts.disagreement->words);
  attention.remedy =
      "Compare the receipts of the shift in Vchasno.Kasa with ListReceipts; does another program write to "
      "the register? GetTotals with compare_with_register compares anew.";
  return attention;
}

Attention Contradiction(const FiscalizationFacts& facts) {
  Attention attention;
  attention.code = AttentionCode::kRecordsDisagree;
  attention.severity = AttentionSeverity::kCritical;
  attention.since = facts.contradiction_since;
  attention.register_fiscal_number = facts.register_fiscal_number;
  attention.integration_id = facts.integration_id;
  attention.fiscalization_id = facts.id;
  attention.reason = Reason::kAnswerContradicts;
  attention.message = absl::StrCat("what the register answered is not this receipt: ", facts.contradiction);
  attention.remedy =
      "Look in Vchasno.Kasa which receipt it is (ListExchanges shows the answer), then tell by "
      "ResolveFiscalization.";
  return attention;
}

}  // namespace

absl::string_view NameOf(AttentionCode code) {
  switch (code) {
    case AttentionCode::kInDoubt:
      return "IN_DOUBT";
    case AttentionCode::kShiftTooLong:
      return "SHIFT_TOO_LONG";
    case AttentionCode::kOfflineTooLong:
      return "OFFLINE_TOO_LONG";
    case AttentionCode::kForeignReceipts:
      return "FOREIGN_RECEIPTS";
    case AttentionCode::kSubscriptionEnding:
      return "SUBSCRIPTION_ENDING";
    case AttentionCode::kOfflineNumbersLow:
      return "OFFLINE_NUMBERS_LOW";
    case AttentionCode::kLanePaused:
      return "LANE_PAUSED";
    case AttentionCode::kFailed:
      return "FAILED";
    case AttentionCode::kTokenRefused:
      return "TOKEN_REFUSED";
    case AttentionCode::kMappingNotEnabled:
      return "MAPPING_NOT_ENABLED";
    case AttentionCode::kRecordsDisagree:
      return "RECORDS_DISAGREE";
    case AttentionCode::kStoreCopied:
      return "STORE_COPIED";
    case AttentionCode::kReturnDue:
      return "RETURN_DUE";
  }
  return "UNKNOWN";
}

std::span<const AttentionCode> AllAttentionCodes() {
  using enum AttentionCode;
  static constexpr std::array kAll = {
      kInDoubt,           kShiftTooLong, kOfflineTooLong, kForeignReceipts, kSubscriptionEnding,
      kOfflineNumbersLow, kLanePaused,   kFailed,         kTokenRefused,    kMappingNotEnabled,
      kRecordsDisagree,   kStoreCopied,  kReturnDue};
  return kAll;
}

std::optional<absl::Time> ShiftOpened(const RegisterFacts& facts) {
  if (!facts.status || facts.status->shift != ShiftStatus::kOpen) return std::nullopt;
  if (facts.status->shift_opened) return facts.status->shift_opened;
  return facts.own_opening;
}

std::vector<Attention> AttentionTo(const RegisterFacts& facts, absl::Time now, absl::CivilDay today,
                                   const AttentionRules& rules) {
  std::vector<Attention> matters;
  for (std::optional<Attention>& matter : std::vector<std::optional<Attention>>{
           LongShift(facts, now, rules), LongOffline(facts, now, rules), FewOfflineNumbers(facts, rules),
           RefusedToken(facts), Pause(facts), EndingSubscription(facts, today, rules), RefusedEntries(facts),
           DifferentTotals(facts), Foreign(facts)}) {
    if (matter) matters.push_back(*std::move(matter));
  }
  return matters;
}

std::vector<Attention> AttentionTo(const FiscalizationFacts& facts, absl::Time now,
                                   const AttentionRules& rules) {
  std::vector<Attention> matters;
  // A person is needed at once: time does not settle it.
  if (facts.in_doubt && !facts.contradiction.empty()) matters.push_back(Contradiction(facts));
  if (facts.in_doubt && now - facts.since < rules.doubt) return matters;
  Attention attention;
  attention.code = facts.in_doubt ? AttentionCode::kInDoubt : AttentionCode::kFailed;
  attention.severity = facts.in_doubt ? AttentionSeverity::kCritical : AttentionSeverity::kWarning;
  attention.since = facts.since;
  attention.register_fiscal_number = facts.register_fiscal_number;
  attention.integration_id = facts.integration_id;
  attention.fiscalization_id = facts.id;
  attention.reason = facts.reason;
  if (facts.in_doubt) {
    attention.message =
        absl::StrCat("it is not known for ", InWords(now - facts.since), " whether the receipt exists",
                     facts.parked ? "; it has left its lane, and is not sent again by itself" : "");
    attention.remedy =
        "GetFiscalization tells how it goes on; where it waits for a person, look in Vchasno.Kasa and tell "
        "by "
        "ResolveFiscalization.";
  } else {
    attention.message = "it failed, and was neither retried nor replaced";
    attention.remedy = facts.reason ? RemedyOf(*facts.reason) : "GetFiscalization tells why.";
  }
  matters.push_back(std::move(attention));
  return matters;
}

Attention AttentionTo(const ReturnDueFacts& facts) {
  Attention attention;
  attention.code = AttentionCode::kReturnDue;
  attention.severity = AttentionSeverity::kWarning;
  attention.since = facts.since;
  attention.register_fiscal_number = facts.register_fiscal_number;
  attention.integration_id = facts.integration_id;
  attention.source_system = facts.source_system;
  attention.order_id = facts.order_id;
  if (!facts.cancelled) attention.reason = Reason::kReceivedAmountDecreased;
  attention.message = absl::StrCat("order ", facts.order_id,
                                   facts.cancelled ? " was cancelled" : " has less received than before",
                                   ", and ", facts.due.ToDecimal(), " of it is on receipts, or was created");
  attention.remedy = RemedyOf(Reason::kReceivedAmountDecreased);
  return attention;
}

AttentionOrder OrderOf(const Attention& attention) {
  return {-static_cast<int>(attention.severity),
          attention.since,
          static_cast<int>(attention.code),
          attention.register_fiscal_number,
          attention.integration_id,
          attention.fiscalization_id,
          attention.source_system,
          attention.order_id};
}

}  // namespace kasa::domain
