#ifndef KASA_SERVER_VCHASNO_LOGGING_CLIENT_H_
#define KASA_SERVER_VCHASNO_LOGGING_CLIENT_H_

#include <memory>
#include <string>

#include "common/log.h"
#include "server/vchasno/client.h"

namespace kasa::vchasno {

// Logs one line for each request when it has ended: what was asked, how it ended, how long it took. No body,
// no token, no contact. What is in doubt is a warning; what is our own fault is an error. Thread-safe.
//   vchasno.execute     exchange_id, ending, reason, http_status, res, res_action, took, trouble
//   vchasno.status      outcome, ...
//   vchasno.check_task  fiscal_number, answered, ...
//   vchasno.report      outcome, ...
//   vchasno.send_receipt  fiscal_number, channel, outcome, ...; never the recipient
//   vchasno.receipt_page  fiscal_number, answered, ...
class LoggingClient final : public Client {
 public:
  // `logger` outlives the client.
  LoggingClient(std::unique_ptr<Client> client, Logger& logger);

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
  Logger& logger_;
  const std::unique_ptr<Client> client_;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_LOGGING_CLIENT_H_
