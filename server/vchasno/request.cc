#include "server/vchasno/request.h"

#include <optional>

#include "absl/strings/match.h"
#include "common/money.h"
#include "server/vchasno/json.h"

namespace kasa::vchasno {
namespace {

// Writes members in the order of the calls, so the same arguments give the same bytes.
class ObjectWriter {
 public:
  explicit ObjectWriter(rapidjson::StringBuffer& out) : json_(out) {}

  void Key(absl::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void Text(absl::string_view name, absl::string_view value) {
    Key(name);
    String(value);
  }
  void TextIfAny(absl::string_view name, absl::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  void Int(absl::string_view name, int value) {
    Key(name);
    json_.Int(value);
  }
  void Amount(absl::string_view name, Money value) { Decimal(name, value.ToDecimal()); }
  void AmountIfAny(absl::string_view name, Money value) {
    if (!value.IsZero()) Amount(name, value);
  }
  void Count(absl::string_view name, Quantity value) { Decimal(name, value.ToDecimal()); }
  void String(absl::string_view value) {
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void StartObject() { json_.StartObject(); }
  void StartObject(absl::string_view name) {
    Key(name);
    json_.StartObject();
  }
  void EndObject() { json_.EndObject(); }
  void StartArray(absl::string_view name) {
    Key(name);
    json_.StartArray();
  }
  void EndArray() { json_.EndArray(); }

 private:
  void Decimal(absl::string_view name, const std::string& digits) {
    Key(name);
    json_.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
  }

  rapidjson::Writer<rapidjson::StringBuffer> json_;
};

void WriteRow(ObjectWriter& json, const domain::PricedRow& row) {
  json.StartObject();
  json.TextIfAny("code", row.code);
  json.TextIfAny("code1", row.barcode);
  json.TextIfAny("code2", row.uktzed);
  json.TextIfAny("code3", row.dkpp);
  // The API has a field for one excise stamp and one for several; each is used for what it is named.
  if (row.excise_stamps.size() == 1) json.TextIfAny("code_a", row.excise_stamps.front());
  if (row.excise_stamps.size() > 1) {
    json.StartArray("code_aa");
    for (const std::string& stamp : row.excise_stamps) json.String(stamp);
    json.EndArray();
  }
  json.Text("name", row.name);
  json.Count("cnt", row.quantity);
  json.Amount("price", row.price);
  json.AmountIfAny("disc", row.discount);
  // `cost` is price x cnt, so before the discount. It is optional; pricing has refused what overflows.
  if (const std::optional<Money> cost = Multiply(row.quantity, row.price)) json.Amount("cost", *cost);
  json.Int("taxgrp", row.tax_group);
  json.TextIfAny("comment", row.comment);
  json.EndObject();
}

void WritePayment(ObjectWriter& json, const domain::PricedPayment& payment) {
  json.StartObject();
  json.Int("type", payment.payment_type);
  json.Amount("sum", payment.sum);
  json.AmountIfAny("change", payment.change);
  if (payment.card) {
    const domain::CardDetails& card = *payment.card;
    json.AmountIfAny("commission", card.commission);
    json.TextIfAny("paysys", card.payment_system);
    json.TextIfAny("rrn", card.rrn);
    json.TextIfAny("cardmask", card.card_mask);
    json.TextIfAny("term_id", card.terminal_id);
    json.TextIfAny("bank_name", card.bank_name);
    json.TextIfAny("bank_id", card.bank_id);
    json.TextIfAny("auth_code", card.auth_code);
  }
  json.EndObject();
}

void WriteReceipt(ObjectWriter& json, const domain::PricedReceipt& receipt) {
  json.StartObject("receipt");
  json.Amount("sum", receipt.sum);
  // A register without rounding enabled refuses it (1115): one that is not needed is not named either.
  json.AmountIfAny("round", receipt.rounding);
  json.TextIfAny("comment_up", receipt.comment_up);
  json.TextIfAny("comment_down", receipt.comment_down);
  json.StartArray("rows");
  for (const domain::PricedRow& row : receipt.rows) WriteRow(json, row);
  json.EndArray();
  json.StartArray("pays");
  for (const domain::PricedPayment& payment : receipt.payments) WritePayment(json, payment);
  json.EndArray();
  json.EndObject();
}

void WriteBuyer(ObjectWriter& json, const domain::Buyer& buyer) {
  if (buyer.email.empty() && buyer.phone.empty()) return;
  json.StartObject("userinfo");
  json.TextIfAny("email", buyer.email);
  json.TextIfAny("phone", buyer.phone);
  json.EndObject();
}

std::string TextIn(const rapidjson::StringBuffer& out) {
  return std::string(out.GetString(), out.GetSize());
}

// A task of the shift, which has nothing in it but the cashier.
std::string EncodeShiftTask(int task, absl::string_view tag, absl::string_view cashier) {
  rapidjson::StringBuffer out;
  ObjectWriter json(out);
  json.StartObject();
  json.Text("source", kSource);
  json.Text("tag", tag);
  json.StartObject("fiscal");
  json.Int("task", task);
  json.TextIfAny("cashier", cashier);
  json.EndObject();
  json.EndObject();
  return TextIn(out);
}

}  // namespace

std::string EncodeReceipt(const domain::PricedReceipt& receipt, absl::string_view tag,
                          const domain::Buyer& buyer) {
  rapidjson::StringBuffer out;
  ObjectWriter json(out);
  json.StartObject();
  json.Text("source", kSource);
  json.Text("tag", tag);
  WriteBuyer(json, buyer);
  json.StartObject("fiscal");
  json.Int("task", receipt.kind == domain::DocumentKind::kReturn ? kTaskReturn : kTaskSale);
  json.TextIfAny("cashier", receipt.cashier);
  WriteReceipt(json, receipt);
  json.EndObject();
  json.EndObject();
  return TextIn(out);
}

std::string EncodeShiftOpening(absl::string_view tag, absl::string_view cashier) {
  return EncodeShiftTask(kTaskOpenShift, tag, cashier);
}

std::string EncodeShiftClosing(absl::string_view tag, absl::string_view cashier) {
  return EncodeShiftTask(kTaskCloseShift, tag, cashier);
}

std::string EncodeReportRequest() {
  rapidjson::StringBuffer out;
  ObjectWriter json(out);
  json.StartObject();
  json.Text("source", kSource);
  json.StartObject("fiscal");
  json.Int("task", kTaskXReport);
  json.EndObject();
  json.EndObject();
  return TextIn(out);
}

std::string EncodeSendReceipt(absl::string_view fiscal_number, domain::SendingChannel channel,
                              absl::string_view recipient) {
  rapidjson::StringBuffer out;
  ObjectWriter json(out);
  json.StartObject();
  json.Text("check", fiscal_number);
  json.Text("channel", channel == domain::SendingChannel::kEmail ? "email" : "sms");
  json.Text("recipient", recipient);
  json.EndObject();
  return TextIn(out);
}

domain::Buyer ContactsIn(absl::string_view request) try {
  domain::Buyer buyer;
  // Most have none, and need not be read for that.
  if (!absl::StrContains(request, R"("userinfo")")) return buyer;
  const auto json = JsonObject::Parse(request);
  if (!json) return buyer;
  buyer.phone = std::string(TextOf(Find(&json->root(), "userinfo", "phone")).value_or(""));
  buyer.email = std::string(TextOf(Find(&json->root(), "userinfo", "email")).value_or(""));
  return buyer;
} catch (const JsonMisuse&) {
  return {};
}

std::string EncodeStatusRequest() {
  rapidjson::StringBuffer out;
  ObjectWriter json(out);
  json.StartObject();
  json.Text("source", kSource);
  json.StartObject("fiscal");
  json.Int("task", kTaskStatus);
  json.EndObject();
  json.EndObject();
  return TextIn(out);
}

}  // namespace kasa::vchasno
