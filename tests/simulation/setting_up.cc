#include "tests/simulation/setting_up.h"

#include <utility>

#include "common/secret.h"

namespace kasa::simulation {

store::IntegrationRecord IntegrationFor(const PlannedRegister& planned, std::string id,
                                        std::string register_number, std::string token) {
  store::IntegrationRecord record;
  domain::Integration& one = record.integration;
  one.id = std::move(id);
  one.legal_entity_id = "tov-1";
  one.active = true;
  one.cashier_name = "Каса";
  one.tag_memory = planned.tag_memory;
  one.doubt_policy = planned.doubt_policy;
  one.cash_rounding = planned.cash_rounding;
  one.part_payments = domain::PartPayments::kAllowed;
  one.default_payment_line = domain::DefaultPaymentLine{"Оплата замовлення", "vat20"};
  one.quiet_window = planned.quiet_window;
  one.token_state = domain::TokenState::kAccepted;
  one.pinned_register =
      domain::PinnedRegister{.fiscal_number = std::move(register_number), .edrpou = "12345678"};
  record.token = Secret(std::move(token));
  return record;
}

}  // namespace kasa::simulation
