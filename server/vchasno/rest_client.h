#ifndef KASA_SERVER_VCHASNO_REST_CLIENT_H_
#define KASA_SERVER_VCHASNO_REST_CLIENT_H_

#include <memory>
#include <string>

#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/vchasno/client.h"
#include "server/vchasno/transport.h"

namespace kasa::vchasno {

// Client over Vchasno.Kasa's REST API: makes the HTTP requests, and reads the answers by the answer table.
// Thread-safe.
class RestClient final : public Client {
 public:
  // `base_url` as CheckBaseUrl returned it. `clock` outlives the client. Its destructor ends what is in
  // flight as the transport's does.
  RestClient(std::unique_ptr<Transport> transport, std::string base_url, KyivTime kyiv, const Clock& clock);

  // A spent permit sends nothing and ends in doubt: the request that it stood for may have been sent. A token
  // that no HTTP header can carry is refused here, as the register would.
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
  HttpRequest Post(const Secret& token, std::string body) const;
  // One GET of a page; `read` makes the answer of what came.
  template <typename Answer, typename Read>
  void GetPage(const Secret& token, std::string path, Read read, Done<Answer> done);
  // Answers without a request, from the transport's thread as always.
  template <typename Answer>
  void AnswerUnsent(std::string request, Answer answer, Done<Answer> done);

  const std::string base_url_;
  const KyivTime kyiv_;
  const Clock& clock_;
  const std::unique_ptr<Transport> transport_;  // last: its callbacks use the rest
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_REST_CLIENT_H_
