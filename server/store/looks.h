#ifndef KASA_SERVER_STORE_LOOKS_H_
#define KASA_SERVER_STORE_LOOKS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/tag.h"
#include "server/store/connection.h"
#include "server/store/look_store.h"

// LookStore's writes, each inside the writer's transaction, and its reads.
namespace kasa::store {

absl::StatusOr<domain::Fiscalization> SettleDoubt(Connection& connection, const DoubtSettlement& settlement,
                                                  absl::Time now);
bool CountLook(Connection& connection, const std::string& fiscalization_id, const std::string& finding,
               absl::Time time);
absl::StatusOr<domain::Fiscalization> DoubtAsSeen(Connection& connection, const SeenReceipt& seen,
                                                  absl::Time now);

absl::StatusOr<std::vector<domain::KnownReceipt>> FindKnownReceipts(
    Connection& connection, const std::string& register_fiscal_number, absl::Time since,
    const std::vector<std::string>& fiscal_numbers, int limit);
std::vector<std::string> FindTags(Connection& connection, const std::string& register_fiscal_number,
                                  const std::vector<std::string>& tags);

NewestLocalNumbers FindNewestNumbers(Connection& connection, const std::string& register_fiscal_number);
bool InsertUnknown(Connection& connection, const std::string& register_fiscal_number,
                   const std::vector<UnknownReceipt>& receipts, absl::Time time);
UnknownReceipts CountUnknownReceipts(Connection& connection, const std::string& register_fiscal_number,
                                     absl::Time from);
std::vector<domain::ListedReceipt> FindOwnUnknown(Connection& connection,
                                                  const std::string& register_fiscal_number);
// The receipt that the register has under a tag of this fiscalization's document, from a history that the
// store lost: its fiscal number, as far as it was seen.
std::optional<std::string> FindLostReceipt(Connection& connection, const domain::InstallationId& installation,
                                           const domain::Fiscalization& fiscalization);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_LOOKS_H_
