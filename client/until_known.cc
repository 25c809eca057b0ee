#include "client/until_known.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/deadlines.h"
#include "kasa/client/error.h"

namespace kasa::client::internal {
namespace {

using v1::FiscalizeSaleRequest;
using v1::FiscalizeSaleResponse;
using v1::GetFiscalizationRequest;

bool IsSettled(v1::FiscalizationState state) {
  return state == v1::FISCALIZATION_STATE_FISCALIZED || state == v1::FISCALIZATION_STATE_FAILED ||
         state == v1::FISCALIZATION_STATE_CANCELLED;
}

// Whether an error that is not the gateway's own would be the same next time: the other end is not a gateway,
// or lets us not through to one.
bool IsPointlessToRepeat(absl::StatusCode code) {
  return code == absl::StatusCode::kUnimplemented || code == absl::StatusCode::kUnauthenticated ||
         code == absl::StatusCode::kPermissionDenied || code == absl::StatusCode::kInvalidArgument ||
         code == absl::StatusCode::kNotFound;
}

bool AsksToTryAgain(const Error& error) {
  return error.retry_delay.has_value() || error.code == absl::StatusCode::kUnavailable;
}

class Repeating {
 public:
  Repeating(FiscalizeSaleRequest request, absl::Duration give_up_after, const ClientOptions& options,
            TimeSource& time, const SaleCalls& calls)
      : request_(std::move(request)),
        options_(options),
        time_(time),
        calls_(calls),
        end_(time.Monotonic() + give_up_after),
        pause_(options.first_pause) {}

  absl::StatusOr<FiscalizeSaleResponse> Run() {
    for (;;) {
      const absl::Duration started = time_.Monotonic();
      absl::StatusOr<FiscalizeSaleResponse> answer = Send();
      absl::Duration asked_pause;
      if (answer.ok()) {
        if (IsSettled(answer->fiscalization().state())) return answer;
        accepted_ = *std::move(answer);
        // The gateway has waited with us, so there is no need to wait more; unless it answered at once.
        if (time_.Monotonic() - started >= options_.first_pause) {
          pause_ = options_.first_pause;
          if (Left() > absl::ZeroDuration()) continue;
          return GiveUp();
        }
      } else {
        last_ = answer.status();
        const Error error = *ErrorFrom(last_);
        if (error.stored_nothing()) {
          if (!AsksToTryAgain(error) && IsFinal(error)) return last_;
        } else {
          if (IsPointlessToRepeat(error.code)) return last_;
          maybe_stored_ = true;
        }
        asked_pause = error.retry_delay.value_or(absl::ZeroDuration());
      }
      const absl::Duration pause = std::max(asked_pause, NextPause());
      if (pause >= Left()) return GiveUp();
      time_.Sleep(pause);
    }
  }

 private:
  absl::Duration Left() { return end_ - time_.Monotonic(); }

  absl::StatusOr<FiscalizeSaleResponse> Send() {
    const absl::Duration left = Left();
    // Near the end the way there and back gets half of what is left.
    const absl::Duration way = std::min(options_.margin, left / 2);
    const absl::Duration wait = std::min(left - way, kLongestMaxWait);
    *request_.mutable_max_wait() = ToProto(wait);
    return calls_.fiscalize(request_, std::min(wait + options_.margin, left));
  }

  // Whether a refusal is the outcome. What a try before may have stored is not undone by it: then the
  // document is looked up. When something is there, the next try is answered with it.
  bool IsFinal(const Error& refusal) {
    if (!accepted_ && !maybe_stored_) return true;
    // This refusal was decided against what is stored.
    if (refusal.reason == "DOCUMENT_CONTENT_DIFFERS") return true;
    GetFiscalizationRequest look;
    look.mutable_document()->set_kind(v1::DOCUMENT_KIND_SALE);
    look.mutable_document()->set_document_id(request_.document_id());
    look.mutable_document()->set_source_system(request_.source_system());
    const auto found = calls_.look(look, std::min(options_.timeout, Left()));
    const std::optional<Error> error = ErrorFrom(found.status());
    return error && error->stored_nothing() && error->code == absl::StatusCode::kNotFound;
  }

  // Doubles each time; drawn between half of it and the whole, so that many callers do not come at once.
  absl::Duration NextPause() {
    const absl::Duration drawn = pause_ * (0.5 + 0.5 * time_.Chance());
    pause_ = std::min(pause_ * 2, options_.longest_pause);
    return drawn;
  }

  absl::StatusOr<FiscalizeSaleResponse> GiveUp() {
    if (accepted_) return *accepted_;
    if (!maybe_stored_) return last_;
    // Without the gateway's ErrorInfo, even if the last try had it: an earlier one may have stored the
    // document.
    return absl::DeadlineExceededError(
        absl::StrCat("document ", request_.document_id(),
                     ": the outcome is not known; send the same document again, or ask for it. The last try "
                     "ended with ",
                     last_.ToString(absl::StatusToStringMode::kWithNoExtraData)));
  }

  FiscalizeSaleRequest request_;
  const ClientOptions& options_;
  TimeSource& time_;
  const SaleCalls& calls_;
  const absl::Duration end_;
  absl::Duration pause_;
  // The last answer, whose state was not settled yet.
  std::optional<FiscalizeSaleResponse> accepted_;
  bool maybe_stored_ = false;
  absl::Status last_;
};

}  // namespace

absl::StatusOr<FiscalizeSaleResponse> FiscalizeUntilKnown(FiscalizeSaleRequest request,
                                                          absl::Duration give_up_after,
                                                          const ClientOptions& options, TimeSource& time,
                                                          const SaleCalls& calls) {
  if (request.validate_only()) {
    return absl::InvalidArgumentError("validate_only stores nothing, so there is nothing to repeat");
  }
  if (give_up_after <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("give_up_after must be more than 0");
  }
  return Repeating(std::move(request), give_up_after, options, time, calls).Run();
}

}  // namespace kasa::client::internal
