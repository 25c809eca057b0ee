#include "server/store/sqlite_receipt_store.h"

#include <utility>

#include "server/store/receipt_queries.h"
#include "server/store/sendings.h"

namespace kasa::store {

using Admission = WriteQueue::Admission;

absl::StatusOr<ReceiptPage> SqliteReceiptStore::List(const ReceiptFilter& filter,
                                                     const std::optional<ReceiptPosition>& after, int limit) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<ReceiptPage> {
    return PageOfReceipts(connection, filter, after, limit);
  });
}

absl::StatusOr<TotalsPart> SqliteReceiptStore::AddUp(const TotalsFilter& filter,
                                                     const std::optional<ReceiptPosition>& after, int limit) {
  return reads_.Run([&](Connection& connection) { return AddUpReceipts(connection, filter, after, limit); });
}

absl::StatusOr<int64_t> SqliteReceiptStore::CountInDoubt(const TotalsFilter& filter, absl::Duration slack) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<int64_t> {
    return store::CountInDoubt(connection, filter, slack);
  });
}

void SqliteReceiptStore::RememberStsUrl(std::string fiscalization_id, std::string url, Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kBounded,
      [id = std::move(fiscalization_id), url = std::move(url)](Connection& connection)
          -> absl::StatusOr<bool> { return store::RememberStsUrl(connection, id, url); },
      std::move(done));
}

void SqliteReceiptStore::BeginSendings(SendingCommand command, Callback<BegunSendings> done) {
  writes_.Submit<BegunSendings>(
      Admission::kBounded,
      [this, command = std::move(command)](Connection& connection) {
        return InsertSendings(connection, command, ToStored(clock_.Now()));
      },
      std::move(done));
}

void SqliteReceiptStore::EndSending(SendingEnd end, Callback<domain::Sending> done) {
  writes_.Submit<domain::Sending>(
      Admission::kAlways,
      [end = std::move(end)](Connection& connection) { return store::EndSending(connection, end); },
      std::move(done));
}

absl::StatusOr<SendingPage> SqliteReceiptStore::ListSendings(const SendingFilter& filter,
                                                             const std::optional<SendingPosition>& after,
                                                             int limit) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<SendingPage> {
    return PageOfSendings(connection, filter, after, limit);
  });
}

}  // namespace kasa::store
