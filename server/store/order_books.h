#ifndef KASA_SERVER_STORE_ORDER_BOOKS_H_
#define KASA_SERVER_STORE_ORDER_BOOKS_H_

#include <cstdint>

#include "server/domain/document_history.h"
#include "server/domain/fiscalization.h"
#include "server/store/connection.h"
#include "server/store/schema.h"

// Running sums of each order, so that accepting a document does not read all others of its order: an order
// may have thousands. Kept in the same transaction as the fiscalizations that they are sums of, and always
// what domain::OthersOf() would make of the whole order.
namespace kasa::store {

// Makes the books say what fiscalization `number` is now: to be called when it was inserted, and when it was
// updated to a state in which it counts differently (see CountsDifferently()).
void KeepInBooks(Connection& connection, int64_t number, const domain::Fiscalization& fiscalization);

// Makes the books of a store that has none yet, of all its fiscalizations.
void MakeOrderBooks(Connection& connection, const MigrationListener& listener);

// Whether a fiscalization that was in state `before` counts differently now that it is in `now`.
bool CountsDifferently(domain::State before, domain::State now);

// The others of its order, without reading them; empty when it names none.
domain::OrderOthers ReadOrderOthers(Connection& connection, const domain::Fiscalization& fiscalization);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_ORDER_BOOKS_H_
