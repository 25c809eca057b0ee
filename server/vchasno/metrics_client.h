#ifndef KASA_SERVER_VCHASNO_METRICS_CLIENT_H_
#define KASA_SERVER_VCHASNO_METRICS_CLIENT_H_

#include <memory>
#include <string>

#include "common/clock.h"
#include "common/metrics.h"
#include "server/vchasno/client.h"

namespace kasa::vchasno {

// Counts requests by call and ending, those that are under way too, and measures how long they take.
// Thread-safe.
//   kasa_vchasno_requests_total{call="execute",ending="DOUBT"}
//   kasa_vchasno_request_duration_seconds{call="execute"}
//   kasa_vchasno_requests_in_flight{call="execute"}
class MetricsClient final : public Client {
 public:
  // `metrics` and `clock` outlive the client.
  MetricsClient(std::unique_ptr<Client> client, Metrics& metrics, const Clock& clock);

  void Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) override;
  void AskStatus(const Secret& token, Done<StatusAnswer> done) override;
  void CheckTask(const Secret& token, const std::string& fiscal_number, std::optional<absl::Duration> timeout,
                 Done<CheckTaskAnswer> done) override;
  void ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) override;
  void ListChecks(const Secret& token, const std::string& shift_id, int page,
                  Done<ChecksAnswer> done) override;
  void AskReport(const Secret& token, Done<ReportAnswer> done) override;
  void SendReceipt(const Secret& token, SendReceiptCommand command, Done<SendReceiptAnswer> done) override;
  void ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                       Done<ReceiptPageAnswer> done) override;

 private:
  Gauge& InFlight(const char* call);
  // One request of `call` begins: when, by the monotonic clock.
  absl::Duration Begin(const char* call);
  // Records one request of `call` that began at `start` (monotonic).
  void Record(const char* call, absl::string_view ending, absl::Duration start);

  Metrics& metrics_;
  const Clock& clock_;
  const std::unique_ptr<Client> client_;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_METRICS_CLIENT_H_
