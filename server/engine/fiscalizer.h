#ifndef KASA_SERVER_ENGINE_FISCALIZER_H_
#define KASA_SERVER_ENGINE_FISCALIZER_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/fiscalization.h"
#include "server/domain/notice.h"
#include "server/domain/violation.h"

// What callers may do with fiscalizations: the engine's front door. Thread-safe; no call blocks. Callbacks
// come once, on one of the engine's threads.
namespace kasa::engine {

template <typename T>
using Done = absl::AnyInvocable<void(absl::StatusOr<T>) &&>;

struct DocumentRequest {
  domain::DocumentKind kind = domain::DocumentKind::kSale;
  std::string source_system;
  std::string document_id;
  domain::Document document;
  std::string rule_id;  // the automation rule that made it; empty: a caller did
  bool validate_only = false;
  std::optional<absl::Duration> max_wait;  // nothing: the default of settings.h
  // The answer is given before this is over, counted from the call on, whatever max_wait says: what is left
  // of the caller's deadline.
  absl::Duration answer_within = absl::InfiniteDuration();
};

// What became of a call that fiscalizes.
struct FiscalizeOutcome {
  // Everything that is wrong with the document; then nothing was stored.
  domain::Violations violations;
  // Unless there are violations or nothing was stored (validate_only).
  std::optional<domain::Fiscalization> fiscalization;
  bool replayed = false;
  // With validate_only and no violations: the exact receipt, the bytes that would be sent, and where to.
  std::optional<domain::PricedReceipt> draft;
  std::string request_json;
  std::string integration_id;
  std::string register_fiscal_number;
  std::vector<domain::Notice> warnings;
};

using FiscalizationName = std::variant<std::string, domain::DocumentKey>;  // by id, or by its document

struct FiscalizationQuery {
  FiscalizationName name;
  bool any_mode = false;  // with a key: the mode that exists, real before test
  absl::Duration max_wait;
  absl::Duration answer_within = absl::InfiniteDuration();
};

struct RetryRequest {
  std::string fiscalization_id;
  std::optional<int64_t> revision;
  std::optional<absl::Duration> max_wait;
  absl::Duration answer_within = absl::InfiniteDuration();
};

struct ResolveRequest {
  std::string fiscalization_id;
  std::optional<int64_t> revision;
  domain::ResolutionOutcome outcome = domain::ResolutionOutcome::kReceiptExists;
  std::string fiscal_number;  // with kReceiptExists
  std::string principal;
  std::string note;
  bool accept_unverified = false;
};

class Fiscalizer {
 public:
  virtual ~Fiscalizer() = default;

  // Checks, prices, stores and waits for the outcome (product.md, points 8, 12, 13, 18). Errors: NOT_FOUND
  // (INTEGRATION_NOT_FOUND, DEFAULT_INTEGRATION_NOT_FOUND), ALREADY_EXISTS (DOCUMENT_CONTENT_DIFFERS),
  // FAILED_PRECONDITION (INTEGRATION_INACTIVE, INTEGRATION_ARCHIVED, LEGAL_ENTITY_MISMATCH, REGISTER_UNKNOWN,
  // FISCAL_CHAIN_..., ORDER_..., OUTGOING_PAYMENT), RESOURCE_EXHAUSTED (LANE_FULL), UNAVAILABLE (STORE_FULL,
  // STORE_UNAVAILABLE, SHUTTING_DOWN). Whoever gets an error knows that this call stored nothing new.
  virtual void Fiscalize(DocumentRequest request, Done<FiscalizeOutcome> done) = 0;

  // Reads one, and waits until it is FISCALIZED, FAILED or CANCELLED as long as asked. NOT_FOUND.
  virtual void Get(FiscalizationQuery query, Done<domain::Fiscalization> done) = 0;

  // Maps and prices anew what FAILED or was CANCELLED, and sends it again. Violations as in Fiscalize.
  // FAILED_PRECONDITION (STATE_NOT_ALLOWED, IN_DOUBT_RECONCILING, DOCUMENT_DATE_PASSED), ABORTED
  // (ETAG_MISMATCH; without a revision too, where it was corrected again each time that it was prepared).
  virtual void Retry(RetryRequest request, Done<FiscalizeOutcome> done) = 0;

  // Gives up what was never sent. What is CANCELLED already is returned as it is.
  virtual void Cancel(std::string fiscalization_id, std::optional<int64_t> revision,
                      Done<domain::Fiscalization> done) = 0;

  // Takes an operator's word on what is in doubt (product.md, point 14). FAILED_PRECONDITION:
  // STATE_NOT_ALLOWED, HOLD_TIME_NOT_OVER (with a retry delay), RESOLUTION_CONTRADICTED,
  // RESOLUTION_UNVERIFIED, FISCAL_NUMBER_TAKEN.
  virtual void Resolve(ResolveRequest request, Done<domain::Fiscalization> done) = 0;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_FISCALIZER_H_
