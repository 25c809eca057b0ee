#ifndef KASA_SERVER_STORE_DOCUMENT_HISTORY_H_
#define KASA_SERVER_STORE_DOCUMENT_HISTORY_H_

#include <string>
#include <vector>

#include "server/domain/document_history.h"
#include "server/domain/fiscalization.h"
#include "server/store/connection.h"

namespace kasa::store {

// What went before `fiscalization`, by its original, its order, what it pays or is paid by, and its mode.
domain::DocumentHistory ReadDocumentHistory(Connection& connection,
                                            const domain::Fiscalization& fiscalization);

// Every other of its order, the oldest first, and the returns of these, whatever order they name.
std::vector<domain::Fiscalization> ReadWholeOrder(Connection& connection,
                                                  const domain::Fiscalization& fiscalization);

// Adds to some sales and payments the returns of each, less the one with the id `except`.
void AddReturnsOfAll(Connection& connection, const std::string& except,
                     std::vector<domain::Fiscalization>& all);

// Keeps what the payment of this row names as paid, in the place of what it named before.
void KeepPaidDocument(Connection& connection, int64_t number, const domain::Fiscalization& fiscalization);

// Keeps the order's total that the document tells, unless one is known.
void KeepOrderTotal(Connection& connection, const domain::Fiscalization& fiscalization);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_DOCUMENT_HISTORY_H_
