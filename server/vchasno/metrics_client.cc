#include "server/vchasno/metrics_client.h"

#include <utility>

namespace kasa::vchasno {

MetricsClient::MetricsClient(std::unique_ptr<Client> client, Metrics& metrics, const Clock& clock)
    : metrics_(metrics), clock_(clock), client_(std::move(client)) {}

void MetricsClient::Record(const char* call, absl::string_view ending, absl::Duration start) {
  metrics_
      .GetCounter("kasa_vchasno_requests_total", "Requests to Vchasno.Kasa that ended, by call and ending.",
                  {{"call", call}, {"ending", std::string(ending)}})
      .Increment();
  metrics_
      .GetLatency("kasa_vchasno_request_seconds", "How long requests to Vchasno.Kasa took.", {{"call", call}})
      .Record(clock_.Monotonic() - start);
}

void MetricsClient::Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) {
  client_->Execute(std::move(permit), token,
                   [this, start = clock_.Monotonic(), done = std::move(done)](ExecuteAnswer answer) mutable {
                     Record("execute", domain::NameOf(answer.ending), start);
                     std::move(done)(std::move(answer));
                   });
}

void MetricsClient::AskStatus(const Secret& token, Done<StatusAnswer> done) {
  client_->AskStatus(token,
                     [this, start = clock_.Monotonic(), done = std::move(done)](StatusAnswer answer) mutable {
                       Record("status", NameOf(answer.outcome), start);
                       std::move(done)(std::move(answer));
                     });
}

void MetricsClient::CheckTask(const Secret& token, const std::string& fiscal_number,
                              Done<CheckTaskAnswer> done) {
  client_->CheckTask(
      token, fiscal_number,
      [this, start = clock_.Monotonic(), done = std::move(done)](CheckTaskAnswer answer) mutable {
        Record("check_task", answer.facts.answered ? "ANSWERED" : "NOT_ANSWERED", start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) {
  client_->ListShifts(
      token, page, [this, start = clock_.Monotonic(), done = std::move(done)](ShiftsAnswer answer) mutable {
        Record("shifts", NameOf(answer.outcome), start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::ListChecks(const Secret& token, const std::string& shift_id, int page,
                               Done<ChecksAnswer> done) {
  client_->ListChecks(
      token, shift_id, page,
      [this, start = clock_.Monotonic(), done = std::move(done)](ChecksAnswer answer) mutable {
        Record("checks", NameOf(answer.outcome), start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::AskReport(const Secret& token, Done<ReportAnswer> done) {
  client_->AskReport(token,
                     [this, start = clock_.Monotonic(), done = std::move(done)](ReportAnswer answer) mutable {
                       Record("report", NameOf(answer.outcome), start);
                       std::move(done)(std::move(answer));
                     });
}

void MetricsClient::SendReceipt(const Secret& token, SendReceiptCommand command,
                                Done<SendReceiptAnswer> done) {
  client_->SendReceipt(
      token, std::move(command),
      [this, start = clock_.Monotonic(), done = std::move(done)](SendReceiptAnswer answer) mutable {
        Record("send_receipt", domain::NameOf(answer.outcome), start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                                    Done<ReceiptPageAnswer> done) {
  client_->ReadReceiptPage(
      fiscal_number, timeout,
      [this, start = clock_.Monotonic(), done = std::move(done)](ReceiptPageAnswer answer) mutable {
        Record("receipt_page", answer.answered ? "ANSWERED" : "NOT_ANSWERED", start);
        std::move(done)(std::move(answer));
      });
}

}  // namespace kasa::vchasno
