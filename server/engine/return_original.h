#ifndef KASA_SERVER_ENGINE_RETURN_ORIGINAL_H_
#define KASA_SERVER_ENGINE_RETURN_ORIGINAL_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/domain/document.h"
#include "server/domain/fiscalization.h"
#include "server/store/store.h"

// What a return returns, and who serves it (product.md, points 2 and 9). Reads of the store; what depends on
// what others do meanwhile is decided again in its transaction.
namespace kasa::engine {

struct ReturnedOriginal {
  std::optional<domain::Fiscalization> ours;  // nothing: the receipt was made elsewhere
  std::string fiscal_number;                  // empty while ours has no receipt

  // Ties a return to it, in the order of the original where the return names none.
  void TieTo(domain::Fiscalization& sales_return) const;
};

// The original that `sales_return` names: a document of the gateway's, or a receipt by its number, which may
// turn out to be the gateway's too. Of a document that exists in test and real, the one of the integration's
// mode is meant, else the real one. NOT_FOUND: FISCALIZATION_NOT_FOUND, INTEGRATION_NOT_FOUND.
absl::StatusOr<ReturnedOriginal> FindOriginal(store::Store& store, const domain::Document& sales_return);

// The integration that serves the return: the one that it names, or, when it names none, the one of the
// register that made the original's receipt; for a receipt made elsewhere as for a sale. FAILED_PRECONDITION
// (SALE_ON_OTHER_REGISTER) when the one named is of another register; a test receipt is of no real one.
absl::StatusOr<store::IntegrationRecord> ChooseForReturn(store::Store& store,
                                                         const domain::Document& sales_return,
                                                         const ReturnedOriginal& original);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_RETURN_ORIGINAL_H_
