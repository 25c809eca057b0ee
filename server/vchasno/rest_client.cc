#include "server/vchasno/rest_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/vchasno/base_url.h"
#include "server/vchasno/listing_reading.h"
#include "server/vchasno/reading.h"
#include "server/vchasno/request.h"

namespace kasa::vchasno {
namespace {

constexpr absl::string_view kExecutePath = "/api/v3/fiscal/execute";
constexpr absl::string_view kCheckTaskPath = "/api/v3/check-task/";
constexpr absl::string_view kShiftsPath = "/api/v3/shifts";
constexpr absl::string_view kChecksPath = "/api/v3/shift/checks";
constexpr absl::string_view kNotificationsPath = "/api/v3/notifications/checks";
constexpr absl::string_view kPagePath = "/c/";

constexpr char kNoHeaderCarriesIt[] =
    "the token is empty, or has characters that no HTTP header can carry; nothing was sent";

// Without a number, or with one that a server would read as a step up, a path would name something else.
bool NamesAReceipt(const std::string& fiscal_number) {
  return fiscal_number.find_first_not_of('.') != std::string::npos;
}

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
  if (consumed.spent() && !KASA_MUTANT("use-a-permit-twice")) {
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
                           std::optional<absl::Duration> timeout, Done<CheckTaskAnswer> done) {
  const std::string path = absl::StrCat(kCheckTaskPath, EscapePathSegment(fiscal_number));
  std::string line = absl::StrCat("GET ", path);
  const bool names_a_receipt = NamesAReceipt(fiscal_number);
  if (!names_a_receipt || !FitsIntoHeader(token)) {
    CheckTaskAnswer answer;
    answer.wire.trouble = names_a_receipt ? kNoHeaderCarriesIt : "no fiscal number";
    AnswerUnsent(std::move(line), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request{HttpMethod::kGet, absl::StrCat(base_url_, path), token, "", timeout};
  transport_->Send(std::move(request),
                   [line = std::move(line), done = std::move(done)](HttpResult result) mutable {
                     CheckTaskAnswer answer = ReadCheckTask(result);
                     answer.wire = RecordOf(std::move(line), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

template <typename Answer, typename Read>
void RestClient::GetPage(const Secret& token, std::string path, Read read, Done<Answer> done) {
  std::string line = absl::StrCat("GET ", path);
  if (!FitsIntoHeader(token)) {
    Answer answer;
    answer.outcome = ListingOutcome::kRefused;
    answer.page.gap = answer.wire.trouble = kNoHeaderCarriesIt;
    AnswerUnsent(std::move(line), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request{HttpMethod::kGet, absl::StrCat(base_url_, path), token, ""};
  transport_->Send(std::move(request), [line = std::move(line), read = std::move(read),
                                        done = std::move(done)](HttpResult result) mutable {
    Answer answer = read(result);
    answer.wire = RecordOf(std::move(line), std::move(result));
    std::move(done)(std::move(answer));
  });
}

void RestClient::ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) {
  std::string path = absl::StrCat(kShiftsPath, "?page_num=", page, "&page_size=", kListingPageSize);
  GetPage(
      token, std::move(path),
      [kyiv = kyiv_, page](const HttpResult& result) { return ReadShifts(result, page, kyiv); },
      std::move(done));
}

void RestClient::ListChecks(const Secret& token, const std::string& shift_id, int page,
                            Done<ChecksAnswer> done) {
  std::string path = absl::StrCat(kChecksPath, "?shift_id=", EscapePathSegment(shift_id), "&page_num=", page,
                                  "&page_size=", kListingPageSize);
  GetPage(
      token, std::move(path),
      [kyiv = kyiv_, page](const HttpResult& result) { return ReadChecks(result, page, kyiv); },
      std::move(done));
}

void RestClient::AskReport(const Secret& token, Done<ReportAnswer> done) {
  std::string body = EncodeReportRequest();
  if (!FitsIntoHeader(token)) {
    ReportAnswer answer;
    answer.outcome = StatusOutcome::kTokenRefused;
    answer.reason = Reason::kTokenRefused;
    answer.message = answer.wire.trouble = kNoHeaderCarriesIt;
    AnswerUnsent(std::move(body), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request = Post(token, body);
  transport_->Send(std::move(request),
                   [body = std::move(body), done = std::move(done)](HttpResult result) mutable {
                     ReportAnswer answer = ReadReport(result);
                     answer.wire = RecordOf(std::move(body), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

void RestClient::SendReceipt(const Secret& token, SendReceiptCommand command, Done<SendReceiptAnswer> done) {
  std::string shown = EncodeSendReceipt(command.fiscal_number, command.channel,
                                        domain::MaskRecipient(command.channel, command.recipient));
  if (!FitsIntoHeader(token)) {
    SendReceiptAnswer answer;
    answer.outcome = domain::SendingOutcome::kRefused;
    answer.reason = Reason::kTokenRefused;
    answer.message = answer.wire.trouble = kNoHeaderCarriesIt;
    AnswerUnsent(std::move(shown), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request{HttpMethod::kPost, absl::StrCat(base_url_, kNotificationsPath), token,
                      EncodeSendReceipt(command.fiscal_number, command.channel, command.recipient)};
  transport_->Send(std::move(request), [shown = std::move(shown), command = std::move(command),
                                        done = std::move(done)](HttpResult result) mutable {
    SendReceiptAnswer answer = ReadSendReceipt(command, result);
    result.body = HideRecipient(result.body, command);
    answer.wire = RecordOf(std::move(shown), std::move(result));
    std::move(done)(std::move(answer));
  });
}

void RestClient::ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                                 Done<ReceiptPageAnswer> done) {
  const std::string path = absl::StrCat(kPagePath, EscapePathSegment(fiscal_number), ".json");
  std::string line = absl::StrCat("GET ", path);
  if (!NamesAReceipt(fiscal_number)) {
    ReceiptPageAnswer answer;
    answer.wire.trouble = "no fiscal number";
    AnswerUnsent(std::move(line), std::move(answer), std::move(done));
    return;
  }
  HttpRequest request{HttpMethod::kGet, absl::StrCat(base_url_, path), Secret(), "", timeout};
  transport_->Send(std::move(request),
                   [line = std::move(line), done = std::move(done)](HttpResult result) mutable {
                     ReceiptPageAnswer answer = vchasno::ReadReceiptPage(result);
                     answer.wire = RecordOf(std::move(line), std::move(result));
                     std::move(done)(std::move(answer));
                   });
}

}  // namespace kasa::vchasno
