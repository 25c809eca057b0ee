#include "server/store/automation_reports.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/automation_checks.h"
#include "server/store/automation_rules.h"
#include "server/store/document_history.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/integrations.h"
#include "server/store/record_values.h"
#include "server/store/records.h"
#include "server/store/returns_due.h"

namespace kasa::store {

const absl::string_view kSelectCreatedForOrder =
    "SELECT kind, subject_id, number, revision, rule_id, document_kind, document_id, fiscalize, refused,"
    " amount_kopiykas, document FROM automation_documents WHERE source_system = ? AND order_id = ?"
    " ORDER BY kind, subject_id, number";

namespace {

using domain::AutomationDecision;
using domain::AutomationRule;
using domain::CreatedDocument;
using domain::DeliveryReport;
using domain::OrderReport;
using domain::ReportKind;
using domain::ReportSubject;
using domain::SeenBefore;

// What both kinds of report are kept by.
struct ReportColumns {
  ReportSubject subject;
  int64_t revision = 0;
  std::string order_id;
  std::string store_id;
  int state = 0;  // of an order; of a parcel: handed over 1, paid 2, both 3
  std::optional<int64_t> total;
  int64_t received = 0;  // of a parcel: its cash on delivery
};

ReportColumns ColumnsOf(const domain::Report& report) {
  ReportColumns columns;
  columns.subject = SubjectOf(report);
  if (const auto* order = std::get_if<OrderReport>(&report)) {
    columns.revision = order->revision;
    columns.order_id = order->order_id;
    columns.store_id = order->store_id;
    columns.state = static_cast<int>(order->state);
    columns.total = order->total.kopiykas();
    columns.received = order->received.kopiykas();
    return columns;
  }
  const auto& delivery = std::get<DeliveryReport>(report);
  columns.revision = delivery.revision;
  columns.order_id = delivery.order_id;
  columns.store_id = delivery.store_id;
  columns.state = (delivery.handed_over ? 1 : 0) + (delivery.paid ? 2 : 0);
  if (delivery.order_total) columns.total = delivery.order_total->kopiykas();
  columns.received = delivery.cash_on_delivery.kopiykas();
  return columns;
}

absl::Status CheckContent(Connection& connection, const ReportColumns& report,
                          const std::string& fingerprint) {
  Query query = connection.Prepare(
      "SELECT fingerprint FROM automation_reports"
      " WHERE source_system = ? AND kind = ? AND subject_id = ? AND revision = ?");
  query.Bind(report.subject.source_system, static_cast<int>(report.subject.kind), report.subject.id,
             report.revision);
  if (!query.Step() || query.Text(0) == fingerprint) return absl::OkStatus();
  return ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kReportContentDiffers,
                       absl::StrCat("revision ", report.revision, " of '", report.subject.id,
                                    "' was reported before with other content"));
}

std::optional<AutomationRule> RuleFor(Connection& connection, const ReportColumns& report) {
  const auto& [kind, source_system, id] = report.subject;
  std::optional<AutomationRule> rule = FindRuleOfStore(connection, source_system, kind, report.store_id);
  // A rule without a store is for those that have none of their own.
  if (!rule && kind == ReportKind::kDelivery) rule = FindRuleOfStore(connection, source_system, kind, "");
  return rule;
}

// That of the register that the rule's documents go to, when it is known.
std::optional<domain::RegisterMode> ModeOf(Connection& connection,
                                           const std::optional<AutomationRule>& rule) {
  if (!rule) return std::nullopt;
  const absl::StatusOr<domain::Integration> integration = FindIntegration(connection, rule->integration_id);
  if (!integration.ok() || !integration->pinned_register) return std::nullopt;
  return integration->pinned_register->mode;
}

// What has the key of a document that was made; without a mode, the real one before the test one.
std::optional<domain::Fiscalization> FindFiscalizationOf(Connection& connection,
                                                         const CreatedDocument& created,
                                                         std::optional<domain::RegisterMode> mode) {
  for (const domain::RegisterMode each : {domain::RegisterMode::kReal, domain::RegisterMode::kTest}) {
    if (mode && *mode != each) continue;
    auto stored = FindByKey(connection, {.source_system = created.subject.source_system,
                                         .kind = created.kind,
                                         .document_id = created.document_id,
                                         .mode = each});
    if (stored) return std::move(stored->fiscalization);
  }
  return std::nullopt;
}

std::vector<domain::EarlierReport> OtherReports(Connection& connection, const ReportColumns& report) {
  Query query = connection.Prepare(
      "SELECT revision, received_kopiykas FROM automation_reports"
      " WHERE source_system = ? AND kind = ? AND subject_id = ? AND revision <> ? ORDER BY revision");
  query.Bind(report.subject.source_system, static_cast<int>(report.subject.kind), report.subject.id,
             report.revision);
  std::vector<domain::EarlierReport> reports;
  while (query.Step()) {
    reports.push_back({.revision = query.Int64(0), .received = Kopiykas(query.Int64(1))});
  }
  return reports;
}

std::vector<CreatedDocument> CreatedForOrder(Connection& connection, const ReportColumns& report,
                                             std::optional<domain::RegisterMode> mode) {
  Query query = connection.Prepare(kSelectCreatedForOrder);
  query.Bind(report.subject.source_system, report.order_id);
  std::vector<CreatedDocument> all;
  while (query.Step()) {
    CreatedDocument& created = all.emplace_back();
    created.subject = {
        .kind = EnumFrom(query.Int(0), ReportKind::kOrder, ReportKind::kDelivery, "kind of report"),
        .source_system = report.subject.source_system,
        .id = query.Text(1)};
    created.number = query.Int(2);
    created.revision = query.Int64(3);
    created.order_id = report.order_id;
    created.rule_id = query.Text(4);
    created.kind = KindFrom(query.Int(5));
    created.document_id = query.Text(6);
    created.fiscalize = query.Bool(7);
    created.refused = query.Bool(8);
    created.amount = Kopiykas(query.Int64(9));
    created.content = DecodeDocument(query.Text(10));
    created.fiscalization = FindFiscalizationOf(connection, created, mode);
  }
  return all;
}

SeenBefore ReadSeen(Connection& connection, const domain::Report& report, const ReportColumns& columns,
                    std::optional<domain::RegisterMode> mode) {
  SeenBefore seen;
  seen.reports = OtherReports(connection, columns);
  seen.created = CreatedForOrder(connection, columns, mode);
  // As the history of a payment in this order that pays what the parcel carries.
  domain::Fiscalization asked;
  asked.key = {.source_system = columns.subject.source_system,
               .kind = domain::DocumentKind::kPayment,
               .document_id = "",
               .mode = mode.value_or(domain::RegisterMode::kReal)};
  asked.order_id = columns.order_id;
  if (const auto* delivery = std::get_if<DeliveryReport>(&report)) {
    asked.document.paid_document = delivery->delivered_document;
  }
  domain::DocumentHistory history = ReadDocumentHistory(connection, asked);
  seen.receipts = ReadWholeOrder(connection, asked);
  seen.order_total = history.order_total;
  seen.delivered = std::move(history.same_goods);
  return seen;
}

// A report is about the order itself, whichever registers serve it.
void SetOrderTotal(Connection& connection, const ReportColumns& report) {
  for (const domain::RegisterMode mode : {domain::RegisterMode::kTest, domain::RegisterMode::kReal}) {
    connection
        .Prepare(
            "INSERT INTO orders (source_system, order_id, mode, total_kopiykas) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (source_system, order_id, mode)"
            " DO UPDATE SET total_kopiykas = excluded.total_kopiykas")
        .Bind(report.subject.source_system, report.order_id, static_cast<int>(mode), report.total)
        .Run();
  }
}

void InsertReport(Connection& connection, const ReportColumns& report, const std::string& fingerprint,
                  const AutomationDecision& decision, absl::Time now) {
  const std::string reason = decision.reason ? std::string(NameOf(*decision.reason)) : std::string();
  const std::string document_id = decision.make ? decision.make->document_id : std::string();
  connection
      .Prepare(
          "INSERT INTO automation_reports (source_system, kind, subject_id, revision, order_id, fingerprint,"
          " state, total_kopiykas, received_kopiykas, rule_id, outcome, reason, document_id, create_time,"
          " update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (source_system, kind, subject_id, revision) DO UPDATE SET rule_id = excluded.rule_id,"
          " outcome = excluded.outcome, reason = excluded.reason, update_time = excluded.update_time,"
          " document_id = iif(excluded.document_id = '', document_id, excluded.document_id)")
      .Bind(report.subject.source_system, static_cast<int>(report.subject.kind), report.subject.id,
            report.revision, report.order_id, fingerprint, report.state, report.total, report.received,
            decision.rule_id, static_cast<int>(decision.outcome), reason, document_id, now, now)
      .Run();
}

void PutCreated(Connection& connection, const CreatedDocument& created, absl::Time now) {
  connection
      .Prepare(
          "INSERT OR REPLACE INTO automation_documents (source_system, kind, subject_id, number, revision,"
          " order_id, rule_id, document_kind, document_id, fiscalize, refused, amount_kopiykas, document,"
          " update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)")
      .Bind(created.subject.source_system, static_cast<int>(created.subject.kind), created.subject.id,
            created.number, created.revision, created.order_id, created.rule_id,
            static_cast<int>(created.kind), created.document_id, created.fiscalize, created.amount.kopiykas(),
            Blob{EncodeDocument(created.content)}, now)
      .Run();
}

}  // namespace

absl::StatusOr<AutomationDecision> WriteReport(Connection& connection, const domain::Report& report,
                                               ReportDecision decide, absl::Time now) {
  const ReportColumns columns = ColumnsOf(report);
  const std::string fingerprint = FingerprintOf(report);
  if (absl::Status same = CheckContent(connection, columns, fingerprint); !same.ok()) return same;
  const std::optional<AutomationRule> rule = RuleFor(connection, columns);
  const SeenBefore seen = ReadSeen(connection, report, columns, ModeOf(connection, rule));
  AutomationDecision decision = std::move(decide)(rule ? &*rule : nullptr, seen);
  if (!decision.of_request.empty()) {
    return ReasonedError(absl::StatusCode::kInvalidArgument, Reason::kRequestInvalid,
                         "the report lacks what is not known yet");
  }
  const bool is_order = columns.subject.kind == ReportKind::kOrder;
  if (is_order && decision.outcome != domain::AutomationOutcome::kStale) SetOrderTotal(connection, columns);
  InsertReport(connection, columns, fingerprint, decision, now);
  if (decision.make) PutCreated(connection, *decision.make, now);
  if (const auto* order = std::get_if<OrderReport>(&report); order != nullptr && rule) {
    NoteReturnDue(connection, *order, *rule, decision.outcome, now);
  }
  return decision;
}

domain::SeenBefore ReadSeenOfOrder(Connection& connection, const std::string& source_system,
                                   const std::string& order_id, domain::RegisterMode mode) {
  OrderReport order;
  order.source_system = source_system;
  order.order_id = order_id;
  const domain::Report report = order;
  return ReadSeen(connection, report, ColumnsOf(report), mode);
}

bool WriteRefused(Connection& connection, const CreatedDocument& created, absl::Time now) {
  return connection
             .Prepare(
                 "UPDATE automation_documents SET refused = 1, update_time = ?"
                 " WHERE source_system = ? AND kind = ? AND subject_id = ? AND number = ? AND document_id = "
                 "?")
             .Bind(now, created.subject.source_system, static_cast<int>(created.subject.kind),
                   created.subject.id, created.number, created.document_id)
             .Run() > 0;
}

}  // namespace kasa::store
