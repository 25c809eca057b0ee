#include "server/domain/document_pricing.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/order_rules.h"
#include "server/domain/original.h"
#include "server/domain/payment_pricing.h"
#include "server/domain/returns.h"

namespace kasa::domain {
namespace {

absl::Status RefuseChain(const Document& document, absl::string_view root) {
  const std::optional<Reason> reason = ChainReason(document.chain_role);
  if (!reason) return absl::OkStatus();
  return ReasonedError(
      absl::StatusCode::kFailedPrecondition, *reason,
      absl::StrCat(root, ".chain_role: fiscal chains are recognised, and not supported yet"));
}

PricedDocument Violated(absl::string_view field, Reason reason, absl::string_view message) {
  PricedDocument priced;
  priced.violations.push_back({std::string(field), reason, std::string(message)});
  return priced;
}

absl::StatusOr<PricedDocument> PriceAgainstOriginal(const Document& sales_return,
                                                    const DocumentHistory& history, const PricingTerms& terms,
                                                    absl::string_view root) {
  if (!sales_return.original_sale) {
    return Violated("original_sale", Reason::kFieldRequired, "is required");
  }
  Original original;
  if (history.original) {
    if (history.original->key.kind == DocumentKind::kReturn) {
      return Violated("original_sale", Reason::kFieldInvalid, "is a return, which can't be returned");
    }
    if (absl::Status may = MayBeReturned(*history.original); !may.ok()) return may;
    original = OriginalOf(*history.original);
  } else {
    if (terms.told != nullptr && terms.told->is_return) {
      return Violated("original_sale", Reason::kFieldInvalid, "is a return, which can't be returned");
    }
    if (terms.told != nullptr && terms.told->part_of_chain) {
      return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kFiscalChainReturn,
                           "the receipt is part of a prepayment or postpayment chain");
    }
    original = OriginalOf(sales_return.original_sale->fiscal_number,
                          terms.told == nullptr ? std::nullopt : std::make_optional(*terms.told));
  }
  for (const Fiscalization& earlier : history.returns) TakeOff(earlier.draft, original);
  PricedReturn priced =
      PriceReturn(sales_return, original, terms.integration, terms.mapping, terms.today_in_kyiv, root);
  if (!priced.refusal.ok()) return priced.refusal;
  PricedDocument result;
  result.violations = std::move(priced.violations);
  result.receipt = std::move(priced.receipt);
  result.warnings = std::move(priced.warnings);
  return result;
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
  absl::StatusOr<PricedDocument> returned = PricedDocument();
  switch (kind) {
    case DocumentKind::kSale:
      priced = PriceSale(document, terms.integration, terms.mapping, terms.today_in_kyiv, root);
      break;
    case DocumentKind::kReturn:
      returned = PriceAgainstOriginal(document, history, terms, root);
      if (!returned.ok()) return returned.status();
      priced = *std::move(returned);
      break;
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
