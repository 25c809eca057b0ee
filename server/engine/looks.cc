#include "server/engine/looks.h"

#include <algorithm>
#include <utility>

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

// Of one look; the rest of what can't be explained waits for the next one.
constexpr size_t kMostChecks = 20;

// More receipts of ours than this in the shifts that overlap can't be compared.
constexpr int kMostKnown = 20'000;

// A look that took long is not repeated often: the listings are at rest for so many times as long.
constexpr int kRestAfterLook = 10;

domain::DoubtedReceipt LookedFor(const store::LaneHead& doubted, const domain::Integration& integration,
                                 bool may_be_offline) {
  return {.expected = ExpectedReceiptOf(doubted.fiscalization, integration),
          .row_sum = doubted.fiscalization.draft.sum,
          .first_send = doubted.first_unexplained_send.value_or(doubted.fiscalization.create_time),
          .may_be_offline = may_be_offline};
}

domain::Failure ProvenAbsent(const Finding& finding) {
  return {.reason = Reason::kReceiptProvenAbsent,
          .message = absl::StrCat("the register's listings prove that no receipt was made (",
                                  std::string(domain::NameOf(finding.row)), "): ", finding.words),
          .correction_allowed = true};
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

absl::StatusOr<std::optional<Looks::LostReceipt>> Looks::LostReceiptOf(const Fiscalization& unsettled) {
  if (!unknown_) {
    auto unknown = world_.store.looks().OwnUnknown(register_);
    if (!unknown.ok()) return unknown.status();
    unknown_ = *std::move(unknown);
  }
  if (unknown_->empty()) return std::nullopt;
  const std::vector<std::string> tags = domain::TagsOf(world_.installation, unsettled.key);
  std::optional<LostReceipt> found;
  for (const domain::ListedReceipt& one : *unknown_) {
    const auto tag = std::ranges::find(tags, one.tag);
    if (tag == tags.end() || (found && one.tag != unsettled.tag)) continue;
    found = LostReceipt{.listed = one, .tag_number = static_cast<int>(tag - tags.begin())};
  }
  return found;
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
  const domain::DoubtedReceipt looked_for = LookedFor(doubted, record.integration, may_be_offline);
  const absl::Duration began = world_.clock.Monotonic();
  const Look look = co_await Take(doubted, record, looked_for, question);
  co_await Remember(look);

  History& history = histories_[sought.id];
  // Looks from before the hold time was over prove nothing about what is made until then.
  if (history.attempts != sought.attempts || history.hold_over != question.hold_over) history = History();
  history.attempts = sought.attempts;
  history.hold_over = question.hold_over;
  history.looks.push_back(domain::JudgeLook(look, looked_for));
  // Only a run without gaps counts, and that an earlier one saw the tag.
  constexpr size_t kMostRemembered = 200;
  if (history.looks.size() > kMostRemembered) history.looks.erase(history.looks.begin() + 1);
  const domain::LookRules rules{.apart = world_.settings.looks_apart,
                                .longest_lag = world_.settings.longest_listing_lag};
  history.finding = domain::Conclude(history.looks, question.hold_over, rules);
  PlanNext(history, world_.clock.Monotonic() - began);
  LookOutcome outcome{.finding = history.finding, .settled = std::nullopt};

  const std::string told =
      absl::StrCat(std::string(domain::NameOf(outcome.finding.row)), ": ", outcome.finding.words);
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
  const auto now = world_.store.IntegrationOfRegister(register_);
  const bool same = now.ok() && now->token == record.token && now->integration.id == record.integration.id;
  look.register_verified =
      same && (question.status || now->integration.token_state == domain::TokenState::kAccepted);
  co_return look;
}

absl::StatusOr<bool> Looks::RegisterWentOn(const domain::RegisterStatus& status, int64_t doubts) const {
  const auto newest = world_.store.looks().NewestNumbers(register_);
  if (!newest.ok()) return newest.status();
  const auto elsewhere = [doubts](std::optional<int64_t> told, std::optional<int64_t> known) {
    return told && known && (*told < *known || *told > *known + doubts);
  };
  return elsewhere(status.last_receipt_number, newest->sale) ||
         elsewhere(status.last_return_number, newest->returned);
}

bool Looks::NumbersJump(const std::string& shift, std::optional<int64_t> local_number) {
  const bool comparable = !shift.empty() && shift == last_shift_ && local_number && last_number_;
  const bool jump = comparable && *local_number > *last_number_ + 1;
  last_shift_ = shift;
  last_number_ = local_number;
  return jump;
}

Task<void> Looks::LookAround(const store::IntegrationRecord& record) {
  if (looking_ || world_.clock.Monotonic() < std::max(not_before_, around_not_before_)) co_return;
  looking_ = true;
  const absl::Duration began = world_.clock.Monotonic();
  const absl::Time since = world_.clock.Now();
  Look look;
  const ListingWalk::World walk_world{world_.store, world_.client, world_.executor};
  LookSubject subject{
      .register_fiscal_number = register_, .integration_id = record.integration.id, .token = record.token};
  ListingWalk walk(walk_world, std::move(subject));
  co_await walk.Read(since, look);
  FillInKnown(since, look);
  const domain::DoubtedReceipt nothing;
  const std::vector<std::string> to_check = domain::ToCheck(look, nothing, kMostChecks);
  co_await walk.Check(to_check, look);
  const auto now = world_.store.IntegrationOfRegister(register_);
  look.register_verified = now.ok() && now->token == record.token;
  co_await Remember(look);
  const absl::Duration ended = world_.clock.Monotonic();
  not_before_ = std::max(not_before_, ended + (ended - began) * kRestAfterLook);
  // Nothing hangs on it, so it is not done often; a look for a doubt does not wait for that.
  around_not_before_ = ended + world_.settings.looks_apart;
  looking_ = false;
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
                                    .attempts = doubted.fiscalization.attempts};
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
