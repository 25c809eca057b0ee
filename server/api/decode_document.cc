#include "server/api/decode_document.h"

#include <string>
#include <utility>

#include "server/domain/limits.h"
#include "server/domain/returns.h"

namespace kasa::api {
namespace {

domain::Line DecodeLine(const v1::Line& line) {
  domain::Line result;
  result.line_id = line.line_id();
  result.name = line.name();
  result.quantity = Quantity::FromThousandths(line.quantity_thousandths());
  result.price = Money::FromKopiykas(line.price_kopiykas());
  result.discount = Money::FromKopiykas(line.discount_kopiykas());
  if (line.has_amount_kopiykas()) result.amount = Money::FromKopiykas(line.amount_kopiykas());
  result.tax_id = line.tax_id();
  result.code = line.code();
  result.barcode = line.barcode();
  result.uktzed = line.uktzed();
  result.dkpp = line.dkpp();
  result.excise_stamps.assign(line.excise_stamps().begin(),
                              line.excise_stamps().begin() +
                                  ItemsToDecode(line.excise_stamps_size(), domain::kMaxExciseStampsPerLine));
  result.unit_code = line.unit_code();
  result.comment = line.comment();
  result.original_line_id = line.original_line_id();
  return result;
}

domain::CardDetails DecodeCard(const v1::CardDetails& card) {
  return {.rrn = card.rrn(),
          .auth_code = card.auth_code(),
          .terminal_id = card.terminal_id(),
          .card_mask = card.card_mask(),
          .payment_system = card.payment_system(),
          .bank_id = card.bank_id(),
          .bank_name = card.bank_name(),
          .commission = Money::FromKopiykas(card.commission_kopiykas())};
}

domain::PaymentKind DecodePaymentKind(v1::PaymentKind kind, absl::string_view path, RequestCheck& check) {
  switch (kind) {
    case v1::PAYMENT_KIND_UNSPECIFIED:
      return domain::PaymentKind::kUnspecified;
    case v1::PAYMENT_KIND_CASH:
      return domain::PaymentKind::kCash;
    case v1::PAYMENT_KIND_CASHLESS:
      return domain::PaymentKind::kCashless;
    default:
      check.UnknownEnum(path, kind);
      return domain::PaymentKind::kUnspecified;
  }
}

domain::ChainRole DecodeChainRole(v1::ChainRole role, absl::string_view path, RequestCheck& check) {
  switch (role) {
    case v1::CHAIN_ROLE_UNSPECIFIED:
    case v1::CHAIN_ROLE_NONE:
      return domain::ChainRole::kNone;
    case v1::CHAIN_ROLE_PREPAYMENT:
      return domain::ChainRole::kPrepayment;
    case v1::CHAIN_ROLE_POSTPAYMENT:
      return domain::ChainRole::kPostpayment;
    case v1::CHAIN_ROLE_CHAIN_RETURN:
      return domain::ChainRole::kChainReturn;
    default:
      check.UnknownEnum(path, role);
      return domain::ChainRole::kNone;
  }
}

domain::Payment DecodePayment(const v1::Payment& payment, absl::string_view path, RequestCheck& check) {
  domain::Payment result;
  result.payment_method_id = payment.payment_method_id();
  result.kind = DecodePaymentKind(payment.kind(), FieldPath(path, "kind"), check);
  result.amount = Money::FromKopiykas(payment.amount_kopiykas());
  if (payment.has_tendered_kopiykas()) result.tendered = Money::FromKopiykas(payment.tendered_kopiykas());
  if (payment.has_card()) result.card = DecodeCard(payment.card());
  return result;
}

}  // namespace

std::vector<domain::Line> DecodeLines(const google::protobuf::RepeatedPtrField<v1::Line>& lines) {
  std::vector<domain::Line> result;
  const int decoded = ItemsToDecode(lines.size(), domain::kMaxLines);
  result.reserve(static_cast<size_t>(decoded));
  for (int i = 0; i < decoded; ++i) result.push_back(DecodeLine(lines[i]));
  return result;
}

std::vector<domain::Payment> DecodePayments(const google::protobuf::RepeatedPtrField<v1::Payment>& payments,
                                            absl::string_view path, RequestCheck& check) {
  std::vector<domain::Payment> result;
  const int decoded = ItemsToDecode(payments.size(), domain::kMaxPayments);
  result.reserve(static_cast<size_t>(decoded));
  for (int i = 0; i < decoded; ++i) {
    result.push_back(DecodePayment(payments[i], ItemPath(path, i), check));
  }
  return result;
}

domain::Buyer DecodeBuyer(const v1::Buyer& buyer) {
  return {.phone = buyer.phone(), .email = buyer.email()};
}

domain::Document DecodeDocument(const v1::Document& document, absl::string_view path, RequestCheck& check) {
  domain::Document result;
  result.activated = document.activated();
  result.document_date = document.document_date();
  result.currency_code = document.currency_code();
  result.branch_id = document.branch_id();
  result.legal_entity_id = document.legal_entity_id();
  result.integration_id = document.integration_id();
  result.order_id = document.order_id();
  result.lines = DecodeLines(document.lines());
  result.discount = Money::FromKopiykas(document.discount_kopiykas());
  result.payments = DecodePayments(document.payments(), FieldPath(path, "payments"), check);
  result.buyer = DecodeBuyer(document.buyer());
  result.comment = document.comment();
  result.chain_role = DecodeChainRole(document.chain_role(), FieldPath(path, "chain_role"), check);
  if (document.has_order_total_kopiykas()) {
    result.order_total = Money::FromKopiykas(document.order_total_kopiykas());
  }
  return result;
}

AskedKey DecodeAskedKey(const v1::DocumentKey& key, absl::string_view path, RequestCheck& check) {
  AskedKey asked;
  const std::string kind = FieldPath(path, "kind");
  switch (key.kind()) {
    case v1::DOCUMENT_KIND_UNSPECIFIED:
      check.Add(kind, Reason::kFieldRequired, "is required");
      break;
    case v1::DOCUMENT_KIND_SALE:
      asked.key.kind = domain::DocumentKind::kSale;
      break;
    case v1::DOCUMENT_KIND_RETURN:
      asked.key.kind = domain::DocumentKind::kReturn;
      break;
    case v1::DOCUMENT_KIND_PAYMENT:
      asked.key.kind = domain::DocumentKind::kPayment;
      break;
    default:
      check.UnknownEnum(kind, key.kind());
  }
  check.Required(FieldPath(path, "document_id"), key.document_id());
  check.Required(FieldPath(path, "source_system"), key.source_system(), domain::kMaxSourceSystemLength);
  asked.key.document_id = key.document_id();
  asked.key.source_system = key.source_system();
  switch (key.register_mode()) {
    case v1::REGISTER_MODE_UNSPECIFIED:
      asked.any_mode = true;
      break;
    case v1::REGISTER_MODE_TEST:
      asked.key.mode = domain::RegisterMode::kTest;
      break;
    case v1::REGISTER_MODE_REAL:
      asked.key.mode = domain::RegisterMode::kReal;
      break;
    default:
      check.UnknownEnum(FieldPath(path, "register_mode"), key.register_mode());
  }
  return asked;
}

domain::DocumentName DecodeDocumentName(const v1::DocumentKey& key, absl::string_view path,
                                        RequestCheck& check) {
  RequestCheck of_ids;  // told by the domain, with all else that is wrong
  const AskedKey asked = DecodeAskedKey(key, path, of_ids);
  if (key.kind() == v1::DOCUMENT_KIND_UNSPECIFIED) {
    check.Add(FieldPath(path, "kind"), Reason::kFieldRequired, "is required");
  } else if (!v1::DocumentKind_IsValid(key.kind())) {
    check.UnknownEnum(FieldPath(path, "kind"), key.kind());
  }
  if (!v1::RegisterMode_IsValid(key.register_mode())) {
    check.UnknownEnum(FieldPath(path, "register_mode"), key.register_mode());
  }
  domain::DocumentName name;
  name.source_system = asked.key.source_system;
  name.kind = asked.key.kind;
  name.document_id = asked.key.document_id;
  if (!asked.any_mode) name.mode = asked.key.mode;
  return name;
}

domain::OriginalSale DecodeOriginal(const v1::OriginalSale& original, absl::string_view path,
                                    RequestCheck& check) {
  domain::OriginalSale result;
  switch (original.original_case()) {
    case v1::OriginalSale::kDocument:
      result.document = DecodeDocumentName(original.document(), FieldPath(path, "document"), check);
      break;
    case v1::OriginalSale::kFiscalNumber:
      result.fiscal_number = original.fiscal_number();
      break;
    case v1::OriginalSale::ORIGINAL_NOT_SET:
      check.Add(path, Reason::kFieldRequired, "names neither a document nor a fiscal number");
      return result;
  }
  check.AddAll(domain::CheckOriginalSale(result));
  return result;
}

}  // namespace kasa::api
