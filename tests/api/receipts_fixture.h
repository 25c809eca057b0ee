#ifndef KASA_TESTS_API_RECEIPTS_FIXTURE_H_
#define KASA_TESTS_API_RECEIPTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/api/receipt_handlers.h"
#include "server/engine/executor.h"
#include "tests/engine/engine_on_simulator.h"

// What the tests of ReceiptService's calls share.
namespace kasa::api {

// The handlers over the real engine, store and adapter, against a simulator. Calls wait for their answers.
class Receipts {
 public:
  // Requests time out after 2 s.
  explicit Receipts(engine::EngineOnSimulator::Options options = {});

  // Runs one of the handlers' calls to its answer.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(void (ReceiptHandlers::*handle)(Request, CallContext, Done<Response>),
                                Request request, CallContext context = {}) {
    std::promise<absl::StatusOr<Response>> answered;
    ((*handlers_).*handle)(std::move(request), context, [&answered](absl::StatusOr<Response> response) {
      answered.set_value(std::move(response));
    });
    return answered.get_future().get();
  }

  absl::StatusOr<v1::GetReceiptResponse> Get(const v1::GetReceiptRequest& request) {
    return Call(&ReceiptHandlers::GetReceipt, request);
  }
  absl::StatusOr<v1::ListReceiptsResponse> List(const v1::ListReceiptsRequest& request) {
    return Call(&ReceiptHandlers::ListReceipts, request);
  }
  absl::StatusOr<v1::GetTotalsResponse> Totals(const v1::GetTotalsRequest& request) {
    return Call(&ReceiptHandlers::GetTotals, request);
  }
  absl::StatusOr<v1::SendReceiptResponse> Send(const v1::SendReceiptRequest& request,
                                               absl::Duration within = absl::Seconds(30)) {
    return Call(&ReceiptHandlers::SendReceipt, request, CallContext{.answer_within = within});
  }
  absl::StatusOr<v1::ListReceiptSendingsResponse> Sendings(
      const v1::ListReceiptSendingsRequest& request = {}) {
    return Call(&ReceiptHandlers::ListReceiptSendings, request);
  }

  // Sells for `kopiykas` and returns the receipt.
  domain::Fiscalization Sell(const std::string& document_id, int64_t kopiykas = 4500, int at = 1);

  // As after a crash: the gateway starts again on the same store.
  void CrashAndStart();

  engine::EngineOnSimulator& gateway() { return gateway_; }
  size_t notifications() { return gateway_.cloud().Notifications().size(); }

 private:
  void MakeHandlers();

  engine::EngineOnSimulator gateway_;
  SystemClock clock_;
  engine::ThreadExecutor executor_{1, clock_};
  std::unique_ptr<ReceiptHandlers> handlers_;
};

}  // namespace kasa::api

#endif  // KASA_TESTS_API_RECEIPTS_FIXTURE_H_
