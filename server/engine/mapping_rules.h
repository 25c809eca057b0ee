#ifndef KASA_SERVER_ENGINE_MAPPING_RULES_H_
#define KASA_SERVER_ENGINE_MAPPING_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "server/domain/integration.h"
#include "server/domain/register_status.h"

// What a change of a mapping is warned about (product.md, point 5). Pure.
namespace kasa::engine {

// The taxes that moved to another tax group although the shift was open when the register was last seen: one
// sentence each, in the order of their ids.
std::vector<std::string> WarningsOfMovedTaxes(const domain::Mapping& before, const domain::Mapping& after,
                                              const std::optional<domain::RegisterStatus>& last_status);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_MAPPING_RULES_H_
