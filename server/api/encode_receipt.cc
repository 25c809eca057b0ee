#include "server/api/encode_receipt.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/api/times.h"
#include "server/vchasno/base_url.h"

namespace kasa::api {
namespace {

// A register may put the State Tax Service's own page into the QR code. Nothing else is known to be one.
constexpr absl::string_view kStsPage = "https://cabinet.tax.gov.ua/cashregs/check?";

}  // namespace

v1::RegisterMode EncodeMode(domain::RegisterMode mode) {
  return mode == domain::RegisterMode::kTest ? v1::REGISTER_MODE_TEST : v1::REGISTER_MODE_REAL;
}

v1::DocumentKind EncodeKind(domain::DocumentKind kind) {
  switch (kind) {
    case domain::DocumentKind::kSale:
      return v1::DOCUMENT_KIND_SALE;
    case domain::DocumentKind::kReturn:
      return v1::DOCUMENT_KIND_RETURN;
    case domain::DocumentKind::kPayment:
      return v1::DOCUMENT_KIND_PAYMENT;
  }
  return v1::DOCUMENT_KIND_UNSPECIFIED;
}

void EncodeKey(const domain::DocumentKey& key, v1::DocumentKey* out) {
  out->set_kind(EncodeKind(key.kind));
  out->set_document_id(key.document_id);
  out->set_source_system(key.source_system);
  out->set_register_mode(EncodeMode(key.mode));
}

std::string ViewUrlOf(const domain::Receipt& receipt, const ReceiptPages& pages) {
  return absl::StrCat(pages.viewer_url, "/", vchasno::EscapePathSegment(receipt.fiscal_number));
}

std::string StsUrlOf(const domain::Receipt& receipt) {
  if (!receipt.sts_url.empty()) return receipt.sts_url;
  return absl::StartsWith(receipt.qr, kStsPage) ? receipt.qr : "";
}

void EncodeReceipt(const domain::Fiscalization& fiscalization, const ReceiptPages& pages, v1::Receipt* out) {
  const domain::Receipt& receipt = *fiscalization.receipt;
  out->set_fiscal_number(receipt.fiscal_number);
  out->set_register_fiscal_number(receipt.register_fiscal_number);
  if (receipt.local_number) out->set_local_number(*receipt.local_number);
  if (receipt.fiscal_time) {
    EncodeTime(*receipt.fiscal_time, out->mutable_fiscal_time());
    const auto document_day = ParseCivilDay(fiscalization.document.document_date);
    out->set_date_differs(document_day && *document_day != pages.kyiv.DayOf(*receipt.fiscal_time));
  }
  out->set_fiscal_time_raw(receipt.fiscal_time_raw);
  out->set_total_kopiykas(receipt.total.kopiykas());
  out->set_register_mode(EncodeMode(receipt.mode));
  out->set_offline(receipt.offline);
  if (receipt.reached_sts_time) EncodeTime(*receipt.reached_sts_time, out->mutable_reached_sts_time());
  out->set_view_url(ViewUrlOf(receipt, pages));
  out->set_sts_url(StsUrlOf(receipt));
  out->set_qr_text(receipt.qr);
  out->set_fiscalization_id(fiscalization.id);
  EncodeKey(fiscalization.key, out->mutable_document());
  out->set_integration_id(fiscalization.integration_id);
  out->set_order_id(fiscalization.order_id);
  out->set_shift_number(receipt.shift_number);
}

}  // namespace kasa::api
