#ifndef KASA_SERVER_DOMAIN_DOCUMENT_PRICING_H_
#define KASA_SERVER_DOMAIN_DOCUMENT_PRICING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/document_history.h"
#include "server/domain/integration.h"
#include "server/domain/original.h"
#include "server/domain/pricing.h"
#include "server/domain/receipt.h"

// Documents of every kind, priced by one rule each and held against what went before them. Pure functions of
// their arguments.
namespace kasa::domain {

// What a document is priced by. Referred to, not kept.
struct PricingTerms {
  const Integration& integration;
  const Mapping& mapping;
  absl::CivilDay today_in_kyiv;
  // Returns of a receipt made elsewhere: what the register told about it. Null: nothing.
  const ToldReceipt* told = nullptr;
};

// How the contract spells the fields of a kind: "sales_return" and "document_id".
struct KindFields {
  absl::string_view document;
  absl::string_view id;
};
KindFields FieldsOf(DocumentKind kind);

// Whether what went before bears on the document. If not, pricing needs no history.
bool DependsOnHistory(DocumentKind kind, const Document& document);

// Holds what was priced against the other receipts of its order (order_rules.h), where they may have changed
// since, without pricing it again. Of no use to returns, whose price depends on what went before.
absl::Status HoldAgainstHistory(DocumentKind kind, const Document& document, const PricedReceipt& receipt,
                                const DocumentHistory& history, const Integration& integration);

// Checks and prices a document against `history` (product.md, points 8 to 11). A refusal of the whole
// document is FAILED_PRECONDITION with its reason; what is wrong with single fields is in the violations.
absl::StatusOr<PricedDocument> PriceDocument(DocumentKind kind, const Document& document,
                                             const DocumentHistory& history, const PricingTerms& terms);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_DOCUMENT_PRICING_H_
