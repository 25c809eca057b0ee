#ifndef KASA_SERVER_STORE_SQLITE_LOOK_STORE_H_
#define KASA_SERVER_STORE_SQLITE_LOOK_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "server/store/look_store.h"
#include "server/store/read_pool.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// The looks of a SQLite store, through the store's own readers and writer. What is queued refers to it, so it
// must outlive the writer.
class SqliteLookStore final : public LookStore {
 public:
  SqliteLookStore(ReadPool& reads, WriteQueue& writes, const Clock& clock)
      : reads_(reads), writes_(writes), clock_(clock) {}

  void SettleDoubt(DoubtSettlement settlement, Callback<domain::Fiscalization> done) override;
  void NoteLook(std::string fiscalization_id, std::string finding, absl::Time time,
                Callback<bool> done) override;
  absl::StatusOr<std::vector<domain::KnownReceipt>> KnownReceipts(
      const std::string& register_fiscal_number, absl::Time since,
      const std::vector<std::string>& fiscal_numbers, int limit) override;
  absl::StatusOr<std::vector<std::string>> ExpectedTags(const std::string& register_fiscal_number,
                                                        const std::vector<std::string>& tags) override;
  absl::StatusOr<NewestLocalNumbers> NewestNumbers(const std::string& register_fiscal_number) override;
  void RememberUnknown(std::string register_fiscal_number, std::vector<UnknownReceipt> receipts,
                       absl::Time time, Callback<bool> done) override;
  absl::StatusOr<UnknownReceipts> CountUnknown(const std::string& register_fiscal_number,
                                               absl::Time from) override;
  absl::StatusOr<std::vector<domain::ListedReceipt>> OwnUnknown(
      const std::string& register_fiscal_number) override;
  void DoubtAsSeen(SeenReceipt seen, Callback<domain::Fiscalization> done) override;

 private:
  ReadPool& reads_;
  WriteQueue& writes_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_LOOK_STORE_H_
