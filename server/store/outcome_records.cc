#include "server/store/connection.h"
#include "server/store/record_values.h"
#include "server/store/records.h"

namespace kasa::store {

std::string EncodeReceipt(const domain::Receipt& receipt) {
  v1::Receipt to;
  if (receipt.local_number) to.set_local_number(*receipt.local_number);
  if (receipt.fiscal_time) to.set_fiscal_time_micros(ToMicros(*receipt.fiscal_time));
  to.set_fiscal_time_raw(receipt.fiscal_time_raw);
  to.set_total_kopiykas(receipt.total.kopiykas());
  to.set_mode(static_cast<int>(receipt.mode));
  to.set_offline(receipt.offline);
  to.set_told_online(receipt.told_online);
  to.set_qr(receipt.qr);
  to.set_shift_number(receipt.shift_number);
  return to.SerializeAsString();
}

domain::Receipt DecodeReceipt(const std::string& bytes) {
  const auto from = Parsed<v1::Receipt>(bytes, "receipt");
  domain::Receipt receipt;
  if (from.has_local_number()) receipt.local_number = from.local_number();
  if (from.has_fiscal_time_micros()) receipt.fiscal_time = FromMicros(from.fiscal_time_micros());
  receipt.fiscal_time_raw = from.fiscal_time_raw();
  receipt.total = Kopiykas(from.total_kopiykas());
  receipt.mode = ModeFrom(from.mode());
  receipt.offline = from.offline();
  receipt.told_online = from.told_online();
  receipt.qr = from.qr();
  receipt.shift_number = from.shift_number();
  return receipt;
}

std::string EncodeFailure(const domain::Failure& failure) {
  v1::Failure to;
  to.set_reason(std::string(NameOf(failure.reason)));
  to.set_message(failure.message);
  to.set_correction_allowed(failure.correction_allowed);
  if (failure.upstream) {
    v1::Upstream& upstream = *to.mutable_upstream();
    upstream.set_http_status(failure.upstream->http_status);
    if (failure.upstream->res) upstream.set_res(*failure.upstream->res);
    if (failure.upstream->res_action) upstream.set_res_action(*failure.upstream->res_action);
    upstream.set_errortxt(failure.upstream->errortxt);
    upstream.set_error_extra_json(failure.upstream->error_extra_json);
  }
  return to.SerializeAsString();
}

domain::Failure DecodeFailure(const std::string& bytes) {
  const auto from = Parsed<v1::Failure>(bytes, "failure");
  const std::optional<Reason> reason = ReasonFromName(from.reason());
  if (!reason) throw UnreadableRecord(absl::StrCat("there is no reason '", from.reason(), "'"));
  domain::Failure failure;
  failure.reason = *reason;
  failure.message = from.message();
  failure.correction_allowed = from.correction_allowed();
  if (from.has_upstream()) {
    domain::Upstream& upstream = failure.upstream.emplace();
    upstream.http_status = from.upstream().http_status();
    if (from.upstream().has_res()) upstream.res = from.upstream().res();
    if (from.upstream().has_res_action()) upstream.res_action = from.upstream().res_action();
    upstream.errortxt = from.upstream().errortxt();
    upstream.error_extra_json = from.upstream().error_extra_json();
  }
  return failure;
}

std::string EncodeResolution(const domain::Resolution& resolution) {
  v1::Resolution to;
  to.set_outcome(static_cast<int>(resolution.outcome));
  to.set_fiscal_number(resolution.fiscal_number);
  to.set_principal(resolution.principal);
  to.set_note(resolution.note);
  to.set_verified(resolution.verified);
  to.set_resolve_time_micros(ToMicros(resolution.resolve_time));
  return to.SerializeAsString();
}

domain::Resolution DecodeResolution(const std::string& bytes) {
  const auto from = Parsed<v1::Resolution>(bytes, "resolution");
  domain::Resolution resolution;
  resolution.outcome = EnumFrom(from.outcome(), domain::ResolutionOutcome::kReceiptExists,
                                domain::ResolutionOutcome::kAbsentGiveUp, "resolution outcome");
  resolution.fiscal_number = from.fiscal_number();
  resolution.principal = from.principal();
  resolution.note = from.note();
  resolution.verified = from.verified();
  resolution.resolve_time = FromMicros(from.resolve_time_micros());
  return resolution;
}

std::string EncodeTotals(const domain::Totals& totals) {
  v1::Totals to;
  to.set_sale_count(totals.sale_count);
  to.set_return_count(totals.return_count);
  to.set_sales_kopiykas(totals.sales.kopiykas());
  to.set_returns_kopiykas(totals.returns.kopiykas());
  to.set_sales_rounding_kopiykas(totals.sales_rounding.kopiykas());
  to.set_returns_rounding_kopiykas(totals.returns_rounding.kopiykas());
  const auto write = [](int code, Money plus, Money minus, v1::CodeTotal& total) {
    total.set_code(code);
    total.set_plus_kopiykas(plus.kopiykas());
    total.set_minus_kopiykas(minus.kopiykas());
  };
  for (const auto& [group, total] : totals.tax_groups) {
    write(group, total.sales, total.returns, *to.add_tax_groups());
  }
  for (const auto& [type, total] : totals.payment_types) {
    write(type, total.received, total.returned, *to.add_payment_types());
  }
  return to.SerializeAsString();
}

domain::Totals DecodeTotals(const std::string& bytes) {
  const auto from = Parsed<v1::Totals>(bytes, "totals");
  domain::Totals totals;
  totals.sale_count = from.sale_count();
  totals.return_count = from.return_count();
  totals.sales = Kopiykas(from.sales_kopiykas());
  totals.returns = Kopiykas(from.returns_kopiykas());
  totals.sales_rounding = Kopiykas(from.sales_rounding_kopiykas());
  totals.returns_rounding = Kopiykas(from.returns_rounding_kopiykas());
  for (const v1::CodeTotal& total : from.tax_groups()) {
    totals.tax_groups[total.code()] = {.sales = Kopiykas(total.plus_kopiykas()),
                                       .returns = Kopiykas(total.minus_kopiykas())};
  }
  for (const v1::CodeTotal& total : from.payment_types()) {
    totals.payment_types[total.code()] = {.received = Kopiykas(total.plus_kopiykas()),
                                          .returned = Kopiykas(total.minus_kopiykas())};
  }
  return totals;
}

}  // namespace kasa::store
