#ifndef KASA_SERVER_ENGINE_RECEIPT_DESK_IMPL_H_
#define KASA_SERVER_ENGINE_RECEIPT_DESK_IMPL_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/receipt_desk.h"
#include "server/engine/task.h"
#include "server/engine/task_set.h"

// The inside of the receipt desk: one coroutine a call, on the engine's thread; only adding up runs
// elsewhere.
namespace kasa::engine {

class ReceiptDesk::Impl {
 public:
  Impl(store::Store& store, vchasno::Client& client, Lanes& lanes, Executor& executor, Executor& reads,
       const Clock& clock, const Settings& settings)
      : store_(store),
        client_(client),
        lanes_(lanes),
        executor_(executor),
        reads_(reads),
        clock_(clock),
        settings_(settings),
        tasks_(executor) {}

  // Runs one call to its end and hands its outcome over.
  template <typename T>
  void Run(Task<absl::StatusOr<T>> work, Done<T> done) {
    tasks_.Run(Answer<T>(std::move(work), std::move(done)));
  }

  // receipt_desk_totals.cc
  Task<absl::StatusOr<TotalsOutcome>> GetTotals(TotalsCall call);

  // receipt_desk.cc
  Task<absl::StatusOr<SendReceiptOutcome>> Send(SendReceiptCall call);
  Task<absl::StatusOr<std::string>> FindStsUrl(std::string fiscalization_id, std::string fiscal_number,
                                               absl::Duration at_most);

  void Drain() { draining_ = true; }
  bool Idle() const { return commands_ == 0; }

 private:
  // What a run of receipts adds up to so far.
  struct Sum {
    store::TotalsFilter filter;
    domain::Totals totals;
    int64_t in_doubt = 0;
    int64_t without_shift = 0;
    std::optional<store::ReceiptPosition> after;
  };
  // The sendings of one call, while they are commanded.
  struct Batch {
    explicit Batch(Executor& executor) : one_ended(executor) {}
    std::vector<domain::Sending> sendings;
    size_t left = 0;
    WakeUp one_ended;
  };

  template <typename T>
  static Task<void> Answer(Task<absl::StatusOr<T>> work, Done<T> done) {
    absl::StatusOr<T> outcome = co_await work;
    std::move(done)(std::move(outcome));
  }

  // receipt_desk_totals.cc. What is taken by reference lives in the frame of the coroutine that waits.
  Task<absl::StatusOr<Sum>> AddUp(const store::TotalsFilter& filter);
  void AddUpOnePart(std::shared_ptr<Sum> sum, Done<Sum> done);
  Task<absl::StatusOr<TotalsOutcome>> Compare(const TotalsCall& call);
  Task<std::unique_ptr<LaneHold>> WaitForWire(std::string register_fiscal_number, absl::Duration at_most);
  Task<absl::StatusOr<domain::RegisterStatus>> AskStatus(LaneHold& wire,
                                                         const store::IntegrationRecord& record);
  Task<absl::StatusOr<domain::RegisterReport>> AskReport(LaneHold& wire,
                                                         const store::IntegrationRecord& record);
  Task<absl::StatusOr<Sum>> AddUpShift(std::string register_fiscal_number, std::optional<absl::Time> opened,
                                       std::string shift_number);

  // receipt_desk.cc
  // Why a new sending can't be commanded; OK when it can, with `token` and `integration_id` set.
  absl::Status ReadyToSend(const domain::Fiscalization& sent, Secret& token, std::string& integration_id);
  Task<void> Command(std::shared_ptr<Batch> batch, size_t at, Secret token, std::string recipient);

  store::Store& store_;
  vchasno::Client& client_;
  Lanes& lanes_;
  Executor& executor_;
  Executor& reads_;
  const Clock& clock_;
  const Settings settings_;
  bool draining_ = false;
  int commands_ = 0;                                       // on the wire, or not stored yet
  std::set<std::string> looked_up_now_;                    // fiscalizations whose page is being read
  std::map<std::string, absl::Duration> looked_up_until_;  // until when (monotonic) not to be asked again
  TaskSet tasks_;                                          // last: tasks refer to all of the above
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_RECEIPT_DESK_IMPL_H_
