#ifndef KASA_SERVER_ENGINE_FISCALIZATION_CALLS_H_
#define KASA_SERVER_ENGINE_FISCALIZATION_CALLS_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "server/engine/document_intake.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/engine/lanes.h"
#include "server/engine/outcome_board.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/engine/task_set.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What callers may do, put together from intake, store, lanes and the outcome board. Everything given must
// outlive it.
class FiscalizationCalls final : public Fiscalizer {
 public:
  struct Parts {
    store::Store& store;
    vchasno::Client& client;
    Executor& lane_executor;
    Executor& work_executor;
    const Clock& clock;
    Lanes& lanes;
    OutcomeBoard& board;
    domain::InstallationId installation;
    Settings settings;
  };

  FiscalizationCalls(Parts parts, DocumentIntake intake);

  void Fiscalize(DocumentRequest request, Done<FiscalizeOutcome> done) override;
  void Get(FiscalizationQuery query, Done<domain::Fiscalization> done) override;
  void Retry(RetryRequest request, Done<FiscalizeOutcome> done) override;
  void Cancel(std::string fiscalization_id, std::optional<int64_t> revision,
              Done<domain::Fiscalization> done) override;
  void Resolve(ResolveRequest request, Done<domain::Fiscalization> done) override;

  // From now on new work is refused, and whoever waits is answered with the state so far.
  void Drain();

 private:
  // What the register told about a receipt made elsewhere, when it was asked.
  using Told = std::optional<vchasno::CheckTaskAnswer>;
  using Heard = absl::AnyInvocable<void(Told) &&>;

  // Until when a caller waits, by the monotonic clock. Taken when the call comes in: whatever the call waits
  // for inside counts.
  struct Patience {
    absl::Duration answer_at;  // for the outcome: as max_wait says, and not longer than the call lasts
    absl::Duration call_over;  // what is stored by then can be answered
  };
  Patience PatienceOf(std::optional<absl::Duration> max_wait, absl::Duration answer_within) const;

  void Ask(std::optional<LookUp> look_up, const Patience& patience, Heard heard);
  void KeepLookUp(const domain::Fiscalization& asked_for, const Told& told);
  void FiscalizePrepared(const DocumentRequest& request, const Patience& patience,
                         absl::StatusOr<PreparedDocument> prepared, const Told& told,
                         Done<FiscalizeOutcome> done);
  // Work executor's thread only. What was corrected while its retry was prepared is prepared anew, `tries`
  // times in all.
  void TryRetry(RetryRequest request, const Patience& patience, int tries, Done<FiscalizeOutcome> done);
  void RetryPrepared(RetryRequest request, const Patience& patience, absl::StatusOr<PreparedRetry> prepared,
                     const Told& told, int tries, Done<FiscalizeOutcome> done);
  // The document is stored: its lane is told, and the caller is answered when the outcome is there or the
  // wait over.
  void AnswerWithOutcome(FiscalizeOutcome outcome, absl::Duration answer_at, Done<FiscalizeOutcome> done);
  // Hands `done` the fiscalization as it is when it becomes final, or at `answer_at`. Lane executor's thread
  // only.
  void WaitForOutcome(const domain::Fiscalization& known, absl::Duration answer_at,
                      Done<domain::Fiscalization> done);
  absl::StatusOr<domain::Fiscalization> Read(const FiscalizationQuery& query) const;
  // resolution.cc: an operator's word, checked with the register. Lane executor's thread only.
  Task<void> ResolveNow(ResolveRequest request, Done<domain::Fiscalization> done);
  // Whether the register confirms it; RESOLUTION_CONTRADICTED, or REGISTER_BUSY while it can't be asked.
  struct Confirmation {
    bool confirmed = false;
    std::string words;  // what the register said, where it did not
  };
  Task<absl::StatusOr<Confirmation>> Confirm(const ResolveRequest& request,
                                             const domain::Fiscalization& doubted,
                                             const store::IntegrationRecord& record);
  Task<absl::StatusOr<Confirmation>> ConfirmByTask(const ResolveRequest& request,
                                                   const domain::Fiscalization& doubted,
                                                   const store::IntegrationRecord& record);
  Task<absl::StatusOr<Confirmation>> ConfirmByLooking(const ResolveRequest& request,
                                                      const domain::Fiscalization& doubted,
                                                      const store::IntegrationRecord& record);
  Task<absl::StatusOr<domain::Fiscalization>> StoreResolution(const ResolveRequest& request,
                                                              const domain::Fiscalization& doubted,
                                                              bool verified);
  void Publish(const domain::Fiscalization& now);

  Parts parts_;
  DocumentIntake intake_;
  std::atomic<bool> draining_ = false;
  TaskSet resolving_;  // last: its tasks refer to all of the above
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_FISCALIZATION_CALLS_H_
