#ifndef KASA_SERVER_ENGINE_DOCUMENT_INTAKE_H_
#define KASA_SERVER_ENGINE_DOCUMENT_INTAKE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/secret.h"
#include "server/domain/original.h"
#include "server/domain/tag.h"
#include "server/engine/coverage_recorder.h"
#include "server/engine/fiscalizer.h"
#include "server/engine/return_original.h"
#include "server/store/store.h"

// From a caller's document to what is stored: choose the integration, check, map, price, encode. Reads the
// store and writes nothing but which taxes and payment methods it saw. What depends on what others do
// meanwhile is decided once more in the store's transaction, by the same rules (architecture.md, rule 6).
namespace kasa::engine {

// Either an outcome to answer with at once (violations, a replay, validate_only), or what to store.
struct PreparedDocument {
  FiscalizeOutcome outcome;
  std::optional<store::Acceptance> acceptance;
  // What the decision in the transaction found wrong, when it refused for that.
  std::shared_ptr<const domain::Violations> late_violations;
};

struct PreparedRetry {
  FiscalizeOutcome outcome;
  std::optional<store::Retry> retry;
  std::shared_ptr<const domain::Violations> late_violations;
};

// A question to the register about a receipt.
struct LookUp {
  Secret token;
  std::string fiscal_number;
};

class DocumentIntake {
 public:
  // Everything must outlive it. Thread-safe.
  DocumentIntake(store::Store& store, const Clock& clock, const KyivTime& kyiv,
                 domain::InstallationId installation, int64_t max_lane_length, CoverageRecorder& coverage);

  // The receipt about which the register is to be asked before the document is prepared: that of a return of
  // what was made elsewhere. Nothing when there is none, or when Prepare() would refuse or replay anyway.
  std::optional<LookUp> LookUpFor(const DocumentRequest& request) const;
  std::optional<LookUp> LookUpFor(const RetryRequest& request) const;

  // `told` is what the register told about it. Errors as Fiscalizer::Fiscalize.
  absl::StatusOr<PreparedDocument> Prepare(const DocumentRequest& request,
                                           const std::optional<domain::ToldReceipt>& told) const;

  // Maps and prices a stored document anew. `asked_about` is the fiscal number that LookUpFor() named, empty
  // where it named none. Errors as Fiscalizer::Retry, and ABORTED (ETAG_MISMATCH) when the document returns
  // another receipt by now: then the register has to be asked about that one. Violations in the outcome.
  absl::StatusOr<PreparedRetry> PrepareRetry(const RetryRequest& request, const std::string& asked_about,
                                             const std::optional<domain::ToldReceipt>& told) const;

 private:
  // For a return, `original` is filled in.
  absl::StatusOr<store::IntegrationRecord> ChooseServing(domain::DocumentKind kind,
                                                         const domain::Document& document,
                                                         ReturnedOriginal& original) const;

  store::Store& store_;
  const Clock& clock_;
  const KyivTime& kyiv_;
  domain::InstallationId installation_;
  int64_t max_lane_length_;
  CoverageRecorder& coverage_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_DOCUMENT_INTAKE_H_
