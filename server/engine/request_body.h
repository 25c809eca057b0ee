#ifndef KASA_SERVER_ENGINE_REQUEST_BODY_H_
#define KASA_SERVER_ENGINE_REQUEST_BODY_H_

#include <string>

#include "server/domain/fiscalization.h"
#include "server/domain/integration.h"

namespace kasa::engine {

// The bytes that fiscalize a document under its tag. The buyer's contacts go along only where the integration
// says so (product.md, point 20).
std::string RequestBodyFor(const domain::Fiscalization& fiscalization,
                           const domain::Integration& integration);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_REQUEST_BODY_H_
