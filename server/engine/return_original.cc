#include "server/engine/return_original.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/engine/integration_choice.h"

namespace kasa::engine {

using domain::Document;
using domain::Fiscalization;
using domain::RegisterMode;

namespace {

// The modes in which a document may be meant, the likelier first.
absl::StatusOr<std::vector<RegisterMode>> ModesOf(store::Store& store, const domain::DocumentName& name,
                                                  const std::string& integration_id) {
  if (name.mode) return std::vector{*name.mode};
  if (!integration_id.empty()) {
    const auto record = store.integrations().Get(integration_id);
    if (!record.ok()) return record.status();
    const auto& pinned = record->integration.pinned_register;
    if (pinned && pinned->mode == RegisterMode::kTest) {
      return std::vector{RegisterMode::kTest, RegisterMode::kReal};
    }
  }
  return std::vector{RegisterMode::kReal, RegisterMode::kTest};
}

absl::StatusOr<ReturnedOriginal> FindDocument(store::Store& store, const domain::DocumentName& name,
                                              const std::string& integration_id) {
  const auto modes = ModesOf(store, name, integration_id);
  if (!modes.ok()) return modes.status();
  for (const RegisterMode mode : *modes) {
    absl::StatusOr<Fiscalization> found =
        store.FindFiscalization({name.source_system, name.kind, name.document_id, mode});
    if (found.ok()) {
      ReturnedOriginal original;
      if (found->receipt) original.fiscal_number = found->receipt->fiscal_number;
      original.ours = *std::move(found);
      return original;
    }
    if (!absl::IsNotFound(found.status())) return found.status();
  }
  return WithFact(ReasonedError(absl::StatusCode::kNotFound, Reason::kFiscalizationNotFound,
                                absl::StrCat("original_sale.document: document ", name.document_id, " of ",
                                             name.source_system, " was not sent to the gateway")),
                  "field", "original_sale.document");
}

// The register that a receipt made elsewhere is looked for on: that of whoever serves the return.
std::string RegisterOf(const absl::StatusOr<store::IntegrationRecord>& serving) {
  if (!serving.ok() || !serving->integration.pinned_register) return "";
  return serving->integration.pinned_register->fiscal_number;
}

absl::StatusOr<ReturnedOriginal> FindReceipt(store::Store& store, const Document& sales_return) {
  ReturnedOriginal original;
  original.fiscal_number = sales_return.original_sale->fiscal_number;
  const std::string register_number = RegisterOf(ChooseIntegration(store, sales_return));
  absl::StatusOr<Fiscalization> found = store.FindByFiscalNumber(original.fiscal_number, register_number);
  if (absl::IsNotFound(found.status()) && !register_number.empty()) {
    // Ours, on another register: to be told so rather than taken for a stranger's.
    found = store.FindByFiscalNumber(original.fiscal_number, "");
  }
  if (found.ok()) {
    original.ours = *std::move(found);
  } else if (!absl::IsNotFound(found.status()) && !absl::IsInvalidArgument(found.status())) {
    return found.status();
  }
  return original;
}

absl::Status OnOtherRegister(absl::string_view sold_on, absl::string_view named) {
  return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kSaleOnOtherRegister,
                                absl::StrCat("the receipt is of register ", sold_on,
                                             ", and the return names an integration of register ", named)),
                  "register_fiscal_number", sold_on);
}

// The live integration of the register that made the original's receipt; else the one that it went through.
absl::StatusOr<store::IntegrationRecord> OfRegister(store::Store& store, const Fiscalization& original) {
  absl::StatusOr<store::IntegrationRecord> live =
      store.integrations().OfRegister(original.register_fiscal_number);
  return absl::IsNotFound(live.status()) ? store.integrations().Get(original.integration_id)
                                         : std::move(live);
}

}  // namespace

void ReturnedOriginal::TieTo(Fiscalization& sales_return) const {
  sales_return.original_fiscal_number = fiscal_number;
  if (!ours) return;
  sales_return.original_id = ours->id;
  if (sales_return.order_id.empty()) sales_return.order_id = ours->order_id;
}

absl::StatusOr<ReturnedOriginal> FindOriginal(store::Store& store, const Document& sales_return) {
  if (!sales_return.original_sale) return ReturnedOriginal();
  if (const auto& name = sales_return.original_sale->document) {
    return FindDocument(store, *name, sales_return.integration_id);
  }
  return FindReceipt(store, sales_return);
}

absl::StatusOr<store::IntegrationRecord> ChooseForReturn(store::Store& store, const Document& sales_return,
                                                         const ReturnedOriginal& original) {
  absl::StatusOr<store::IntegrationRecord> chosen = original.ours && sales_return.integration_id.empty()
                                                        ? OfRegister(store, *original.ours)
                                                        : ChooseIntegration(store, sales_return);
  if (!chosen.ok() || !chosen->integration.pinned_register) return chosen;
  const domain::PinnedRegister& pinned = *chosen->integration.pinned_register;
  if (original.ours && original.ours->register_fiscal_number != pinned.fiscal_number) {
    return OnOtherRegister(original.ours->register_fiscal_number, pinned.fiscal_number);
  }
  const bool of_other_mode =
      original.ours ? original.ours->key.mode != pinned.mode
                    : pinned.mode == RegisterMode::kReal && absl::StartsWith(original.fiscal_number, "TEST_");
  if (of_other_mode) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kSaleOnOtherRegister,
                         "a test receipt is never the original of a real return, nor a real one of a test");
  }
  return chosen;
}

}  // namespace kasa::engine
