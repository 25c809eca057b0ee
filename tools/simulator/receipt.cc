#include "tools/simulator/receipt.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/wide.h"
#include "tools/simulator/fields.h"

namespace kasa::simulator {
namespace {

// value / divisor, half away from zero. Written here on its own: the simulator is the second opinion on the
// gateway's arithmetic and shares none of it.
int64_t DivideHalfUp(Wide value, int64_t divisor) {
  const Wide magnitude = value < 0 ? -value : value;
  const Wide rounded = (magnitude + divisor / 2) / divisor;
  return static_cast<int64_t>(value < 0 ? -rounded : rounded);
}

Row CheckRow(const Json& json, const std::string& path, const Switches& switches, Problem& problem) {
  Row row;
  if (!json.IsObject()) {
    problem.WrongField(path, "має бути об'єктом");
    return row;
  }
  Fields fields(json, path, switches, problem);
  row.code = fields.Text("code", 64);
  fields.Text("code1", 64);
  fields.Text("code2", 10);
  fields.Text("code3", 64);
  if (std::string stamp = fields.Text("code_a", 64); !stamp.empty()) row.stamps.push_back(stamp);
  if (const Json* stamps = fields.Array("code_aa", false)) {
    for (const Json& stamp : stamps->items()) {
      if (!stamp.IsString() || stamp.text().empty()) problem.WrongField(path + ".code_aa", "має бути рядком");
      row.stamps.push_back(stamp.text());
    }
  }
  row.name = fields.Text("name", 128, /*required=*/true);
  row.comment = fields.Comment("comment");
  fields.Text("pop", 120);
  row.count = fields.Quantity("cnt", true).value_or(0);
  row.price = fields.Money("price", true).value_or(0);
  row.discount = fields.Money("disc", false).value_or(0);
  const std::optional<int64_t> cost = fields.Money("cost", false);
  row.tax_group = static_cast<int>(fields.IntOrText("taxgrp", true).value_or(0));
  fields.Finish();
  if (problem.found()) return row;

  if (row.count < 0) problem.WrongField(path + ".cnt", "від'ємне");
  if (row.price < 0) problem.WrongField(path + ".price", "від'ємне");
  // At most 1e12 thousandths x 1e12 kopiykas / 1000: beyond int64, so the product is bounded before it is
  // narrowed.
  const Wide product = Wide{row.count} * row.price;
  if (product > Wide{1'000'000'000'000} * 1000) {
    problem.WrongField(path + ".cnt", "завелика вартість");
    return row;
  }
  const int64_t value = DivideHalfUp(product, 1000);
  row.amount = value - row.discount;
  if (value == 0) {
    problem.Refuse({1107, 3, "Ціна помножена на кількість дорівнює нулю",
                    Json::Object().Set("row", Json::Text(path)).Set("name", Json::Text(row.name))});
  }
  if (cost.has_value() && *cost != value) {
    problem.Refuse({1040, 3, "Вартість відрізняється від ціни, помноженої на кількість",
                    Json::Object()
                        .Set("field", Json::Text(path + ".cost"))
                        .Set("cost", Json::Amount(*cost))
                        .Set("expected", Json::Amount(value))});
  }
  if (row.amount < 1) {
    problem.Refuse({1108, 3, "Сума рядка після знижки менша за 0.01",
                    Json::Object()
                        .Set("row", Json::Text(path))
                        .Set("cost", Json::Amount(value))
                        .Set("disc", Json::Amount(row.discount))});
  }
  return row;
}

Pay CheckPay(const Json& json, const std::string& path, const Switches& switches, Problem& problem) {
  Pay pay;
  if (!json.IsObject()) {
    problem.WrongField(path, "має бути об'єктом");
    return pay;
  }
  Fields fields(json, path, switches, problem);
  pay.type = static_cast<int>(fields.Int("type", true).value_or(0));
  pay.sum = fields.Money("sum", true).value_or(0);
  pay.change = fields.Money("change", false).value_or(0);
  fields.Comment("comment");
  const int64_t commission = fields.Money("commission", false).value_or(0);
  for (const char* name :
       {"paysys", "rrn", "oper_type", "cardmask", "term_id", "bank_name", "bank_id", "auth_code"})
    fields.TextOrNumber(name);
  fields.BoolOrNumber("show_additional_info");
  fields.Finish();
  if (problem.found()) return pay;

  const auto detail = [&path](std::string_view name, int64_t amount) {
    return Json::Object().Set("pay", Json::Text(path)).Set(name, Json::Amount(amount));
  };
  if (pay.sum < 0) problem.Refuse({1064, 3, "Від'ємна сума оплати", detail("sum", pay.sum)});
  if (pay.sum == 0) problem.Refuse({1109, 3, "Сума оплати дорівнює нулю", detail("sum", 0)});
  if (pay.change < 0) problem.Refuse({1065, 3, "Від'ємна решта", detail("change", pay.change)});
  if (fields.Has("change") && pay.change == 0)
    problem.WrongField(path + ".change", "нульову решту не передають");
  if (pay.change > 0 && pay.type != 0) problem.WrongField(path + ".change", "решта можлива лише для готівки");
  if (commission < 0) problem.Refuse({1120, 3, "Від'ємна комісія", detail("commission", commission)});
  return pay;
}

void CheckTotals(Receipt& receipt, int64_t stated_discount, int64_t discount_type, const Switches& switches,
                 Problem& problem) {
  int64_t rows_sum = 0;
  for (const Row& row : receipt.rows) rows_sum += row.amount;
  int64_t pays_sum = 0;
  for (const Pay& pay : receipt.pays) pays_sum += pay.sum;

  if (receipt.sum < 0) {
    problem.Refuse({1063, 3, "Від'ємна сума чеку", Json::Object().Set("sum", Json::Amount(receipt.sum))});
  }
  const bool zero_receipt = receipt.rows.empty() && receipt.pays.empty() && receipt.sum == 0;
  if (receipt.rows.empty() && !(zero_receipt && switches.zero_receipt)) {
    problem.Refuse({1097, 3, "Чек не містить жодного рядка", Json()});
  }
  if (receipt.sum != rows_sum) {
    problem.Refuse(
        {switches.sum_differs_code, 3, "Сума всіх позицій товару відрізняється від загальної суми чеку",
         Json::Object().Set("sum", Json::Amount(receipt.sum)).Set("rows_sum", Json::Amount(rows_sum))});
  }
  if (stated_discount < 0) problem.WrongField("fiscal.receipt.disc", "від'ємне");
  receipt.discount =
      discount_type == 1 ? DivideHalfUp(Wide{receipt.sum} * stated_discount, 10'000) : stated_discount;
  if (receipt.discount > 0 && receipt.sum - receipt.discount < 1) {
    problem.Refuse(
        {1108, 3, "Сума чеку після знижки менша за 0.01",
         Json::Object().Set("sum", Json::Amount(receipt.sum)).Set("disc", Json::Amount(receipt.discount))});
  }
  if (receipt.round < -99 || receipt.round > 99) {
    problem.Refuse({1112, 3, "Заокруглення поза межами -0.99..0.99",
                    Json::Object().Set("round", Json::Amount(receipt.round))});
  }
  receipt.total = receipt.sum - receipt.discount + receipt.round;
  if (receipt.total < 0) {
    problem.Refuse(
        {1063, 3, "Від'ємна сума до сплати", Json::Object().Set("total", Json::Amount(receipt.total))});
  }
  if (pays_sum != receipt.total) {
    problem.Refuse({1102, 3, "Сума чеку з урахуванням знижки відрізняється від суми оплат",
                    Json::Object()
                        .Set("sum", Json::Amount(receipt.sum))
                        .Set("disc", Json::Amount(receipt.discount))
                        .Set("round", Json::Amount(receipt.round))
                        .Set("expected", Json::Amount(receipt.total))
                        .Set("pays_sum", Json::Amount(pays_sum))});
  }
  if (receipt.round != 0 && receipt.CashSum() == 0) {
    problem.WrongField("fiscal.receipt.round", "заокруглюють лише готівку");
  }
}

}  // namespace

int64_t Receipt::CashSum() const {
  int64_t cash = 0;
  for (const Pay& pay : pays) cash += pay.type == 0 ? pay.sum : 0;
  return cash;
}

OrRefusal<Receipt> CheckReceipt(const Json& json, const Switches& switches) {
  Problem problem;
  Receipt receipt;
  Fields fields(json, "fiscal.receipt", switches, problem);
  receipt.sum = fields.Money("sum", true).value_or(0);
  const int64_t discount = fields.Money("disc", false).value_or(0);
  const int64_t discount_type = fields.Int("disc_type", false).value_or(0);
  receipt.round = fields.Money("round", false).value_or(0);
  receipt.comment_up = fields.Comment("comment_up");
  receipt.comment_down = fields.Comment("comment_down");
  fields.Text("purchase_receipt_fisn", 64);
  fields.Text("purchase_rro_fisn", 64);
  // A zero receipt has neither; a receipt without rows that is none is refused below.
  static const Json* const kNone = new Json(Json::Array());
  const Json* rows = fields.Has("rows") ? fields.Array("rows", true) : kNone;
  const Json* pays = fields.Has("pays") ? fields.Array("pays", true) : kNone;
  fields.Finish();
  if (discount_type != 0 && discount_type != 1)
    problem.WrongField("fiscal.receipt.disc_type", "має бути 0 або 1");
  if (problem.found()) return problem.refusal();

  for (size_t i = 0; i < rows->items().size() && !problem.found(); ++i) {
    receipt.rows.push_back(
        CheckRow(rows->items()[i], absl::StrCat("fiscal.receipt.rows[", i, "]"), switches, problem));
  }
  for (size_t i = 0; i < pays->items().size() && !problem.found(); ++i) {
    receipt.pays.push_back(
        CheckPay(pays->items()[i], absl::StrCat("fiscal.receipt.pays[", i, "]"), switches, problem));
  }
  if (!problem.found()) CheckTotals(receipt, discount, discount_type, switches, problem);
  if (problem.found()) return problem.refusal();
  return receipt;
}

OrRefusal<Receipt> CheckCash(const Json& json, const Switches& switches) {
  Problem problem;
  Receipt receipt;
  Fields fields(json, "fiscal.cash", switches, problem);
  const int64_t type = fields.Int("type", true).value_or(0);
  receipt.total = fields.Money("sum", true).value_or(0);
  receipt.comment_down = fields.Comment("comment_down");
  fields.Finish();
  if (type != 0) problem.WrongField("fiscal.cash.type", "має бути 0");
  if (receipt.total < 0) {
    problem.Refuse({1063, 3, "Від'ємна сума", Json::Object().Set("sum", Json::Amount(receipt.total))});
  }
  if (receipt.total == 0) problem.Refuse({1109, 3, "Сума дорівнює нулю", Json()});
  receipt.sum = receipt.total;
  if (problem.found()) return problem.refusal();
  return receipt;
}

}  // namespace kasa::simulator
