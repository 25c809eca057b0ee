#include "tools/demo_client/set_up.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "tools/demo_client/sale.h"

namespace kasa::demo {
namespace {

absl::Status EnsureIntegration(const client::Client& gateway, const Say& say) {
  v1::GetIntegrationRequest get;
  get.set_integration_id(std::string(kIntegrationId));
  const auto found = gateway.GetIntegration(get);
  if (found.ok()) {
    if (found->integration().archived()) {
      return absl::FailedPreconditionError(
          absl::StrCat("integration \"", kIntegrationId,
                       "\" was deleted, and its id stays taken; start the gateway "
                       "with a new store"));
    }
    say(absl::StrCat("integration \"", kIntegrationId, "\" is there already"));
    return absl::OkStatus();
  }
  const std::optional<client::Error> error = client::ErrorFrom(found.status());
  if (error->reason != "INTEGRATION_NOT_FOUND") return found.status();

  v1::CreateIntegrationRequest create;
  create.set_integration_id(std::string(kIntegrationId));
  v1::Integration& integration = *create.mutable_integration();
  integration.set_display_name("Демонстрація");
  integration.set_legal_entity_id(std::string(kLegalEntityId));
  integration.set_is_default(true);  // so that a sale need not name it
  integration.set_cashier_name("Демо Касир");
  const auto created = gateway.CreateIntegration(create);
  if (created.ok()) say(absl::StrCat("created integration \"", kIntegrationId, "\""));
  return created.status();
}

absl::Status Map(const client::Client& gateway, const Say& say) {
  v1::UpdateMappingRequest update;
  update.set_merge(true);
  v1::Mapping& mapping = *update.mutable_mapping();
  mapping.set_integration_id(std::string(kIntegrationId));
  v1::TaxMapping& tax = *mapping.add_taxes();
  tax.set_tax_id(std::string(kTaxId));
  tax.set_tax_group(1);
  const auto add_method = [&mapping](absl::string_view id, int32_t payment_type) {
    v1::PaymentMethodMapping& method = *mapping.add_payment_methods();
    method.set_payment_method_id(std::string(id));
    method.set_payment_type(payment_type);
  };
  add_method(kCashId, 0);
  add_method(kCardId, 2);
  const auto updated = gateway.UpdateMapping(update);
  if (updated.ok()) {
    say(absl::StrCat("mapped ", kTaxId, " to tax group 1, ", kCashId, " to payment type 0, ", kCardId,
                     " to 2"));
  }
  return updated.status();
}

absl::StatusOr<v1::Integration> SetToken(const client::Client& gateway, const std::string& token,
                                         const Say& say) {
  v1::SetTokenRequest set;
  set.set_integration_id(std::string(kIntegrationId));
  set.set_token(token);
  const auto answer = gateway.SetToken(set);
  if (!answer.ok()) return answer.status();
  const v1::Integration& integration = answer->integration();
  if (integration.register_mode() == v1::REGISTER_MODE_REAL) {
    return absl::FailedPreconditionError(
        absl::StrCat("the token is that of a real register (", integration.register_fiscal_number(),
                     "): the demo's sale would be a receipt that counts. Give the token of a test register"));
  }
  if (integration.register_mode() != v1::REGISTER_MODE_TEST) {
    std::string why;
    for (const v1::Warning& warning : answer->warnings()) absl::StrAppend(&why, "; ", warning.message());
    return absl::FailedPreconditionError(
        absl::StrCat("the gateway does not know the register behind the token yet", why,
                     ". Is the simulator (or Vchasno.Kasa) running, and the gateway pointed at it?"));
  }
  say(absl::StrCat("set the token: test register ", integration.register_fiscal_number(), " of legal entity ",
                   integration.edrpou()));
  return integration;
}

absl::StatusOr<v1::Integration> Activate(const client::Client& gateway, const Say& say) {
  v1::UpdateIntegrationRequest update;
  update.mutable_integration()->set_integration_id(std::string(kIntegrationId));
  update.mutable_integration()->set_active(true);
  update.mutable_update_mask()->add_paths("active");
  auto answer = gateway.UpdateIntegration(update);
  if (!answer.ok()) return answer.status();
  say("activated it");
  return answer->integration();
}

}  // namespace

absl::StatusOr<v1::Integration> SetUp(const client::Client& gateway, const std::string& token,
                                      const Say& say) {
  if (absl::Status status = EnsureIntegration(gateway, say); !status.ok()) return status;
  if (absl::Status status = Map(gateway, say); !status.ok()) return status;
  absl::StatusOr<v1::Integration> integration = SetToken(gateway, token, say);
  if (!integration.ok() || integration->active()) return integration;
  return Activate(gateway, say);
}

}  // namespace kasa::demo
