#include "server/domain/document_pricing.h"

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"

namespace kasa::domain {
namespace {

absl::Status RefuseChain(const Document& document, absl::string_view root) {
  const std::optional<Reason> reason = ChainReason(document.chain_role);
  if (!reason) return absl::OkStatus();
  return ReasonedError(
      absl::StatusCode::kFailedPrecondition, *reason,
      absl::StrCat(root, ".chain_role: fiscal chains are recognised, and not supported yet"));
}

absl::Status NotYet(absl::string_view what) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kNotInThisVersion,
                       absl::StrCat(what, " are not fiscalized in this version"));
}

}  // namespace

KindFields FieldsOf(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kSale:
      return {.document = "sale", .id = "document_id"};
    case DocumentKind::kReturn:
      return {.document = "sales_return", .id = "document_id"};
    case DocumentKind::kPayment:
      return {.document = "payment", .id = "payment_id"};
  }
  return {.document = "sale", .id = "document_id"};
}

bool DependsOnHistory(DocumentKind kind, const Document& document) {
  return kind == DocumentKind::kReturn || !document.order_id.empty() || document.paid_document.has_value();
}

absl::StatusOr<PricedDocument> PriceDocument(DocumentKind kind, const Document& document,
                                             const DocumentHistory& /*history*/, const PricingTerms& terms) {
  const absl::string_view root = FieldsOf(kind).document;
  if (absl::Status chain = RefuseChain(document, root); !chain.ok()) return chain;
  switch (kind) {
    case DocumentKind::kSale:
      return PriceSale(document, terms.integration, terms.mapping, terms.today_in_kyiv, root);
    case DocumentKind::kReturn:
      return NotYet("returns");
    case DocumentKind::kPayment:
      return NotYet("payments");
  }
  return NotYet("documents of this kind");
}

}  // namespace kasa::domain
