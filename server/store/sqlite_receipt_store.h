#ifndef KASA_SERVER_STORE_SQLITE_RECEIPT_STORE_H_
#define KASA_SERVER_STORE_SQLITE_RECEIPT_STORE_H_

#include <optional>
#include <string>

#include "common/clock.h"
#include "server/store/read_pool.h"
#include "server/store/receipt_store.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// The receipts of a SQLite store, through the store's own readers and writer. What is queued refers to it, so
// it must outlive the writer.
class SqliteReceiptStore final : public ReceiptStore {
 public:
  SqliteReceiptStore(ReadPool& reads, WriteQueue& writes, const Clock& clock)
      : reads_(reads), writes_(writes), clock_(clock) {}

  absl::StatusOr<ReceiptPage> List(const ReceiptFilter& filter, const std::optional<ReceiptPosition>& after,
                                   int limit) override;
  absl::StatusOr<TotalsPart> AddUp(const TotalsFilter& filter, const std::optional<ReceiptPosition>& after,
                                   int limit) override;
  absl::StatusOr<int64_t> CountInDoubt(const TotalsFilter& filter, absl::Duration slack) override;
  void RememberStsUrl(std::string fiscalization_id, std::string url, Callback<bool> done) override;
  void BeginSendings(SendingCommand command, Callback<BegunSendings> done) override;
  void EndSending(SendingEnd end, Callback<domain::Sending> done) override;
  absl::StatusOr<SendingPage> ListSendings(const SendingFilter& filter,
                                           const std::optional<SendingPosition>& after, int limit) override;

 private:
  ReadPool& reads_;
  WriteQueue& writes_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_RECEIPT_STORE_H_
