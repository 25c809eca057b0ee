#ifndef KASA_SERVER_ENGINE_READINESS_FACTS_H_
#define KASA_SERVER_ENGINE_READINESS_FACTS_H_

#include "absl/time/time.h"
#include "server/domain/readiness.h"
#include "server/store/store.h"

namespace kasa::engine {

// What an integration's readiness is judged by, from what is stored. Pure: also to be used inside the store's
// transaction.
domain::ReadinessFacts ReadinessFactsOf(const store::IntegrationRecord& record,
                                        const store::IntegrationSurroundings& surroundings, absl::Time now);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_READINESS_FACTS_H_
