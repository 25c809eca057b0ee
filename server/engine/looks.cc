#include "server/engine/looks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/adoption.h"
#include "server/engine/unknown_receipts.h"
#include "server/vchasno/request.h"

namespace kasa::engine {

using domain::DoubtRow;
using domain::DoubtVerdict;
using domain::Finding;
using domain::Fiscalization;
using domain::Look;

namespace {

// More receipts of ours than this in the shifts that overlap can't be compared.
constexpr int kMostKnown = 20'000;

domain::DoubtedReceipt LookedFor(const store::LaneHead& doubted, const domain::Integration& integration,
                                 bool may_be_offline, absl::Time now) {
  const absl::Time dated = doubted.first_unexplained_send.value_or(doubted.fiscalization.create_time);
  return {.expected = ExpectedReceiptOf(doubted.fiscalization, integration),
          .row_sum = doubted.fiscalization.draft.sum,
          // Dated later than now, it was sent before somebody set the clock back.
          .first_send = std::min(dated, now),
          .may_be_offline = may_be_offline};
}

// Whether the register may have gone offline, or back, since the send: which value of its online_status means
// what is not known, so any other one than before may. What it tells where nothing was told before, too.
bool OnlineMayHaveChanged(const std::optional<StatusRead>& read, const store::IntegrationRecord& before,
                          absl::Time sent) {
  std::optional<int> known;
  if (before.last_status) known = before.last_status->online_raw;
  const std::optional<int> told = read ? read->status.online_raw : known;
  if (!told) return false;
  return told != known || !before.online_since || *before.online_since > sent;
}

domain::Failure ProvenAbsent(const Finding& finding) {
  return {.reason = Reason::kReceiptProvenAbsent,
          .message = absl::StrCat("the register's listings prove that no receipt was made (",
                                  std::string(domain::NameOf(finding.row)), "): ", finding.words),
          .correction_allowed = true};
}

// In the words of a look that is kept for people and for the next process.
constexpr absl::string_view kObjected = "what the register has counted is not all listed";

std::optional<domain::LookJudgement> ObjectionToldBefore(const Fiscalization& sought, absl::Duration now) {
  if (!sought.doubt || !absl::StrContains(sought.doubt->last_finding, kObjected)) return std::nullopt;
  domain::LookJudgement objection;
  objection.made = now;
  objection.row = DoubtRow::kLastNumberDiffers;
  objection.words = std::string(kObjected);
  return objection;
}

bool IsUnread(DoubtRow row) {
  return row == DoubtRow::kPageNotRead || row == DoubtRow::kRowNotUnderstood ||
         row == DoubtRow::kPagesIncomplete;
}

}  // namespace

domain::ExpectedReceipt ExpectedReceiptOf(const Fiscalization& sent, const domain::Integration& integration) {
  return {.tag = sent.tag,
          .task = sent.key.kind == domain::DocumentKind::kReturn ? vchasno::kTaskReturn : vchasno::kTaskSale,
          .register_fiscal_number = sent.register_fiscal_number,
          .mode = integration.pinned_register ? integration.pinned_register->mode : sent.key.mode,
          .due = sent.draft.due};
}

Looks::Looks(std::string register_fiscal_number, World world)
    : register_(std::move(register_fiscal_number)), world_(std::move(world)) {}

bool Looks::Due(const std::string& fiscalization_id) const {
  return DueIn(fiscalization_id) <= absl::ZeroDuration();
}

absl::Duration Looks::DueIn(const std::string& fiscalization_id) const {
  absl::Duration due = not_before_;
  const auto history = histories_.find(fiscalization_id);
  if (history != histories_.end()) due = std::max(due, history->second.next);
  const absl::Duration least = looking_ ? world_.settings.backoff_first : absl::ZeroDuration();
  return std::max(due - world_.clock.Monotonic(), least);
}

std::optional<Finding> Looks::LastFinding(const std::string& fiscalization_id) const {
  const auto history = histories_.find(fiscalization_id);
  if (history == histories_.end() || history->second.looks.empty()) return std::nullopt;
  return history->second.finding;
}

absl::StatusOr<std::optional<domain::LostReceipt>> Looks::LostReceiptOf(const Fiscalization& unsettled) {
  if (!unknown_) {
    auto unknown = world_.store.looks().OwnUnknown(register_);
    if (!unknown.ok()) return unknown.status();
    unknown_ = *std::move(unknown);
  }
  return domain::LostReceiptOf(world_.installation, unsettled, *unknown_);
}

void Looks::Changed() {
  not_before_ = absl::ZeroDuration();
  unread_in_a_row_ = 0;
  for (auto& [id, history] : histories_) {
    history.unknown_in_a_row = 0;
    if (history.finding.verdict() != DoubtVerdict::kNotYet) history.next = absl::ZeroDuration();
  }
}

Task<LookOutcome> Looks::LookFor(const store::LaneHead& doubted, const store::IntegrationRecord& record,
                                 const Question& question) {
  looking_ = true;
  const Fiscalization& sought = doubted.fiscalization;
  const auto memory = world_.store.GetRegisterMemory(register_);
  const bool may_be_offline = !memory.ok() || memory->offline.has_value();
  domain::DoubtedReceipt looked_for =
      LookedFor(doubted, record.integration, may_be_offline, world_.clock.Now());
  // What it made offline may be this very receipt, and the first one.
  if (OnlineMayHaveChanged(question.status, record, looked_for.first_send)) looked_for.may_be_offline = true;
  const absl::Duration began = world_.clock.Monotonic();
  const Look look = co_await Take(doubted, record, looked_for, question);
  co_await Remember(look);

  History& history = HistoryFor(sought, question.hold_over);
  domain::Remember(domain::JudgeLook(look, looked_for), history.looks);
  const domain::LookRules rules{.apart = world_.settings.looks_apart,
                                .longest_lag = world_.settings.longest_listing_lag};
  history.finding = domain::Conclude(history.looks, question.hold_over, rules);
  PlanNext(history, world_.clock.Monotonic() - began);
  LookOutcome outcome{.finding = history.finding, .settled = std::nullopt};

  std::string told =
      absl::StrCat(std::string(domain::NameOf(outcome.finding.row)), ": ", outcome.finding.words);
  // Whatever the look itself saw: HistoryFor() reads it after a start.
  if (domain::ObjectionByNumber(history.looks) != nullptr) absl::StrAppend(&told, "; ", kObjected);
  world_.logger.Log(Severity::kInfo, "doubt.looked",
                    {{"register", register_},
                     {"fiscalization", sought.id},
                     {"row", domain::NameOf(outcome.finding.row)},
                     {"took", world_.clock.Monotonic() - began}});
  const absl::Time now = world_.clock.Now();
  Callback<absl::StatusOr<bool>> noted(world_.executor, [&](auto done) {
    world_.store.looks().NoteLook(sought.id, told, now, std::move(done));
  });
  static_cast<void>(co_await noted);  // shown to people; what the look proved is settled below all the same
  outcome.settled = co_await Settle(doubted, outcome.finding, question, looked_for.expected);
  if (outcome.settled) histories_.erase(sought.id);
  looking_ = false;
  co_return outcome;
}

Looks::History& Looks::HistoryFor(const Fiscalization& sought, bool hold_over) {
  const auto [place, is_new] = histories_.try_emplace(sought.id);
  History& history = place->second;
  const bool sent_since = !is_new && (history.attempts != sought.attempts || history.tag != sought.tag);
  std::optional<domain::LookJudgement> objection;
  if (is_new) {
    // Looks of the process before are gone but for the words of the last one. That the register counts a
    // receipt which it does not list must not be among what is lost.
    objection = ObjectionToldBefore(sought, world_.clock.Monotonic());
  } else if (!sent_since) {
    const domain::LookJudgement* const earlier = domain::ObjectionByNumber(history.looks);
    if (earlier != nullptr) objection = *earlier;
  }
  // Looks from before the hold time was over prove nothing about what is made until then.
  if (is_new || sent_since || history.hold_over != hold_over) {
    history = History{.attempts = sought.attempts, .tag = sought.tag, .hold_over = hold_over};
    if (objection) history.looks.push_back(*std::move(objection));
  }
  return history;
}

Task<Look> Looks::Take(const store::LaneHead& doubted, const store::IntegrationRecord& record,
                       const domain::DoubtedReceipt& looked_for, const Question& question) {
  const Fiscalization& sought = doubted.fiscalization;
  Look look;
  look.made = world_.clock.Monotonic();
  if (question.status) {
    look.status = question.status->status;
    look.status_read_time = question.status->time;
  }
  const ListingWalk::World walk_world{world_.store, world_.client, world_.executor};
  LookSubject subject{.register_fiscal_number = register_,
                      .integration_id = record.integration.id,
                      .fiscalization_id = sought.id,
                      .tag = sought.tag,
                      .token = record.token};
  ListingWalk walk(walk_world, std::move(subject));
  const absl::Time since = looked_for.first_send;
  co_await walk.Read(since, look);
  if (!look.gap) look.gap = GapInOpenings(look);
  FillInKnown(since, look);
  const std::vector<std::string> to_check = domain::ToCheck(look, looked_for, kMostChecks);
  co_await walk.Check(to_check, look);
  asked_to_wait_ = walk.retry_after();
  // All requests bore one token. It must still be the register's: what another register says is void. Where
  // no status was read with the look, the register must have named itself under this token before.
  const auto now = world_.store.integrations().OfRegister(register_);
  const bool same = now.ok() && now->token == record.token && now->integration.id == record.integration.id;
  look.register_verified =
      same && (question.status || now->integration.token_state == domain::TokenState::kAccepted);
  co_return look;
}

void Looks::FillInKnown(absl::Time since, Look& look) const {
  absl::Time from = since;
  std::vector<std::string> listed;
  for (const domain::ShiftDocuments& shift : look.documents) {
    if (shift.shift.opened) from = std::min(from, *shift.shift.opened);
    for (const domain::ListedReceipt& row : shift.rows) {
      if (!row.fiscal_number.empty()) listed.push_back(row.fiscal_number);
    }
  }
  auto known = world_.store.looks().KnownReceipts(register_, from, listed, kMostKnown);
  if (!known.ok()) {
    if (!look.gap) {
      look.gap = domain::LookGap{DoubtRow::kPagesIncomplete,
                                 absl::StrCat("the store: ", std::string(known.status().message()))};
    }
    return;
  }
  for (domain::KnownReceipt& one : *known) {
    const std::string fiscal_number = one.fiscal_number;
    look.known[fiscal_number] = std::move(one);
  }
}

Task<std::optional<Fiscalization>> Looks::Settle(const store::LaneHead& doubted, const Finding& finding,
                                                 const Question& question,
                                                 const domain::ExpectedReceipt& expected) {
  const DoubtVerdict verdict = finding.verdict();
  const bool absent = verdict == DoubtVerdict::kAbsent && question.absence_settles;
  if (!question.settles) co_return std::nullopt;
  if (verdict != DoubtVerdict::kFound && !absent) co_return std::nullopt;
  store::DoubtSettlement settlement{.fiscalization_id = doubted.fiscalization.id,
                                    .attempts = doubted.fiscalization.attempts,
                                    .sought = store::SoughtFor(doubted.fiscalization)};
  if (absent) {
    settlement.to = question.give_up ? domain::State::kFailed : domain::State::kAccepted;
    if (question.give_up) settlement.failure = ProvenAbsent(finding);
  } else {
    settlement.receipt = domain::Adopt(finding.facts, expected);
    settlement.sent_to = vchasno::ContactsIn(doubted.request_body);
  }
  Callback<absl::StatusOr<Fiscalization>> settling(
      world_.executor, [&](auto done) { world_.store.looks().SettleDoubt(settlement, std::move(done)); });
  absl::StatusOr<Fiscalization> settled = co_await settling;
  // What the store does not take now, it takes after the next look, which sees the same.
  if (!settled.ok()) {
    world_.logger.Log(Severity::kWarning, "doubt.not_settled",
                      {{"register", register_},
                       {"fiscalization", doubted.fiscalization.id},
                       {"error", std::string(settled.status().message())}});
    co_return std::nullopt;
  }
  co_return *std::move(settled);
}

Task<void> Looks::Remember(const Look& look) {
  if (!look.register_verified) co_return;
  absl::StatusOr<UnknownReceiptsSeen> seen =
      UnknownReceiptsIn(look, world_.store.looks(), world_.installation, register_);
  if (!seen.ok() || seen->receipts.empty()) co_return;  // the next look sees the same
  const absl::Time now = world_.clock.Now();
  Callback<absl::StatusOr<bool>> remembered(world_.executor, [&](auto done) {
    world_.store.looks().RememberUnknown(register_, std::move(seen->receipts), now, std::move(done));
  });
  const absl::StatusOr<bool> lost_history = co_await remembered;
  unknown_.reset();
  if (lost_history.ok() && *lost_history) world_.lost_history_seen(register_);
}

void Looks::PlanNext(History& history, absl::Duration took) {
  const absl::Duration now = world_.clock.Monotonic();
  const auto doubled = [this](absl::Duration first, int times) {
    for (int i = 0; i < times && first < world_.settings.backoff_most; ++i) first *= 2;
    return std::min(first, world_.settings.backoff_most);
  };
  const bool unread = IsUnread(history.finding.row);
  unread_in_a_row_ = unread ? unread_in_a_row_ + 1 : 0;
  not_before_ = now + took * kRestAfterLook;
  if (unread)
    not_before_ = std::max(not_before_, now + doubled(world_.settings.backoff_first, unread_in_a_row_ - 1));
  if (asked_to_wait_) not_before_ = std::max(not_before_, now + *asked_to_wait_);
  if (history.finding.look_at) {
    history.unknown_in_a_row = 0;
    history.next = *history.finding.look_at;
    return;
  }
  history.next = now + doubled(world_.settings.looks_apart, history.unknown_in_a_row++);
}

}  // namespace kasa::engine
