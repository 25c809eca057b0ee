#ifndef KASA_SERVER_ENGINE_ATTENTION_DESK_H_
#define KASA_SERVER_ENGINE_ATTENTION_DESK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "server/domain/attention.h"
#include "server/engine/engine.h"
#include "server/store/store.h"

namespace kasa::engine {

// What is known of every register now, and what of it a person should look at, most urgent first.
struct Survey {
  std::vector<domain::RegisterFacts> registers;  // of the integrations that are not archived
  std::vector<domain::Attention> attention;
};

// Reads what CollectAttention() reads, and keeps what it was concluded from.
absl::StatusOr<Survey> TakeSurvey(store::Store& store, Engine& engine, const KyivTime& kyiv, absl::Time now,
                                  const domain::AttentionRules& rules);

// What a person should look at now, most urgent first: what the store and the lanes know, judged by
// domain/attention.h. Reads the store, so not on a gRPC thread; thread-safe.
absl::StatusOr<std::vector<domain::Attention>> CollectAttention(store::Store& store, Engine& engine,
                                                                const KyivTime& kyiv, absl::Time now,
                                                                const domain::AttentionRules& rules);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_ATTENTION_DESK_H_
