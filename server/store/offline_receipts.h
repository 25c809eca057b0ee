#ifndef KASA_SERVER_STORE_OFFLINE_RECEIPTS_H_
#define KASA_SERVER_STORE_OFFLINE_RECEIPTS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/domain/attention.h"
#include "server/domain/receipt.h"
#include "server/store/connection.h"

// Receipts that a register made offline, until they have reached the tax service.
//
// What shows that: each receipt carries the hash of the one before it, and the tax service takes a chain
// without gaps only. So a receipt of which the register said that it was made online (`isoffline` false), at
// a time that it told, came after all that it had made offline before. Nothing else is proof: which value of
// `online_status` means online is not known, and a page of the receipt may be there before the tax service
// has it. What is not proven stays unknown.
namespace kasa::store {

// A receipt was stored: notes of those that it shows to have arrived that they have, by `now`.
void NoteReached(Connection& connection, const domain::Receipt& stored, absl::Time now);

// Those that are not known to have arrived; nothing when there are none.
std::optional<domain::OfflineRun> FindOfflineRun(Connection& connection,
                                                 const std::string& register_fiscal_number);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_OFFLINE_RECEIPTS_H_
