#include "server/vchasno/rest_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/vchasno/base_url.h"
#include "server/vchasno/reading.h"
#include "server/vchasno/request.h"

namespace kasa::vchasno {
namespace {

constexpr absl::string_view kExecutePath = "/api/v3/fiscal/execute";
constexpr absl::string_view kCheckTaskPath = "/api/v3/check-task/";

constexpr char kNoHeaderCarriesIt[] =
    "the token is empty, or has characters that no HTTP header can carry; nothing was sent";

bool FitsIntoHeader(const Secret& token) {
  const std::string& value = token.Reveal();
  return !value.empty() &&
         std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

RestClient::RestClient(std::unique_ptr<Transport> transport, std::string base_url, KyivTime kyiv,
                       const Clock& clock)
    : base_url_(std::move(base_url)), kyiv_(kyiv), clock_(clock), transport_(std::move(transport)) {}

HttpRequest RestClient::Post(const Secret& token, std::string body) const {
  return {HttpMethod::kPost, absl::StrCat(base_url_, kExecutePath), token, std::move(body)};
}

template <typename Answer>
void RestClient::AnswerUnsent(std::string request, Answer answer, Done<Answer> done) {
  answer.wire.start_time = answer.wire.end_time = clock_.Now();
  answer.wire.request = std::move(request);
  transport_->Call(
      [answer = std::move(answer), done = std::move(done)]() mutable { std::move(done)(std::move(answer)); });
}

void RestClient::Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) {
  const domain::SendPermit consumed(std::move(permit));
  std::string body = consumed.body();
  if (consumed.spent()) {
    ExecuteAnswer answer;
    answer.ending = domain::SendEnding::kDoubt;
    answer.reason = Reason::kInternal;
    answer.message = answer.wire.trouble = "a permit was used twice; nothing was sent the second time";
    answer.alarm = true;
    AnswerUnsent(std::move(body), std::move(answer), std::move(done));
    return;
  }
  if (!FitsIntoHeader(token)) {
    ExecuteAnswer answer;
    answer.ending = domain::SendEnding::kTokenRefused;
    answer.reason = Reason::kTokenRefused;
    answer.message = answer.wire.trouble = kNoHeaderCarriesIt;
    AnswerUnsent(std::move(body), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request = Post(token, body);
  transport_->Send(std::move(request),
                   [this, body = std::move(body), done = std::move(done)](HttpResult result) mutable {
                     ExecuteAnswer answer = ReadExecuted(body, result, kyiv_);
                     answer.wire = RecordOf(std::move(body), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

void RestClient::AskStatus(const Secret& token, Done<StatusAnswer> done) {
  std::string body = EncodeStatusRequest();
  if (!FitsIntoHeader(token)) {
    StatusAnswer answer;
    answer.outcome = StatusOutcome::kTokenRefused;
    answer.reason = Reason::kTokenRefused;
    answer.message = answer.wire.trouble = kNoHeaderCarriesIt;
    AnswerUnsent(std::move(body), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request = Post(token, body);
  transport_->Send(std::move(request),
                   [this, body = std::move(body), done = std::move(done)](HttpResult result) mutable {
                     StatusAnswer answer = ReadStatus(result, kyiv_);
                     answer.wire = RecordOf(std::move(body), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

void RestClient::CheckTask(const Secret& token, const std::string& fiscal_number,
                           Done<CheckTaskAnswer> done) {
  const std::string path = absl::StrCat(kCheckTaskPath, EscapePathSegment(fiscal_number));
  std::string line = absl::StrCat("GET ", path);
  // Without a number, or with one that a server would read as a step up, the path would name something else.
  const bool names_a_receipt = fiscal_number.find_first_not_of('.') != std::string::npos;
  if (!names_a_receipt || !FitsIntoHeader(token)) {
    CheckTaskAnswer answer;
    answer.wire.trouble = names_a_receipt ? kNoHeaderCarriesIt : "no fiscal number";
    AnswerUnsent(std::move(line), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request{HttpMethod::kGet, absl::StrCat(base_url_, path), token, ""};
  transport_->Send(std::move(request),
                   [line = std::move(line), done = std::move(done)](HttpResult result) mutable {
                     CheckTaskAnswer answer = ReadCheckTask(result);
                     answer.wire = RecordOf(std::move(line), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

}  // namespace kasa::vchasno
