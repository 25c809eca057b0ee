#include "server/api/automation_rule.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
#include "server/api/times.h"

namespace kasa::api {
namespace {

using domain::AutomationRule;
using domain::CashOnDeliveryRule;
using domain::OnlineOrderRule;

// One field that an operator may set: whether it has a value, and how it goes from one rule to another. Those
// of one kind of rule are asked for only when both are of it.
struct RuleField {
  absl::string_view path;
  bool (*given)(const v1::AutomationRule&);
  void (*copy)(const AutomationRule& from, AutomationRule& to);
};

OnlineOrderRule& Order(AutomationRule& rule) {
  return std::get<OnlineOrderRule>(rule.what);
}
const OnlineOrderRule& Order(const AutomationRule& rule) {
  return std::get<OnlineOrderRule>(rule.what);
}
CashOnDeliveryRule& Delivery(AutomationRule& rule) {
  return std::get<CashOnDeliveryRule>(rule.what);
}
const CashOnDeliveryRule& Delivery(const AutomationRule& rule) {
  return std::get<CashOnDeliveryRule>(rule.what);
}

constexpr absl::string_view kOrderPath = "online_order";
constexpr absl::string_view kDeliveryPath = "cash_on_delivery";

constexpr RuleField kFields[] = {
    {"display_name", [](const v1::AutomationRule& r) { return !r.display_name().empty(); },
     [](const AutomationRule& from, AutomationRule& to) { to.display_name = from.display_name; }},
    {"source_system", [](const v1::AutomationRule& r) { return !r.source_system().empty(); },
     [](const AutomationRule& from, AutomationRule& to) { to.source_system = from.source_system; }},
    {"integration_id", [](const v1::AutomationRule& r) { return !r.integration_id().empty(); },
     [](const AutomationRule& from, AutomationRule& to) { to.integration_id = from.integration_id; }},
    {"active", [](const v1::AutomationRule& r) { return r.active(); },
     [](const AutomationRule& from, AutomationRule& to) { to.active = from.active; }},
    {"online_order.store_id",
     [](const v1::AutomationRule& r) { return !r.online_order().store_id().empty(); },
     [](const AutomationRule& from, AutomationRule& to) { Order(to).store_id = Order(from).store_id; }},
    {"online_order.action",
     [](const v1::AutomationRule& r) {
       return r.online_order().action() != v1::ONLINE_ORDER_ACTION_UNSPECIFIED;
     },
     [](const AutomationRule& from, AutomationRule& to) { Order(to).action = Order(from).action; }},
    {"online_order.fiscalize", [](const v1::AutomationRule& r) { return r.online_order().fiscalize(); },
     [](const AutomationRule& from, AutomationRule& to) { Order(to).fiscalize = Order(from).fiscalize; }},
    {"online_order.payment_method_id",
     [](const v1::AutomationRule& r) { return !r.online_order().payment_method_id().empty(); },
     [](const AutomationRule& from, AutomationRule& to) {
       Order(to).payment_method_id = Order(from).payment_method_id;
     }},
    {"cash_on_delivery.store_id",
     [](const v1::AutomationRule& r) { return !r.cash_on_delivery().store_id().empty(); },
     [](const AutomationRule& from, AutomationRule& to) { Delivery(to).store_id = Delivery(from).store_id; }},
    {"cash_on_delivery.create_payment",
     [](const v1::AutomationRule& r) { return r.cash_on_delivery().create_payment(); },
     [](const AutomationRule& from, AutomationRule& to) {
       Delivery(to).create_payment = Delivery(from).create_payment;
     }},
    {"cash_on_delivery.fiscalize",
     [](const v1::AutomationRule& r) { return r.cash_on_delivery().fiscalize(); },
     [](const AutomationRule& from, AutomationRule& to) {
       Delivery(to).fiscalize = Delivery(from).fiscalize;
     }},
    {"cash_on_delivery.payment_method_id",
     [](const v1::AutomationRule& r) { return !r.cash_on_delivery().payment_method_id().empty(); },
     [](const AutomationRule& from, AutomationRule& to) {
       Delivery(to).payment_method_id = Delivery(from).payment_method_id;
     }},
};

domain::OnlineOrderAction DecodeAction(v1::OnlineOrderAction action, absl::string_view path,
                                       RequestCheck& check) {
  switch (action) {
    case v1::ONLINE_ORDER_ACTION_UNSPECIFIED:
    case v1::ONLINE_ORDER_ACTION_NOTHING:
      return domain::OnlineOrderAction::kNothing;
    case v1::ONLINE_ORDER_ACTION_SALE:
      return domain::OnlineOrderAction::kSale;
    case v1::ONLINE_ORDER_ACTION_PAYMENT:
      return domain::OnlineOrderAction::kPayment;
    default:
      check.UnknownEnum(path, action);
      return domain::OnlineOrderAction::kNothing;
  }
}

v1::OnlineOrderAction EncodeAction(domain::OnlineOrderAction action) {
  switch (action) {
    case domain::OnlineOrderAction::kNothing:
      return v1::ONLINE_ORDER_ACTION_NOTHING;
    case domain::OnlineOrderAction::kSale:
      return v1::ONLINE_ORDER_ACTION_SALE;
    case domain::OnlineOrderAction::kPayment:
      return v1::ONLINE_ORDER_ACTION_PAYMENT;
  }
  return v1::ONLINE_ORDER_ACTION_UNSPECIFIED;
}

// The fields that a path of a mask names: itself, or all below it.
std::vector<const RuleField*> FieldsOf(absl::string_view path) {
  std::vector<const RuleField*> fields;
  for (const RuleField& field : kFields) {
    if (field.path == path || absl::StartsWith(field.path, absl::StrCat(path, "."))) fields.push_back(&field);
  }
  return fields;
}

std::vector<const RuleField*> ChangedFields(const v1::AutomationRule& rule,
                                            const google::protobuf::FieldMask& mask, RequestCheck& check) {
  std::vector<const RuleField*> changed;
  if (mask.paths_size() == 0) {
    for (const RuleField& field : kFields) {
      if (field.given(rule)) changed.push_back(&field);
    }
    return changed;
  }
  for (const std::string& path : mask.paths()) {
    const std::vector<const RuleField*> named = FieldsOf(path);
    if (named.empty()) {
      check.Add("update_mask", Reason::kFieldMaskInvalid,
                absl::StrCat("\"", CutUtf8(path, 100), "\" is nothing that can be changed of a rule"));
    }
    changed.insert(changed.end(), named.begin(), named.end());
  }
  return changed;
}

// Which kind of rule has this field; nothing when both do.
std::optional<domain::ReportKind> KindOf(const RuleField& field) {
  if (absl::StartsWith(field.path, kOrderPath)) return domain::ReportKind::kOrder;
  if (absl::StartsWith(field.path, kDeliveryPath)) return domain::ReportKind::kDelivery;
  return std::nullopt;
}

}  // namespace

AutomationRule DecodeRule(const v1::AutomationRule& rule, absl::string_view path, RequestCheck& check) {
  AutomationRule result;
  result.id = rule.rule_id();
  result.display_name = rule.display_name();
  result.source_system = rule.source_system();
  result.integration_id = rule.integration_id();
  result.active = rule.active();
  if (rule.has_cash_on_delivery()) {
    const v1::CashOnDeliveryRule& delivery = rule.cash_on_delivery();
    result.what = CashOnDeliveryRule{.store_id = delivery.store_id(),
                                     .create_payment = delivery.create_payment(),
                                     .fiscalize = delivery.fiscalize(),
                                     .payment_method_id = delivery.payment_method_id()};
    return result;
  }
  const v1::OnlineOrderRule& order = rule.online_order();
  result.what = OnlineOrderRule{
      .store_id = order.store_id(),
      .action = DecodeAction(order.action(), FieldPath(FieldPath(path, kOrderPath), "action"), check),
      .fiscalize = order.fiscalize(),
      .payment_method_id = order.payment_method_id()};
  return result;
}

RuleUpdate DecodeRuleUpdate(const v1::AutomationRule& rule, const google::protobuf::FieldMask& mask,
                            RequestCheck& check) {
  AutomationRule wanted = DecodeRule(rule, "rule", check);
  std::optional<domain::ReportKind> given;
  if (rule.rule_case() != v1::AutomationRule::RULE_NOT_SET) given = wanted.kind();
  return [wanted = std::move(wanted), given, changed = ChangedFields(rule, mask, check)](
             AutomationRule& current, RequestCheck& late) {
    // A field of a kind that is not given is to be emptied: of the kind that the rule is of.
    AutomationRule from = wanted;
    if (!given && current.kind() == domain::ReportKind::kDelivery) from.what = CashOnDeliveryRule();
    for (const RuleField* field : changed) {
      const std::optional<domain::ReportKind> kind = KindOf(*field);
      if (kind && *kind != current.kind()) {
        late.Add(FieldPath("rule", field->path), Reason::kFieldNotAllowed,
                 current.kind() == domain::ReportKind::kOrder ? "the rule is for online orders, for ever"
                                                              : "the rule is for cash on delivery, for ever");
      } else if (!kind || from.kind() == current.kind()) {
        field->copy(from, current);
      } else {
        late.Add(FieldPath("rule", field->path), Reason::kFieldRequired,
                 "is named by the mask and not given");
      }
    }
  };
}

void EncodeRule(const AutomationRule& rule, v1::AutomationRule* out) {
  out->set_rule_id(rule.id);
  out->set_display_name(rule.display_name);
  out->set_source_system(rule.source_system);
  out->set_integration_id(rule.integration_id);
  out->set_active(rule.active);
  if (const auto* order = std::get_if<OnlineOrderRule>(&rule.what)) {
    v1::OnlineOrderRule& to = *out->mutable_online_order();
    to.set_store_id(order->store_id);
    to.set_action(EncodeAction(order->action));
    to.set_fiscalize(order->fiscalize);
    to.set_payment_method_id(order->payment_method_id);
  } else {
    const auto& delivery = std::get<CashOnDeliveryRule>(rule.what);
    v1::CashOnDeliveryRule& to = *out->mutable_cash_on_delivery();
    to.set_store_id(delivery.store_id);
    to.set_create_payment(delivery.create_payment);
    to.set_fiscalize(delivery.fiscalize);
    to.set_payment_method_id(delivery.payment_method_id);
  }
  out->set_etag(EncodeEtag(rule.revision));
  EncodeTime(rule.create_time, out->mutable_create_time());
  EncodeTime(rule.update_time, out->mutable_update_time());
}

}  // namespace kasa::api
