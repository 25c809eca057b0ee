#include "server/store/attention_queries.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/kyiv_time.h"
#include "server/store/offline_receipts.h"
#include "server/store/record_values.h"

namespace kasa::store {

// The condition as the partial index has it, which holds all that is asked: nothing else is read.
const absl::string_view kSelectUnsettled =
    "SELECT id, integration_id, register_fiscal_number, doubt_since_time, update_time, failure_reason,"
    " words, since, parked FROM fiscalizations LEFT JOIN contradictions"
    " ON fiscalization = number AND since >= doubt_since_time"
    " WHERE (state = 5 OR doubt_since_time IS NOT NULL)";

namespace {

// The name of a reason as it was stored; nothing for one that this version does not know.
std::optional<Reason> ReasonNamed(const Query& query, int column) {
  if (query.IsNull(column)) return std::nullopt;
  return ReasonFromName(query.Text(column));
}

void ReadReportMemory(Connection& connection, const std::string& register_fiscal_number,
                      RegisterMemory& memory) {
  Query query = connection.Prepare(
      "SELECT time, paid_until, enough_to_renew, differ_since, differing_figures, differences"
      " FROM register_reports WHERE register_fiscal_number = ?");
  query.Bind(register_fiscal_number);
  if (!query.Step()) return;
  domain::Billing billing;
  if (!query.IsNull(1)) billing.paid_until = ParseCivilDay(query.Text(1));
  if (!query.IsNull(2)) billing.enough_to_renew = query.Bool(2);
  if (billing != domain::Billing()) memory.billing = billing;
  memory.report_time = query.Time(0);
  if (query.IsNull(3)) return;
  memory.disagreement =
      domain::Disagreement{.since = query.Time(3), .figures = query.Int64(4), .words = query.Text(5)};
}

}  // namespace

std::vector<domain::FiscalizationFacts> FindUnsettled(Connection& connection) {
  std::vector<domain::FiscalizationFacts> found;
  Query query = connection.Prepare(kSelectUnsettled);
  while (query.Step()) {
    domain::FiscalizationFacts facts;
    facts.id = query.Text(0);
    facts.integration_id = query.Text(1);
    facts.register_fiscal_number = query.Text(2);
    facts.in_doubt = !query.IsNull(3);
    facts.since = query.Time(facts.in_doubt ? 3 : 4);
    facts.reason = ReasonNamed(query, 5);
    if (!query.IsNull(6)) {
      facts.contradiction = query.Text(6);
      facts.contradiction_since = query.Time(7);
    }
    facts.parked = query.Bool(8);
    found.push_back(std::move(facts));
  }
  return found;
}

std::vector<NamedStatement> HotAttentionStatements() {
  return {{"unsettled", std::string(kSelectUnsettled), "fiscalizations_unsettled"}};
}

RegisterMemory FindRegisterMemory(Connection& connection, const std::string& register_fiscal_number) {
  RegisterMemory memory;
  memory.offline = FindOfflineRun(connection, register_fiscal_number);
  ReadReportMemory(connection, register_fiscal_number, memory);
  Query query = connection.Prepare("SELECT open_time FROM shift_openings WHERE register_fiscal_number = ?");
  query.Bind(register_fiscal_number);
  if (query.Step()) memory.shift_opened = query.OptionalTime(0);
  return memory;
}

void NoteReport(Connection& connection, const std::string& register_fiscal_number,
                const ReportFinding& finding) {
  std::optional<std::string> paid_until;
  std::optional<bool> enough_to_renew;
  if (finding.billing) {
    if (finding.billing->paid_until) paid_until = FormatCivilDay(*finding.billing->paid_until);
    enough_to_renew = finding.billing->enough_to_renew;
  }
  // A later report that differs too does not make the matter younger.
  connection
      .Prepare(
          "INSERT INTO register_reports (register_fiscal_number, time, paid_until, enough_to_renew,"
          " differ_since, differing_figures, differences) VALUES (?1, ?2, ?3, ?4, iif(?5 > 0, ?2, NULL),"
          " ifnull(?5, 0), ?6) ON CONFLICT (register_fiscal_number) DO UPDATE SET"
          " time = iif(?7, ?2, time), paid_until = iif(?7, ?3, paid_until),"
          " enough_to_renew = iif(?7, ?4, enough_to_renew),"
          " differ_since = iif(?5 IS NULL, differ_since, iif(?5 > 0, ifnull(differ_since, ?2), NULL)),"
          " differing_figures = ifnull(?5, differing_figures),"
          " differences = iif(?5 IS NULL, differences, ?6)")
      .Bind(register_fiscal_number, finding.time, paid_until, enough_to_renew, finding.differing_figures,
            finding.differences, finding.billing.has_value())
      .Run();
}

void NoteContradiction(Connection& connection, int64_t fiscalization, const std::string& words,
                       absl::Time now) {
  connection
      .Prepare(
          "INSERT INTO contradictions (fiscalization, since, words) VALUES (?, ?, ?)"
          " ON CONFLICT (fiscalization) DO NOTHING")
      .Bind(fiscalization, now, words)
      .Run();
}

void ForgetContradiction(Connection& connection, int64_t fiscalization) {
  connection.Prepare("DELETE FROM contradictions WHERE fiscalization = ?").Bind(fiscalization).Run();
}

std::vector<RefusedCode> FindRefusedCodes(Connection& connection, const std::string& integration_id) {
  Query query = connection.Prepare(
      "SELECT subject, code, time FROM experience WHERE integration_id = ? AND refused = 1"
      " ORDER BY subject, code");
  query.Bind(integration_id);
  std::vector<RefusedCode> refused;
  while (query.Step()) {
    refused.push_back({.subject = EnumFrom(query.Int(0), domain::LessonSubject::kTaxGroup,
                                           domain::LessonSubject::kTestReceipt, "subject of a lesson"),
                       .code = query.Int(1),
                       .time = query.Time(2)});
  }
  return refused;
}

void NoteShiftOpened(Connection& connection, const std::string& register_fiscal_number, absl::Time time) {
  connection.Prepare("UPDATE shift_openings SET open_time = ? WHERE register_fiscal_number = ?")
      .Bind(time, register_fiscal_number)
      .Run();
}

}  // namespace kasa::store
