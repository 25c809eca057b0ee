#ifndef KASA_SERVER_STORE_RECEIPT_QUERIES_H_
#define KASA_SERVER_STORE_RECEIPT_QUERIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/receipt_store.h"

// What ReceiptStore reads of receipts; each function is told there.
namespace kasa::store {

ReceiptPage PageOfReceipts(Connection& connection, ReceiptFilter filter,
                           const std::optional<ReceiptPosition>& after, int limit);

absl::StatusOr<TotalsPart> AddUpReceipts(Connection& connection, const TotalsFilter& filter,
                                         const std::optional<ReceiptPosition>& after, int limit);

int64_t CountInDoubt(Connection& connection, const TotalsFilter& filter, absl::Duration slack);

bool RememberStsUrl(Connection& connection, const std::string& fiscalization_id, const std::string& url);

// As HotStatements() in fiscalization_queries.h.
std::vector<NamedStatement> HotReceiptStatements();

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RECEIPT_QUERIES_H_
