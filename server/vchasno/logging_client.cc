#include "server/vchasno/logging_client.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace kasa::vchasno {
namespace {

Severity SeverityOf(const ExecuteAnswer& answer) {
  if (answer.alarm) return Severity::kError;
  return answer.ending == domain::SendEnding::kDone ? Severity::kInfo : Severity::kWarning;
}

std::string TextOf(const std::optional<int64_t>& number) {
  return number ? absl::StrCat(*number) : "";
}

absl::Duration TookOf(const WireRecord& wire) {
  return wire.end_time - wire.start_time;
}

// One line for a page of a listing. A gap may quote what was answered, so it is not logged.
template <typename Answer>
void LogPage(Logger& logger, absl::string_view event, const std::string& shift_id, int page,
             const Answer& answer) {
  const bool whole = answer.outcome == ListingOutcome::kRead && answer.page.gap.empty();
  logger.Log(whole ? Severity::kInfo : Severity::kWarning, event,
             {{"shift", shift_id},
              {"page", page},
              {"outcome", NameOf(answer.outcome)},
              {"understood", whole},
              {"rows", static_cast<int64_t>(answer.page.rows.size())},
              {"http_status", answer.wire.http_status},
              {"took", TookOf(answer.wire)},
              {"trouble", answer.wire.trouble}});
}

}  // namespace

LoggingClient::LoggingClient(std::unique_ptr<Client> client, Logger& logger)
    : logger_(logger), client_(std::move(client)) {}

void LoggingClient::Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) {
  const int64_t exchange_id = permit.exchange_id();
  client_->Execute(std::move(permit), token,
                   [this, exchange_id, done = std::move(done)](ExecuteAnswer answer) mutable {
                     const bool is_done = answer.ending == domain::SendEnding::kDone;
                     logger_.Log(SeverityOf(answer), "vchasno.execute",
                                 {{"exchange_id", exchange_id},
                                  {"ending", domain::NameOf(answer.ending)},
                                  {"reason", is_done ? absl::string_view() : NameOf(answer.reason)},
                                  {"http_status", answer.wire.http_status},
                                  {"res", TextOf(answer.res)},
                                  {"res_action", TextOf(answer.res_action)},
                                  {"took", TookOf(answer.wire)},
                                  {"trouble", answer.wire.trouble}});
                     std::move(done)(std::move(answer));
                   });
}

void LoggingClient::AskStatus(const Secret& token, Done<StatusAnswer> done) {
  client_->AskStatus(token, [this, done = std::move(done)](StatusAnswer answer) mutable {
    const bool answered = answer.outcome == StatusOutcome::kAnswered;
    const auto& upstream = answer.upstream;
    logger_.Log(answered ? Severity::kInfo : Severity::kWarning, "vchasno.status",
                {{"register", answered ? answer.status->fiscal_number : ""},
                 {"outcome", NameOf(answer.outcome)},
                 {"reason", answered ? absl::string_view() : NameOf(answer.reason)},
                 {"http_status", answer.wire.http_status},
                 {"res", upstream ? TextOf(upstream->res) : ""},
                 {"took", TookOf(answer.wire)},
                 {"trouble", answer.wire.trouble}});
    std::move(done)(std::move(answer));
  });
}

void LoggingClient::CheckTask(const Secret& token, const std::string& fiscal_number,
                              std::optional<absl::Duration> timeout, Done<CheckTaskAnswer> done) {
  client_->CheckTask(token, fiscal_number, timeout,
                     [this, fiscal_number, done = std::move(done)](CheckTaskAnswer answer) mutable {
                       logger_.Log(Severity::kInfo, "vchasno.check_task",
                                   {{"fiscal_number", fiscal_number},
                                    {"answered", answer.facts.answered},
                                    {"http_status", answer.wire.http_status},
                                    {"took", TookOf(answer.wire)},
                                    {"trouble", answer.wire.trouble}});
                       std::move(done)(std::move(answer));
                     });
}

void LoggingClient::ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) {
  client_->ListShifts(token, page, [this, page, done = std::move(done)](ShiftsAnswer answer) mutable {
    LogPage(logger_, "vchasno.shifts", "", page, answer);
    std::move(done)(std::move(answer));
  });
}

void LoggingClient::ListChecks(const Secret& token, const std::string& shift_id, int page,
                               Done<ChecksAnswer> done) {
  client_->ListChecks(token, shift_id, page,
                      [this, shift_id, page, done = std::move(done)](ChecksAnswer answer) mutable {
                        LogPage(logger_, "vchasno.checks", shift_id, page, answer);
                        std::move(done)(std::move(answer));
                      });
}

void LoggingClient::AskReport(const Secret& token, Done<ReportAnswer> done) {
  client_->AskReport(token, [this, done = std::move(done)](ReportAnswer answer) mutable {
    const bool answered = answer.outcome == StatusOutcome::kAnswered;
    const auto& upstream = answer.upstream;
    logger_.Log(answered ? Severity::kInfo : Severity::kWarning, "vchasno.report",
                {{"outcome", NameOf(answer.outcome)},
                 {"reason", answered ? absl::string_view() : NameOf(answer.reason)},
                 {"http_status", answer.wire.http_status},
                 {"res", upstream ? TextOf(upstream->res) : ""},
                 {"took", TookOf(answer.wire)},
                 {"trouble", answer.wire.trouble}});
    std::move(done)(std::move(answer));
  });
}

void LoggingClient::SendReceipt(const Secret& token, SendReceiptCommand command,
                                Done<SendReceiptAnswer> done) {
  // Not from the command, which holds the recipient.
  const std::string fiscal_number = command.fiscal_number;
  const domain::SendingChannel channel = command.channel;
  client_->SendReceipt(
      token, std::move(command),
      [this, fiscal_number, channel, done = std::move(done)](SendReceiptAnswer answer) mutable {
        const bool taken = answer.outcome == domain::SendingOutcome::kTaken;
        logger_.Log(taken ? Severity::kInfo : Severity::kWarning, "vchasno.send_receipt",
                    {{"fiscal_number", fiscal_number},
                     {"channel", domain::NameOf(channel)},
                     {"outcome", domain::NameOf(answer.outcome)},
                     {"reason", answer.reason ? NameOf(*answer.reason) : absl::string_view()},
                     {"http_status", answer.wire.http_status},
                     {"took", TookOf(answer.wire)},
                     {"trouble", answer.wire.trouble}});
        std::move(done)(std::move(answer));
      });
}

void LoggingClient::ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                                    Done<ReceiptPageAnswer> done) {
  client_->ReadReceiptPage(fiscal_number, timeout,
                           [this, fiscal_number, done = std::move(done)](ReceiptPageAnswer answer) mutable {
                             logger_.Log(Severity::kInfo, "vchasno.receipt_page",
                                         {{"fiscal_number", fiscal_number},
                                          {"answered", answer.answered},
                                          {"http_status", answer.wire.http_status},
                                          {"took", TookOf(answer.wire)},
                                          {"trouble", answer.wire.trouble}});
                             std::move(done)(std::move(answer));
                           });
}

}  // namespace kasa::vchasno
