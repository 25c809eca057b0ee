#ifndef KASA_SERVER_ENGINE_SALE_INTAKE_H_
#define KASA_SERVER_ENGINE_SALE_INTAKE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/domain/tag.h"
#include "server/engine/fiscalizer.h"
#include "server/store/store.h"

// From a caller's sale to what is stored: choose the integration, check, map, price, encode. Reads the store
// and writes nothing. The store decides once more, in its transaction, what depends on what others do
// meanwhile.
namespace kasa::engine {

// Either an outcome to answer with at once (violations, a replay, validate_only), or what to store.
struct PreparedSale {
  FiscalizeOutcome outcome;
  std::optional<store::Acceptance> acceptance;
};

class SaleIntake {
 public:
  // Everything must outlive it. Thread-safe.
  SaleIntake(store::Store& store, const Clock& clock, const KyivTime& kyiv,
             domain::InstallationId installation, int64_t max_lane_length);

  // Errors as Fiscalizer::FiscalizeSale.
  absl::StatusOr<PreparedSale> Prepare(const SaleRequest& request) const;

  // Maps and prices a stored document anew. Errors as Fiscalizer::Retry; violations in the outcome.
  struct PreparedRetry {
    FiscalizeOutcome outcome;
    std::optional<store::Retry> retry;
  };
  absl::StatusOr<PreparedRetry> PrepareRetry(const RetryRequest& request) const;

 private:
  store::Store& store_;
  const Clock& clock_;
  const KyivTime& kyiv_;
  domain::InstallationId installation_;
  int64_t max_lane_length_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_SALE_INTAKE_H_
