#ifndef KASA_SERVER_ENGINE_MAPPING_RULES_H_
#define KASA_SERVER_ENGINE_MAPPING_RULES_H_

#include <string>
#include <vector>

#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/store/store.h"

// What a change of a mapping is warned about (product.md, point 5). Pure.
namespace kasa::engine {

// The taxes that moved to another tax group although the register's shift is open or may be: one sentence
// each, in the order of their ids. It may be open unless the register said last that it is closed, or has
// done nothing for this integration and was never seen.
std::vector<domain::Notice> WarningsOfMovedTaxes(const domain::Mapping& before, const domain::Mapping& after,
                                                 const store::IntegrationRecord& record);

// The payment methods that are mapped to prepayment or postpayment, which can be mapped, though a receipt
// that would use them is refused: one notice for each of the two types.
std::vector<domain::Notice> NoticesOfChains(const domain::Mapping& mapping);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_MAPPING_RULES_H_
