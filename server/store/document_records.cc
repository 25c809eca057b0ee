#include "server/store/record_values.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

void Write(const domain::CardDetails& card, v1::CardDetails& to) {
  to.set_rrn(card.rrn);
  to.set_auth_code(card.auth_code);
  to.set_terminal_id(card.terminal_id);
  to.set_card_mask(card.card_mask);
  to.set_payment_system(card.payment_system);
  to.set_bank_id(card.bank_id);
  to.set_bank_name(card.bank_name);
  to.set_commission_kopiykas(card.commission.kopiykas());
}

domain::CardDetails Read(const v1::CardDetails& from) {
  domain::CardDetails card;
  card.rrn = from.rrn();
  card.auth_code = from.auth_code();
  card.terminal_id = from.terminal_id();
  card.card_mask = from.card_mask();
  card.payment_system = from.payment_system();
  card.bank_id = from.bank_id();
  card.bank_name = from.bank_name();
  card.commission = Kopiykas(from.commission_kopiykas());
  return card;
}

void Write(const domain::Line& line, v1::Line& to) {
  to.set_line_id(line.line_id);
  to.set_name(line.name);
  to.set_quantity_thousandths(line.quantity.thousandths());
  to.set_price_kopiykas(line.price.kopiykas());
  to.set_discount_kopiykas(line.discount.kopiykas());
  if (line.amount) to.set_amount_kopiykas(line.amount->kopiykas());
  to.set_tax_id(line.tax_id);
  to.set_code(line.code);
  to.set_barcode(line.barcode);
  to.set_uktzed(line.uktzed);
  to.set_dkpp(line.dkpp);
  for (const std::string& stamp : line.excise_stamps) to.add_excise_stamps(stamp);
  to.set_unit_code(line.unit_code);
  to.set_comment(line.comment);
  to.set_original_line_id(line.original_line_id);
}

domain::Line Read(const v1::Line& from) {
  domain::Line line;
  line.line_id = from.line_id();
  line.name = from.name();
  line.quantity = Quantity::FromThousandths(from.quantity_thousandths());
  line.price = Kopiykas(from.price_kopiykas());
  line.discount = Kopiykas(from.discount_kopiykas());
  if (from.has_amount_kopiykas()) line.amount = Kopiykas(from.amount_kopiykas());
  line.tax_id = from.tax_id();
  line.code = from.code();
  line.barcode = from.barcode();
  line.uktzed = from.uktzed();
  line.dkpp = from.dkpp();
  line.excise_stamps.assign(from.excise_stamps().begin(), from.excise_stamps().end());
  line.unit_code = from.unit_code();
  line.comment = from.comment();
  line.original_line_id = from.original_line_id();
  return line;
}

void Write(const domain::Payment& payment, v1::Payment& to) {
  to.set_payment_method_id(payment.payment_method_id);
  to.set_kind(static_cast<int>(payment.kind));
  to.set_amount_kopiykas(payment.amount.kopiykas());
  if (payment.tendered) to.set_tendered_kopiykas(payment.tendered->kopiykas());
  if (payment.card) Write(*payment.card, *to.mutable_card());
}

domain::Payment Read(const v1::Payment& from) {
  domain::Payment payment;
  payment.payment_method_id = from.payment_method_id();
  payment.kind = EnumFrom(from.kind(), domain::PaymentKind::kUnspecified, domain::PaymentKind::kCashless,
                          "payment kind");
  payment.amount = Kopiykas(from.amount_kopiykas());
  if (from.has_tendered_kopiykas()) payment.tendered = Kopiykas(from.tendered_kopiykas());
  if (from.has_card()) payment.card = Read(from.card());
  return payment;
}

void Write(const domain::PricedRow& row, v1::PricedRow& to) {
  to.set_line_id(row.line_id);
  to.set_code(row.code);
  to.set_barcode(row.barcode);
  to.set_uktzed(row.uktzed);
  to.set_dkpp(row.dkpp);
  for (const std::string& stamp : row.excise_stamps) to.add_excise_stamps(stamp);
  to.set_name(row.name);
  to.set_quantity_thousandths(row.quantity.thousandths());
  to.set_price_kopiykas(row.price.kopiykas());
  to.set_discount_kopiykas(row.discount.kopiykas());
  to.set_amount_kopiykas(row.amount.kopiykas());
  to.set_tax_group(row.tax_group);
  to.set_comment(row.comment);
  to.set_original_row(row.original_row);
}

domain::PricedRow Read(const v1::PricedRow& from) {
  domain::PricedRow row;
  row.line_id = from.line_id();
  row.code = from.code();
  row.barcode = from.barcode();
  row.uktzed = from.uktzed();
  row.dkpp = from.dkpp();
  row.excise_stamps.assign(from.excise_stamps().begin(), from.excise_stamps().end());
  row.name = from.name();
  row.quantity = Quantity::FromThousandths(from.quantity_thousandths());
  row.price = Kopiykas(from.price_kopiykas());
  row.discount = Kopiykas(from.discount_kopiykas());
  row.amount = Kopiykas(from.amount_kopiykas());
  row.tax_group = from.tax_group();
  row.comment = from.comment();
  row.original_row = from.original_row();
  return row;
}

void Write(const domain::DocumentName& name, v1::DocumentName& to) {
  to.set_source_system(name.source_system);
  to.set_kind(static_cast<int>(name.kind));
  to.set_document_id(name.document_id);
  if (name.mode) to.set_mode(static_cast<int>(*name.mode));
}

domain::DocumentName Read(const v1::DocumentName& from) {
  domain::DocumentName name;
  name.source_system = from.source_system();
  name.kind = KindFrom(from.kind());
  name.document_id = from.document_id();
  if (from.has_mode()) name.mode = ModeFrom(from.mode());
  return name;
}

// What only a return or only a payment has.
void Write(const domain::Notice& notice, v1::Notice& to) {
  if (notice.reason) to.set_reason(std::string(NameOf(*notice.reason)));
  to.set_field(notice.field);
  to.set_message(notice.message);
}

// A reason that this version does not know must not make the receipt unreadable.
domain::Notice Read(const v1::Notice& from) {
  domain::Notice notice = domain::Notice::WithoutReason(from.message());
  notice.reason = ReasonFromName(from.reason());
  notice.field = from.field();
  return notice;
}

void WriteKindFields(const domain::Document& document, v1::Document& to) {
  if (document.original_sale) {
    v1::OriginalSale& original = *to.mutable_original_sale();
    if (document.original_sale->document)
      Write(*document.original_sale->document, *original.mutable_document());
    original.set_fiscal_number(document.original_sale->fiscal_number);
  }
  if (document.refund_method_change) {
    v1::RefundMethodChange& change = *to.mutable_refund_method_change();
    change.set_buyer_agreed(document.refund_method_change->buyer_agreed);
    change.set_note(document.refund_method_change->note);
  }
  to.set_direction(static_cast<int>(document.direction));
  if (document.money_place) {
    v1::MoneyPlace& place = *to.mutable_money_place();
    place.set_cash_desk_id(document.money_place->cash_desk_id);
    place.set_bank_account_id(document.money_place->bank_account_id);
  }
  if (document.paid_document) Write(*document.paid_document, *to.mutable_paid_document());
}

void ReadKindFields(const v1::Document& from, domain::Document& document) {
  if (from.has_original_sale()) {
    domain::OriginalSale& original = document.original_sale.emplace();
    if (from.original_sale().has_document()) original.document = Read(from.original_sale().document());
    original.fiscal_number = from.original_sale().fiscal_number();
  }
  if (from.has_refund_method_change()) {
    document.refund_method_change = {.buyer_agreed = from.refund_method_change().buyer_agreed(),
                                     .note = from.refund_method_change().note()};
  }
  document.direction = EnumFrom(from.direction(), domain::PaymentDirection::kUnspecified,
                                domain::PaymentDirection::kOutgoing, "payment direction");
  if (from.has_money_place()) {
    document.money_place = {.cash_desk_id = from.money_place().cash_desk_id(),
                            .bank_account_id = from.money_place().bank_account_id()};
  }
  if (from.has_paid_document()) document.paid_document = Read(from.paid_document());
}

}  // namespace

std::string EncodeDocument(const domain::Document& document) {
  v1::Document to;
  to.set_activated(document.activated);
  to.set_document_date(document.document_date);
  to.set_currency_code(document.currency_code);
  to.set_branch_id(document.branch_id);
  to.set_legal_entity_id(document.legal_entity_id);
  to.set_integration_id(document.integration_id);
  to.set_order_id(document.order_id);
  for (const domain::Line& line : document.lines) Write(line, *to.add_lines());
  to.set_discount_kopiykas(document.discount.kopiykas());
  for (const domain::Payment& payment : document.payments) Write(payment, *to.add_payments());
  to.set_buyer_phone(document.buyer.phone);
  to.set_buyer_email(document.buyer.email);
  to.set_comment(document.comment);
  to.set_chain_role(static_cast<int>(document.chain_role));
  if (document.order_total) to.set_order_total_kopiykas(document.order_total->kopiykas());
  WriteKindFields(document, to);
  return to.SerializeAsString();
}

domain::Document DecodeDocument(const std::string& bytes) {
  const auto from = Parsed<v1::Document>(bytes, "document");
  domain::Document document;
  document.activated = from.activated();
  document.document_date = from.document_date();
  document.currency_code = from.currency_code();
  document.branch_id = from.branch_id();
  document.legal_entity_id = from.legal_entity_id();
  document.integration_id = from.integration_id();
  document.order_id = from.order_id();
  document.lines.reserve(static_cast<size_t>(from.lines_size()));
  for (const v1::Line& line : from.lines()) document.lines.push_back(Read(line));
  document.discount = Kopiykas(from.discount_kopiykas());
  document.payments.reserve(static_cast<size_t>(from.payments_size()));
  for (const v1::Payment& payment : from.payments()) document.payments.push_back(Read(payment));
  document.buyer.phone = from.buyer_phone();
  document.buyer.email = from.buyer_email();
  document.comment = from.comment();
  document.chain_role =
      EnumFrom(from.chain_role(), domain::ChainRole::kNone, domain::ChainRole::kChainReturn, "chain role");
  if (from.has_order_total_kopiykas()) document.order_total = Kopiykas(from.order_total_kopiykas());
  ReadKindFields(from, document);
  return document;
}

std::string EncodeDraft(const domain::PricedReceipt& receipt, const std::vector<domain::Notice>& warnings) {
  v1::Draft to;
  to.set_kind(static_cast<int>(receipt.kind));
  to.set_cashier(receipt.cashier);
  for (const domain::PricedRow& row : receipt.rows) Write(row, *to.add_rows());
  for (const domain::PricedPayment& payment : receipt.payments) {
    v1::PricedPayment& paid = *to.add_payments();
    paid.set_payment_type(payment.payment_type);
    paid.set_sum_kopiykas(payment.sum.kopiykas());
    paid.set_change_kopiykas(payment.change.kopiykas());
    if (payment.card) Write(*payment.card, *paid.mutable_card());
  }
  to.set_sum_kopiykas(receipt.sum.kopiykas());
  to.set_rounding_kopiykas(receipt.rounding.kopiykas());
  to.set_due_kopiykas(receipt.due.kopiykas());
  to.set_change_kopiykas(receipt.change.kopiykas());
  to.set_comment_up(receipt.comment_up);
  to.set_comment_down(receipt.comment_down);
  for (const domain::Notice& warning : warnings) Write(warning, *to.add_notices());
  return to.SerializeAsString();
}

Draft DecodeDraft(const std::string& bytes) {
  const auto from = Parsed<v1::Draft>(bytes, "draft");
  Draft draft;
  domain::PricedReceipt& receipt = draft.receipt;
  receipt.kind = KindFrom(from.kind());
  receipt.cashier = from.cashier();
  receipt.rows.reserve(static_cast<size_t>(from.rows_size()));
  for (const v1::PricedRow& row : from.rows()) receipt.rows.push_back(Read(row));
  for (const v1::PricedPayment& paid : from.payments()) {
    domain::PricedPayment& payment = receipt.payments.emplace_back();
    payment.payment_type = paid.payment_type();
    payment.sum = Kopiykas(paid.sum_kopiykas());
    payment.change = Kopiykas(paid.change_kopiykas());
    if (paid.has_card()) payment.card = Read(paid.card());
  }
  receipt.sum = Kopiykas(from.sum_kopiykas());
  receipt.rounding = Kopiykas(from.rounding_kopiykas());
  receipt.due = Kopiykas(from.due_kopiykas());
  receipt.change = Kopiykas(from.change_kopiykas());
  receipt.comment_up = from.comment_up();
  receipt.comment_down = from.comment_down();
  for (const std::string& words : from.warnings()) {
    draft.warnings.push_back(domain::Notice::WithoutReason(words));
  }
  for (const v1::Notice& notice : from.notices()) draft.warnings.push_back(Read(notice));
  return draft;
}

}  // namespace kasa::store
