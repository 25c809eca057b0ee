#include "server/domain/document_pricing.h"

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/order_rules.h"
#include "server/domain/payment_pricing.h"

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
  // A delivery note may be paid by a payment that names it, whatever it says itself.
  return kind != DocumentKind::kPayment || !document.order_id.empty() || document.paid_document.has_value();
}

absl::Status HoldAgainstHistory(DocumentKind kind, const Document& document, const PricedReceipt& receipt,
                                const DocumentHistory& history, const Integration& integration) {
  const std::string here =
      integration.pinned_register ? integration.pinned_register->fiscal_number : std::string();
  return HoldAgainstOrder({.kind = kind,
                           .document = document,
                           .receipt = receipt,
                           .register_fiscal_number = here,
                           .part_payments = integration.part_payments},
                          history);
}

absl::StatusOr<PricedDocument> PriceDocument(DocumentKind kind, const Document& document,
                                             const DocumentHistory& history, const PricingTerms& terms) {
  const absl::string_view root = FieldsOf(kind).document;
  if (absl::Status chain = RefuseChain(document, root); !chain.ok()) return chain;
  PricedDocument priced;
  switch (kind) {
    case DocumentKind::kSale:
      priced = PriceSale(document, terms.integration, terms.mapping, terms.today_in_kyiv, root);
      break;
    case DocumentKind::kReturn:
      return NotYet("returns");
    case DocumentKind::kPayment:
      if (absl::Status outgoing = RefuseOutgoing(document); !outgoing.ok()) return outgoing;
      priced = PricePayment(document, terms.integration, terms.mapping, terms.today_in_kyiv, root);
      break;
  }
  if (!priced.receipt) return priced;
  if (absl::Status held = HoldAgainstHistory(kind, document, *priced.receipt, history, terms.integration);
      !held.ok()) {
    return held;
  }
  return priced;
}

}  // namespace kasa::domain
