#include "server/api/encode_document.h"

namespace kasa::api {
namespace {

void EncodeLine(const domain::Line& line, v1::Line* out) {
  out->set_line_id(line.line_id);
  out->set_name(line.name);
  out->set_quantity_thousandths(line.quantity.thousandths());
  out->set_price_kopiykas(line.price.kopiykas());
  out->set_discount_kopiykas(line.discount.kopiykas());
  out->set_tax_id(line.tax_id);
  if (line.amount) out->set_amount_kopiykas(line.amount->kopiykas());
  out->set_code(line.code);
  out->set_barcode(line.barcode);
  out->set_uktzed(line.uktzed);
  out->set_dkpp(line.dkpp);
  for (const std::string& stamp : line.excise_stamps) out->add_excise_stamps(stamp);
  out->set_unit_code(line.unit_code);
  out->set_comment(line.comment);
  out->set_original_line_id(line.original_line_id);
}

v1::PaymentKind EncodeKind(domain::PaymentKind kind) {
  switch (kind) {
    case domain::PaymentKind::kUnspecified:
      return v1::PAYMENT_KIND_UNSPECIFIED;
    case domain::PaymentKind::kCash:
      return v1::PAYMENT_KIND_CASH;
    case domain::PaymentKind::kCashless:
      return v1::PAYMENT_KIND_CASHLESS;
  }
  return v1::PAYMENT_KIND_UNSPECIFIED;
}

void EncodePayment(const domain::Payment& payment, v1::Payment* out) {
  out->set_payment_method_id(payment.payment_method_id);
  out->set_kind(EncodeKind(payment.kind));
  out->set_amount_kopiykas(payment.amount.kopiykas());
  if (payment.tendered) out->set_tendered_kopiykas(payment.tendered->kopiykas());
  if (!payment.card) return;
  const domain::CardDetails& card = *payment.card;
  v1::CardDetails& to = *out->mutable_card();
  to.set_rrn(card.rrn);
  to.set_auth_code(card.auth_code);
  to.set_terminal_id(card.terminal_id);
  to.set_card_mask(card.card_mask);
  to.set_payment_system(card.payment_system);
  to.set_bank_id(card.bank_id);
  to.set_bank_name(card.bank_name);
  to.set_commission_kopiykas(card.commission.kopiykas());
}

v1::ChainRole EncodeRole(domain::ChainRole role) {
  switch (role) {
    case domain::ChainRole::kNone:
      return v1::CHAIN_ROLE_UNSPECIFIED;
    case domain::ChainRole::kPrepayment:
      return v1::CHAIN_ROLE_PREPAYMENT;
    case domain::ChainRole::kPostpayment:
      return v1::CHAIN_ROLE_POSTPAYMENT;
    case domain::ChainRole::kChainReturn:
      return v1::CHAIN_ROLE_CHAIN_RETURN;
  }
  return v1::CHAIN_ROLE_UNSPECIFIED;
}

}  // namespace

void EncodeDocument(const domain::Document& document, v1::Document* out) {
  out->set_activated(document.activated);
  out->set_document_date(document.document_date);
  out->set_currency_code(document.currency_code);
  out->set_branch_id(document.branch_id);
  out->set_legal_entity_id(document.legal_entity_id);
  out->set_integration_id(document.integration_id);
  out->set_order_id(document.order_id);
  for (const domain::Line& line : document.lines) EncodeLine(line, out->add_lines());
  out->set_discount_kopiykas(document.discount.kopiykas());
  for (const domain::Payment& payment : document.payments) EncodePayment(payment, out->add_payments());
  out->set_comment(document.comment);
  out->set_chain_role(EncodeRole(document.chain_role));
  if (document.order_total) out->set_order_total_kopiykas(document.order_total->kopiykas());
}

}  // namespace kasa::api
