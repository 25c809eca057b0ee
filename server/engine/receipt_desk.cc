#include "server/engine/receipt_desk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/engine/receipt_desk_impl.h"

// Sending receipts to customers, and the links of receipts.
namespace kasa::engine {

using domain::Sending;
using domain::SendingChannel;
using domain::SendingOutcome;
using vchasno::SendReceiptAnswer;

namespace {

constexpr size_t kMostLookUpsAtOnce = 8;
constexpr size_t kMostLookUpsRemembered = 10'000;

// The audit's word for how a command ended.
domain::SendEnding EndingOf(const SendReceiptAnswer& answer) {
  if (answer.outcome == SendingOutcome::kTaken) return domain::SendEnding::kDone;
  if (answer.outcome != SendingOutcome::kRefused) return domain::SendEnding::kDoubt;
  if (answer.reason == Reason::kTokenRefused) return domain::SendEnding::kTokenRefused;
  if (answer.reason == Reason::kRateLimited) return domain::SendEnding::kThrottled;
  if (answer.reason == Reason::kRegisterUnreachable) return domain::SendEnding::kNeverSent;
  return domain::SendEnding::kRefusedDocument;
}

store::SendingEnd EndOf(const Sending& sending, const SendReceiptAnswer& answer) {
  store::SendingEnd end;
  end.sending_id = sending.id;
  end.outcome = answer.outcome;
  end.reason = answer.reason;
  end.message = answer.message;
  if (answer.wire.http_status != 0 && answer.wire.trouble.empty()) end.answer_time = answer.wire.end_time;
  end.exchange = store::Exchange{.fiscalization_id = sending.fiscalization_id,
                                 .integration_id = sending.integration_id,
                                 .register_fiscal_number = sending.register_fiscal_number,
                                 .kind = store::ExchangeKind::kSendReceipt,
                                 .request = answer.wire.request,
                                 .start_time = answer.wire.start_time,
                                 .end_time = answer.wire.end_time,
                                 .http_status = answer.wire.http_status,
                                 .answer = answer.wire.answer,
                                 .outcome = std::string(domain::NameOf(EndingOf(answer)))};
  return end;
}

}  // namespace

ReceiptDesk::ReceiptDesk(store::Store& store, vchasno::Client& client, Lanes& lanes, Executor& executor,
                         Executor& reads, const Clock& clock, const Settings& settings)
    : executor_(executor),
      impl_(std::make_unique<Impl>(store, client, lanes, executor, reads, clock, settings)) {}

ReceiptDesk::~ReceiptDesk() = default;

void ReceiptDesk::GetTotals(TotalsCall call, Done<TotalsOutcome> done) {
  executor_.Post([this, call = std::move(call), done = std::move(done)]() mutable {
    impl_->Run<TotalsOutcome>(impl_->GetTotals(std::move(call)), std::move(done));
  });
}

void ReceiptDesk::Send(SendReceiptCall call, Done<SendReceiptOutcome> done) {
  executor_.Post([this, call = std::move(call), done = std::move(done)]() mutable {
    impl_->Run<SendReceiptOutcome>(impl_->Send(std::move(call)), std::move(done));
  });
}

void ReceiptDesk::FindStsUrl(const domain::Fiscalization& fiscalization, absl::Duration at_most,
                             Done<std::string> done) {
  executor_.Post([this, id = fiscalization.id, number = fiscalization.receipt->fiscal_number, at_most,
                  done = std::move(done)]() mutable {
    impl_->Run<std::string>(impl_->FindStsUrl(std::move(id), std::move(number), at_most), std::move(done));
  });
}

void ReceiptDesk::Drain() {
  impl_->Drain();
}

bool ReceiptDesk::Idle() const {
  return impl_->Idle();
}

absl::Status ReceiptDesk::Impl::ReadyToSend(const domain::Fiscalization& sent, Secret& token,
                                            std::string& integration_id) {
  if (draining_) {
    return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kShuttingDown,
                                        "the gateway is being stopped: nothing was sent"),
                          absl::Seconds(1));
  }
  const absl::StatusOr<store::StorePause> pause = store_.ReadPause();
  if (!pause.ok()) return pause.status();
  if (pause->paused && !pause->adopted.contains(sent.receipt->register_fiscal_number)) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kStoreCopied,
                         "the store was restored or copied: this may have been sent without its knowledge");
  }
  // Whoever serves the register now: the integration that the receipt went through may be archived.
  const auto record = store_.integrations().OfRegister(sent.receipt->register_fiscal_number);
  if (absl::IsNotFound(record.status())) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kIntegrationArchived,
                         absl::StrCat("no integration serves register ", sent.receipt->register_fiscal_number,
                                      " any more, so there is no token to send with"));
  }
  if (!record.ok()) return record.status();
  if (record->token.empty()) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kTokenMissing,
                         "the integration has no token");
  }
  token = record->token;
  integration_id = record->integration.id;
  return absl::OkStatus();
}

Task<absl::StatusOr<SendReceiptOutcome>> ReceiptDesk::Impl::Send(SendReceiptCall call) {
  const absl::Duration answer_at = clock_.Monotonic() + call.answer_within;
  const auto sent = store_.FindByFiscalNumber(call.fiscal_number, call.register_fiscal_number);
  if (!sent.ok()) co_return sent.status();
  Secret token;
  store::SendingCommand command;
  command.request_id = call.request_id;
  command.fiscalization_id = sent->id;
  command.refusal = ReadyToSend(*sent, token, command.integration_id);
  if (!call.phone.empty()) command.sendings.push_back({SendingChannel::kSms, call.phone});
  if (!call.email.empty()) command.sendings.push_back({SendingChannel::kEmail, call.email});
  const std::vector<store::NewSending> recipients = command.sendings;
  Callback<absl::StatusOr<store::BegunSendings>> beginning(
      executor_, [&](auto done) { store_.receipts().BeginSendings(std::move(command), std::move(done)); });
  absl::StatusOr<store::BegunSendings> begun = co_await beginning;
  if (!begun.ok()) co_return begun.status();
  if (begun->replayed) {
    SendReceiptOutcome replayed;
    replayed.sendings = std::move(begun->sendings);
    replayed.replayed = true;
    co_return replayed;
  }
  const auto batch = std::make_shared<Batch>(executor_);
  batch->sendings = std::move(begun->sendings);
  batch->left = batch->sendings.size();
  for (size_t i = 0; i < batch->sendings.size(); ++i) {
    tasks_.Run(Command(batch, i, token, recipients[i].recipient));
  }
  while (batch->left > 0) {
    const absl::Duration left = answer_at - clock_.Monotonic();
    if (left <= absl::ZeroDuration()) break;
    co_await batch->one_ended.Wait(left);
  }
  SendReceiptOutcome outcome;
  outcome.sendings = batch->sendings;
  co_return outcome;
}

// Commands one sending that is recorded as in flight, and records how that ended.
Task<void> ReceiptDesk::Impl::Command(std::shared_ptr<Batch> batch, size_t at, Secret token,
                                      std::string recipient) {
  ++commands_;
  vchasno::SendReceiptCommand command;
  command.fiscal_number = batch->sendings[at].fiscal_number;
  command.channel = batch->sendings[at].channel;
  command.recipient = std::move(recipient);
  Callback<SendReceiptAnswer> commanding(
      executor_, [&](auto done) { client_.SendReceipt(token, std::move(command), std::move(done)); });
  const SendReceiptAnswer answer = co_await commanding;
  const store::SendingEnd end = EndOf(batch->sendings[at], answer);
  // What was answered must not be lost: it stays here until the store takes it.
  while (true) {
    Callback<absl::StatusOr<Sending>> ending(
        executor_, [&](auto done) { store_.receipts().EndSending(end, std::move(done)); });
    absl::StatusOr<Sending> ended = co_await ending;
    if (ended.ok()) {
      batch->sendings[at] = *std::move(ended);
      break;
    }
    WakeUp pause(executor_);
    co_await pause.Wait(settings_.backoff_first);
  }
  --commands_;
  --batch->left;
  batch->one_ended.Set();
}

Task<absl::StatusOr<std::string>> ReceiptDesk::Impl::FindStsUrl(std::string fiscalization_id,
                                                                std::string fiscal_number,
                                                                absl::Duration at_most) {
  const absl::Duration now = clock_.Monotonic();
  const absl::Duration timeout = std::min(at_most, settings_.sts_look_up_timeout);
  const auto looked_up = looked_up_until_.find(fiscalization_id);
  const bool again_later = looked_up != looked_up_until_.end() && now < looked_up->second;
  if (draining_ || again_later || timeout <= absl::ZeroDuration() ||
      looked_up_now_.size() >= kMostLookUpsAtOnce || looked_up_now_.contains(fiscalization_id)) {
    co_return std::string();
  }
  looked_up_now_.insert(fiscalization_id);
  Callback<vchasno::ReceiptPageAnswer> reading(
      executor_, [&](auto done) { client_.ReadReceiptPage(fiscal_number, timeout, std::move(done)); });
  const vchasno::ReceiptPageAnswer page = co_await reading;
  looked_up_now_.erase(fiscalization_id);
  if (page.sts_url.empty()) {
    if (looked_up_until_.size() >= kMostLookUpsRemembered) looked_up_until_.clear();
    looked_up_until_[fiscalization_id] = clock_.Monotonic() + settings_.sts_look_up_again;
    co_return std::string();
  }
  looked_up_until_.erase(fiscalization_id);
  Callback<absl::StatusOr<bool>> remembering(executor_, [&](auto done) {
    store_.receipts().RememberStsUrl(fiscalization_id, page.sts_url, std::move(done));
  });
  static_cast<void>(co_await remembering);  // what could not be remembered is asked for once more
  co_return page.sts_url;
}

}  // namespace kasa::engine
