#include "server/vchasno/metrics_client.h"

#include <utility>

namespace kasa::vchasno {

MetricsClient::MetricsClient(std::unique_ptr<Client> client, Metrics& metrics, const Clock& clock)
    : metrics_(metrics), clock_(clock), client_(std::move(client)) {}

Gauge& MetricsClient::InFlight(const char* call) {
  return metrics_.GetGauge("kasa_vchasno_requests_in_flight",
                           "Requests to Vchasno.Kasa that have not ended, by call.", {{"call", call}});
}

absl::Duration MetricsClient::Begin(const char* call) {
  InFlight(call).Add(1);
  return clock_.Monotonic();
}

void MetricsClient::Record(const char* call, absl::string_view ending, absl::Duration start) {
  InFlight(call).Add(-1);
  metrics_
      .GetCounter("kasa_vchasno_requests_total", "Requests to Vchasno.Kasa that ended, by call and ending.",
                  {{"call", call}, {"ending", std::string(ending)}})
      .Increment();
  metrics_
      .GetLatency("kasa_vchasno_request_duration_seconds", "How long requests to Vchasno.Kasa took, by call.",
                  {{"call", call}})
      .Record(clock_.Monotonic() - start);
}

void MetricsClient::Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) {
  client_->Execute(std::move(permit), token,
                   [this, start = Begin("execute"), done = std::move(done)](ExecuteAnswer answer) mutable {
                     Record("execute", domain::NameOf(answer.ending), start);
                     std::move(done)(std::move(answer));
                   });
}

void MetricsClient::AskStatus(const Secret& token, Done<StatusAnswer> done) {
  client_->AskStatus(token,
                     [this, start = Begin("status"), done = std::move(done)](StatusAnswer answer) mutable {
                       Record("status", NameOf(answer.outcome), start);
                       std::move(done)(std::move(answer));
                     });
}

void MetricsClient::CheckTask(const Secret& token, const std::string& fiscal_number,
                              std::optional<absl::Duration> timeout, Done<CheckTaskAnswer> done) {
  client_->CheckTask(
      token, fiscal_number, timeout,
      [this, start = Begin("check_task"), done = std::move(done)](CheckTaskAnswer answer) mutable {
        Record("check_task", answer.facts.answered ? "ANSWERED" : "NOT_ANSWERED", start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) {
  client_->ListShifts(token, page,
                      [this, start = Begin("shifts"), done = std::move(done)](ShiftsAnswer answer) mutable {
                        Record("shifts", NameOf(answer.outcome), start);
                        std::move(done)(std::move(answer));
                      });
}

void MetricsClient::ListChecks(const Secret& token, const std::string& shift_id, int page,
                               Done<ChecksAnswer> done) {
  client_->ListChecks(token, shift_id, page,
                      [this, start = Begin("checks"), done = std::move(done)](ChecksAnswer answer) mutable {
                        Record("checks", NameOf(answer.outcome), start);
                        std::move(done)(std::move(answer));
                      });
}

void MetricsClient::AskReport(const Secret& token, Done<ReportAnswer> done) {
  client_->AskReport(token,
                     [this, start = Begin("report"), done = std::move(done)](ReportAnswer answer) mutable {
                       Record("report", NameOf(answer.outcome), start);
                       std::move(done)(std::move(answer));
                     });
}

void MetricsClient::SendReceipt(const Secret& token, SendReceiptCommand command,
                                Done<SendReceiptAnswer> done) {
  client_->SendReceipt(
      token, std::move(command),
      [this, start = Begin("send_receipt"), done = std::move(done)](SendReceiptAnswer answer) mutable {
        Record("send_receipt", domain::NameOf(answer.outcome), start);
        std::move(done)(std::move(answer));
      });
}

void MetricsClient::ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                                    Done<ReceiptPageAnswer> done) {
  client_->ReadReceiptPage(
      fiscal_number, timeout,
      [this, start = Begin("receipt_page"), done = std::move(done)](ReceiptPageAnswer answer) mutable {
        Record("receipt_page", answer.answered ? "ANSWERED" : "NOT_ANSWERED", start);
        std::move(done)(std::move(answer));
      });
}

}  // namespace kasa::vchasno
