#ifndef KASA_SERVER_STORE_SQLITE_SEND_STORE_H_
#define KASA_SERVER_STORE_SQLITE_SEND_STORE_H_

#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "server/domain/tag.h"
#include "server/store/read_pool.h"
#include "server/store/send_store.h"
#include "server/store/sends.h"
#include "server/store/store_trouble.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// The requests of a SQLite store, through its readers and its writer. What the writer has queued uses this,
// so this must outlive the writer; `trouble` and `clock` must outlive this.
class SqliteSendStore final : public SendStore {
 public:
  SqliteSendStore(ReadPool& reads, WriteQueue& writes, const StoreTrouble& trouble,
                  domain::InstallationId installation, const Clock& clock)
      : reads_(reads),
        writes_(writes),
        trouble_(trouble),
        installation_(std::move(installation)),
        clock_(clock) {}

  void MarkSending(SendCandidate candidate, Callback<MarkedSend> done) override;
  void MarkShiftOpening(ShiftOpeningRequest request, Callback<MarkedSend> done) override;
  void Settle(Settlement settlement, Callback<domain::Fiscalization> done) override;
  void SettleShiftOpening(Settlement settlement, Callback<bool> done) override;
  void MarkProof(ProofRequest request, Callback<MarkedSend> done) override;
  void SettleProof(Settlement settlement, Callback<bool> done) override;
  void RecordExchange(Exchange exchange, Callback<int64_t> done) override;
  absl::StatusOr<ExchangePage> ListExchanges(const std::string& fiscalization_id, int64_t after_id,
                                             int limit) override;
  absl::StatusOr<ShiftOpening> LastShiftOpening(const std::string& register_fiscal_number) override;
  void RecoverAfterStart(Callback<int64_t> done) override;

 private:
  void Mark(absl::AnyInvocable<absl::StatusOr<WrittenMark>(Connection&) &&> apply, Callback<MarkedSend> done);
  absl::Time Now() const;

  ReadPool& reads_;
  WriteQueue& writes_;
  const StoreTrouble& trouble_;
  const domain::InstallationId installation_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_SEND_STORE_H_
