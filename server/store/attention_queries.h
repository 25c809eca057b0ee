#ifndef KASA_SERVER_STORE_ATTENTION_QUERIES_H_
#define KASA_SERVER_STORE_ATTENTION_QUERIES_H_

#include <string>
#include <vector>

#include "server/domain/attention.h"
#include "server/domain/receipt.h"
#include "server/store/connection.h"
#include "server/store/store.h"

// What Store keeps and reads for the attention list; each function is told at Store's function of that name.
namespace kasa::store {

std::vector<domain::FiscalizationFacts> FindUnsettled(Connection& connection);
RegisterMemory FindRegisterMemory(Connection& connection, const std::string& register_fiscal_number);

// A receipt was stored: counts those that were made offline in a row. `now` where it does not tell its time.
void CountOffline(Connection& connection, const domain::Receipt& receipt, absl::Time now);
// A shift was opened by us.
void NoteShiftOpened(Connection& connection, const std::string& register_fiscal_number, absl::Time time);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_ATTENTION_QUERIES_H_
