#include "server/store/automation_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/errors.h"
#include "server/store/integrations.h"
#include "server/store/record_values.h"

namespace kasa::store {
namespace {

using domain::AutomationRule;

constexpr absl::string_view kSelectRule =
    "SELECT r.id, r.source_system, r.kind, r.store_id, r.integration_id, r.active, r.settings, r.create_time,"
    " r.update_time, r.revision FROM automation_rules r ";

std::string EncodeRule(const AutomationRule& rule) {
  v1::AutomationRuleSettings to;
  to.set_display_name(rule.display_name);
  to.set_fiscalize(rule.fiscalize());
  to.set_payment_method_id(rule.payment_method_id());
  if (const auto* order = std::get_if<domain::OnlineOrderRule>(&rule.what)) {
    to.set_action(static_cast<int>(order->action));
  } else {
    to.set_create_payment(std::get<domain::CashOnDeliveryRule>(rule.what).create_payment);
  }
  return to.SerializeAsString();
}

AutomationRule ReadRule(const Query& query) {
  AutomationRule rule;
  rule.id = query.Text(0);
  rule.source_system = query.Text(1);
  const auto kind =
      EnumFrom(query.Int(2), domain::ReportKind::kOrder, domain::ReportKind::kDelivery, "kind of rule");
  rule.integration_id = query.Text(4);
  rule.active = query.Bool(5);
  const auto settings = Parsed<v1::AutomationRuleSettings>(query.Text(6), "automation rule");
  rule.display_name = settings.display_name();
  if (kind == domain::ReportKind::kOrder) {
    rule.what =
        domain::OnlineOrderRule{.store_id = query.Text(3),
                                .action = EnumFrom(settings.action(), domain::OnlineOrderAction::kNothing,
                                                   domain::OnlineOrderAction::kPayment, "action of a rule"),
                                .fiscalize = settings.fiscalize(),
                                .payment_method_id = settings.payment_method_id()};
  } else {
    rule.what = domain::CashOnDeliveryRule{.store_id = query.Text(3),
                                           .create_payment = settings.create_payment(),
                                           .fiscalize = settings.fiscalize(),
                                           .payment_method_id = settings.payment_method_id()};
  }
  rule.create_time = query.Time(7);
  rule.update_time = query.Time(8);
  rule.revision = query.Int64(9);
  return rule;
}

absl::Status NoSuchRule(const std::string& id) {
  return ReasonedError(absl::StatusCode::kNotFound, Reason::kAutomationRuleNotFound,
                       absl::StrCat("there is no automation rule '", id, "'"));
}

absl::Status CheckIntegration(Connection& connection, const std::string& id) {
  const absl::StatusOr<domain::Integration> integration = FindIntegration(connection, id);
  if (!integration.ok()) return integration.status();
  if (!integration->archived) return absl::OkStatus();
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kIntegrationArchived,
                       absl::StrCat("integration '", id, "' was deleted"));
}

absl::Status RuleExists(const AutomationRule& other, absl::string_view message) {
  return WithFact(ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kAutomationRuleExists, message),
                  "rule_id", other.id);
}

absl::Status CheckIsTheOnlyOne(Connection& connection, const AutomationRule& rule) {
  const auto other = FindRuleOfStore(connection, rule.source_system, rule.kind(), rule.store_id());
  if (!other || other->id == rule.id) return absl::OkStatus();
  return RuleExists(*other, absl::StrCat("rule '", other->id, "' is for store '", rule.store_id(), "' of '",
                                         rule.source_system, "' already"));
}

std::optional<AutomationRule> FindById(Connection& connection, const std::string& id) {
  static const std::string kSql = absl::StrCat(kSelectRule, "WHERE r.id = ?");
  Query query = connection.Prepare(kSql);
  query.Bind(id);
  return query.Step() ? std::make_optional(ReadRule(query)) : std::nullopt;
}

// The stored rule, if its revision is the expected one.
absl::StatusOr<AutomationRule> RuleToChange(Connection& connection, const std::string& id,
                                            std::optional<int64_t> revision) {
  std::optional<AutomationRule> rule = FindById(connection, id);
  if (!rule) return NoSuchRule(id);
  if (revision && *revision != rule->revision) return EtagMismatch(id);
  return *std::move(rule);
}

}  // namespace

absl::StatusOr<AutomationRule> InsertRule(Connection& connection, AutomationRule rule, absl::Time now) {
  if (const auto taken = FindById(connection, rule.id)) {
    return RuleExists(*taken, absl::StrCat("there is an automation rule '", rule.id, "' already"));
  }
  if (absl::Status unique = CheckIsTheOnlyOne(connection, rule); !unique.ok()) return unique;
  if (absl::Status there = CheckIntegration(connection, rule.integration_id); !there.ok()) return there;
  rule.create_time = now;
  rule.update_time = now;
  rule.revision = 1;
  connection
      .Prepare(
          "INSERT INTO automation_rules (id, source_system, kind, store_id, integration_id, active, settings,"
          " create_time, update_time, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(rule.id, rule.source_system, static_cast<int>(rule.kind()), rule.store_id(), rule.integration_id,
            rule.active, Blob{EncodeRule(rule)}, rule.create_time, rule.update_time, rule.revision)
      .Run();
  return rule;
}

absl::StatusOr<AutomationRule> UpdateRule(Connection& connection, const std::string& id,
                                          std::optional<int64_t> revision, RuleChange change,
                                          absl::Time now) {
  absl::StatusOr<AutomationRule> rule = RuleToChange(connection, id, revision);
  if (!rule.ok()) return rule;
  const AutomationRule before = *rule;
  if (absl::Status changed = std::move(change)(*rule); !changed.ok()) return changed;
  // What the store keeps, and the kind, are not the caller's to change.
  if (rule->kind() != before.kind()) return absl::InternalError("a rule never changes its kind");
  rule->id = id;
  rule->create_time = before.create_time;
  rule->update_time = now;
  rule->revision = before.revision + 1;
  if (absl::Status unique = CheckIsTheOnlyOne(connection, *rule); !unique.ok()) return unique;
  if (rule->active || rule->integration_id != before.integration_id) {
    if (absl::Status there = CheckIntegration(connection, rule->integration_id); !there.ok()) return there;
  }
  connection
      .Prepare(
          "UPDATE automation_rules SET source_system = ?, store_id = ?, integration_id = ?, active = ?,"
          " settings = ?, update_time = ?, revision = ? WHERE id = ?")
      .Bind(rule->source_system, rule->store_id(), rule->integration_id, rule->active,
            Blob{EncodeRule(*rule)}, rule->update_time, rule->revision, id)
      .Run();
  return rule;
}

absl::StatusOr<AutomationRule> RemoveRule(Connection& connection, const std::string& id,
                                          std::optional<int64_t> revision) {
  absl::StatusOr<AutomationRule> rule = RuleToChange(connection, id, revision);
  if (!rule.ok()) return rule;
  connection.Prepare("DELETE FROM automation_rules WHERE id = ?").Bind(id).Run();
  return rule;
}

absl::StatusOr<AutomationRule> FindRule(Connection& connection, const std::string& id) {
  std::optional<AutomationRule> rule = FindById(connection, id);
  if (!rule) return NoSuchRule(id);
  return *std::move(rule);
}

RulePage PageOfRules(Connection& connection, const RuleFilter& filter,
                     const std::optional<PagePosition>& after, int limit) {
  static const std::string kSql =
      absl::StrCat(kSelectRule,
                   "WHERE (?1 = '' OR r.integration_id = ?1) AND (?2 = '' OR r.source_system = ?2)"
                   " AND (r.create_time, r.id) > (?3, ?4) ORDER BY r.create_time, r.id LIMIT ?5");
  const PagePosition from = after.value_or(PagePosition{.create_time = absl::UnixEpoch()});
  Query query = connection.Prepare(kSql);
  query.Bind(filter.integration_id, filter.source_system, from.create_time, from.id,
             limit + 1);  // one more tells whether there is a next page
  RulePage page;
  while (query.Step()) {
    if (static_cast<int>(page.rules.size()) == limit) {
      page.next = PagePosition{.create_time = page.rules.back().create_time, .id = page.rules.back().id};
      break;
    }
    page.rules.push_back(ReadRule(query));
  }
  return page;
}

std::optional<AutomationRule> FindRuleOfStore(Connection& connection, const std::string& source_system,
                                              domain::ReportKind kind, const std::string& store_id) {
  static const std::string kSql =
      absl::StrCat(kSelectRule, "WHERE r.source_system = ? AND r.store_id = ? AND r.kind = ?");
  Query query = connection.Prepare(kSql);
  query.Bind(source_system, store_id, static_cast<int>(kind));
  return query.Step() ? std::make_optional(ReadRule(query)) : std::nullopt;
}

void DeactivateRulesOf(Connection& connection, const std::string& integration_id, absl::Time now) {
  connection
      .Prepare(
          "UPDATE automation_rules SET active = 0, update_time = ?, revision = revision + 1"
          " WHERE integration_id = ? AND active = 1")
      .Bind(now, integration_id)
      .Run();
}

}  // namespace kasa::store
