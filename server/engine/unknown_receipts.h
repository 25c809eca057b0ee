#ifndef KASA_SERVER_ENGINE_UNKNOWN_RECEIPTS_H_
#define KASA_SERVER_ENGINE_UNKNOWN_RECEIPTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/absence.h"
#include "server/domain/tag.h"
#include "server/store/look_store.h"

namespace kasa::engine {

// What a look saw on a register that the store does not have.
struct UnknownReceiptsSeen {
  std::vector<store::UnknownReceipt> receipts;
  int64_t own = 0;      // of these, under a tag of this installation
  int64_t foreign = 0;  // of these, made by others
};

// Receipts of fiscalizations that are being sent or in doubt are left out: the looks for those find them. An
// error is the store's.
absl::StatusOr<UnknownReceiptsSeen> UnknownReceiptsIn(const domain::Look& look, store::LookStore& store,
                                                      const domain::InstallationId& installation,
                                                      const std::string& register_fiscal_number);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_UNKNOWN_RECEIPTS_H_
