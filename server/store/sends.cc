#include "server/store/sends.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/store/attention_queries.h"
#include "server/store/errors.h"
#include "server/store/exchanges.h"
#include "server/store/experience.h"
#include "server/store/sendings.h"

namespace kasa::store {
namespace {

// By the index of what is open: left to itself, SQLite reads the whole table, whose order is the one that is
// asked for.
constexpr absl::string_view kSendingSql =
    "SELECT id FROM fiscalizations INDEXED BY fiscalizations_lane"
    " WHERE state IN (1, 2, 3) AND state = 2 ORDER BY number";

using domain::Edge;
using domain::SendEnding;
using domain::State;

bool IsDoubt(SendEnding ending) {
  return ending == SendEnding::kDoubt || ending == SendEnding::kDoubtSameTagNext;
}

std::optional<int64_t> CodeOf(const std::optional<domain::Failure>& failure) {
  return failure && failure->upstream ? failure->upstream->res : std::nullopt;
}

State StateBehind(Edge edge) {
  switch (edge) {
    case Edge::kToFiscalized:
      return State::kFiscalized;
    case Edge::kToFailed:
      return State::kFailed;
    case Edge::kToAccepted:
      return State::kAccepted;
    case Edge::kToInDoubt:
      return State::kInDoubt;
  }
  return State::kInDoubt;
}

// Whether the settlement is one that rule 3 allows, given whether an earlier send of the tag is unexplained.
absl::Status CheckSettlement(const domain::Fiscalization& fiscalization, const Settlement& settlement,
                             const domain::InstallationId& installation, bool earlier_unexplained) {
  const bool says_no_receipt = settlement.edge == Edge::kToFailed || settlement.edge == Edge::kToAccepted;
  if (says_no_receipt && (earlier_unexplained || IsDoubt(settlement.ending))) {
    return StateNotAllowed(fiscalization, "a send of its tag is unexplained, so it stays in doubt");
  }
  if ((settlement.edge == Edge::kToFiscalized) != settlement.receipt.has_value()) {
    return absl::InternalError("a settlement has a receipt exactly when it leads to FISCALIZED");
  }
  if (!settlement.raise_tag_number) return absl::OkStatus();
  if (settlement.edge != Edge::kToAccepted) {
    return absl::InternalError("the tag number rises only on the way back to ACCEPTED");
  }
  if (settlement.next_tag != domain::TagFor(installation, fiscalization.key, fiscalization.tag_number + 1)) {
    return absl::InternalError("the next tag is not that of the next number");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WrittenMark> WriteSendMark(Connection& connection, const SendCandidate& candidate,
                                          absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, candidate.fiscalization_id);
  if (!row.ok()) return row.status();
  domain::Fiscalization& fiscalization = row->fiscalization;
  const bool is_candidate = fiscalization.register_fiscal_number == candidate.register_fiscal_number &&
                            fiscalization.state == candidate.state &&
                            fiscalization.attempts == candidate.attempts;
  if (!is_candidate && !KASA_MUTANT("mark-whatever-it-is-now")) {
    return StateNotAllowed(fiscalization, "it is not any more what its lane is to send");
  }
  if (fiscalization.doubt && fiscalization.doubt->parked) {
    return StateNotAllowed(fiscalization, "it is parked: only an operator's word sends it again");
  }
  if (absl::Status moved = MoveTo(fiscalization, State::kSending); !moved.ok()) return moved;

  WrittenMark mark;
  // Other bytes under a tag that has an unexplained send could make a second receipt: those bytes again.
  std::optional<UnexplainedSend> unexplained = FirstUnexplained(
      connection, fiscalization.register_fiscal_number, ExchangeKind::kReceipt, fiscalization.tag);
  if (unexplained) {
    mark.first_unexplained_send = unexplained->start_time;
    mark.body = std::move(unexplained->request);
  } else {
    mark.body = RequestBodyOf(connection, row->number);
  }

  Exchange exchange;
  exchange.fiscalization_id = fiscalization.id;
  exchange.integration_id = fiscalization.integration_id;
  exchange.register_fiscal_number = fiscalization.register_fiscal_number;
  exchange.kind = ExchangeKind::kReceipt;
  exchange.tag = fiscalization.tag;
  exchange.request = mark.body;
  exchange.start_time = now;
  const absl::StatusOr<int64_t> exchange_id = InsertMark(connection, exchange);
  if (!exchange_id.ok()) return exchange_id.status();
  mark.exchange_id = *exchange_id;

  ++fiscalization.attempts;
  fiscalization.next_attempt_time.reset();
  if (!unexplained) fiscalization.failure.reset();  // a doubt is still why, while it is being settled
  if (!KASA_MUTANT("skip-sending-mark")) UpdateRow(connection, *row, now);
  mark.fiscalization = std::move(fiscalization);
  return mark;
}

absl::StatusOr<domain::Fiscalization> SettleSend(Connection& connection,
                                                 const domain::InstallationId& installation,
                                                 const Settlement& settlement, absl::Time now) {
  const absl::StatusOr<MarkToSettle> mark = GetMark(connection, settlement, ExchangeKind::kReceipt);
  if (!mark.ok()) return mark.status();
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, mark->exchange.fiscalization_id);
  if (!row.ok()) return row.status();
  domain::Fiscalization& fiscalization = row->fiscalization;
  if (mark->settled_alike) return std::move(fiscalization);

  const std::string lane = fiscalization.register_fiscal_number;
  const std::string tag = fiscalization.tag;
  const bool earlier_unexplained =
      FirstUnexplained(connection, lane, ExchangeKind::kReceipt, tag).has_value();
  if (absl::Status sound = CheckSettlement(fiscalization, settlement, installation, earlier_unexplained);
      !sound.ok()) {
    return sound;
  }
  if (absl::Status moved = MoveTo(fiscalization, StateBehind(settlement.edge)); !moved.ok()) return moved;

  CloseMark(connection, settlement,
            settlement.edge == Edge::kToInDoubt && IsDoubt(settlement.ending) &&
                !KASA_MUTANT("forget-unexplained-send"));
  row->last_ending = settlement.ending;
  row->bound_to_tag = domain::IsBoundToTag(row->bound_to_tag, settlement.ending);
  fiscalization.failure = settlement.failure;
  fiscalization.next_attempt_time = settlement.next_attempt_time;
  if (IsRefusal(settlement.ending)) {
    ++fiscalization.refused_with_this_tag;
    fiscalization.last_refusal_res = CodeOf(settlement.failure);
  }
  if (settlement.raise_tag_number) {
    ++fiscalization.tag_number;
    fiscalization.tag = settlement.next_tag;
    fiscalization.refused_with_this_tag = 0;
    fiscalization.last_refusal_res.reset();
    ReplaceRequestBody(connection, row->number, settlement.next_body);
  }
  if (settlement.edge == Edge::kToFiscalized) {
    fiscalization.receipt = settlement.receipt;
    if (absl::Status stored = InsertReceipt(connection, *row, now); !stored.ok()) return stored;
    InsertSendingsWithReceipt(connection, *row, settlement.sent_to,
                              {.outcome = domain::SendingOutcome::kTaken,
                               .create_time = mark->exchange.start_time,
                               .answer_time = settlement.end_time});
    fiscalization.failure.reset();
    fiscalization.next_attempt_time.reset();
    ExplainSends(connection, lane, ExchangeKind::kReceipt, tag);
    ForgetUnexplainedShiftOpening(connection, lane);
  }
  if (settlement.never_park && fiscalization.state == State::kInDoubt) {
    if (!fiscalization.doubt) fiscalization.doubt = domain::Doubt{.since = now};
    fiscalization.doubt->never_park = true;
  }
  StoreLessons(connection, fiscalization.integration_id, settlement.lessons, now);
  UpdateRow(connection, *row, now);
  if (settlement.edge != Edge::kToInDoubt) {
    ForgetContradiction(connection, row->number);
  } else if (settlement.failure && settlement.failure->reason == Reason::kAnswerContradicts) {
    NoteContradiction(connection, row->number, settlement.failure->message, now);
  }
  return std::move(fiscalization);
}

void PutInDoubt(Connection& connection, FiscalizationRow& row, absl::Time start, const domain::Failure& why,
                absl::Time now) {
  domain::Fiscalization& doubted = row.fiscalization;
  InsertEnded(connection, {.fiscalization_id = doubted.id,
                           .integration_id = doubted.integration_id,
                           .register_fiscal_number = doubted.register_fiscal_number,
                           .kind = ExchangeKind::kReceipt,
                           .tag = doubted.tag,
                           .request = RequestBodyOf(connection, row.number),
                           .start_time = start,
                           .end_time = now,
                           .outcome = "MAY_HAVE_BEEN_SENT",
                           .unexplained = true});
  doubted.state = State::kInDoubt;
  doubted.failure = why;
  doubted.next_attempt_time.reset();
  row.last_ending.reset();
  UpdateRow(connection, row, now);
}

std::vector<NamedStatement> HotStartStatements() {
  return {
      {"what was being sent", std::string(kSendingSql), "fiscalizations_lane"},
      {"abandoned marks", "SELECT id FROM exchanges WHERE in_flight = 1", "exchanges_one_in_flight"},
      {"abandoned sendings", "SELECT id FROM sendings WHERE outcome = 1", "sendings_in_flight"},
      {"the first change", "SELECT min(sequence) FROM changes", ""},
      {"any integration", "SELECT EXISTS (SELECT 1 FROM integrations)", "sqlite_autoindex_integrations_1"}};
}

absl::StatusOr<int64_t> RecoverSends(Connection& connection, absl::Time now) {
  CloseAbandonedMarks(connection, now);
  EndAbandonedSendings(connection);
  std::vector<std::string> ids;
  {
    Query query = connection.Prepare(kSendingSql);
    while (query.Step()) ids.push_back(query.Text(0));
  }
  for (const std::string& id : ids) {
    absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
    if (!row.ok()) return row.status();
    domain::Fiscalization& fiscalization = row->fiscalization;
    const State after_crash = KASA_MUTANT("crash-means-unsent") ? State::kAccepted : State::kInDoubt;
    if (absl::Status moved = MoveTo(fiscalization, after_crash); !moved.ok()) return moved;
    row->last_ending.reset();
    fiscalization.failure = domain::Failure{
        .reason = Reason::kAnswerLost,
        .message =
            "the gateway stopped while the request was on the wire: whether the register made the "
            "receipt is being found out",
        .upstream = std::nullopt,
        .correction_allowed = false};
    fiscalization.next_attempt_time.reset();
    UpdateRow(connection, *row, now);
  }
  return static_cast<int64_t>(ids.size());
}

}  // namespace kasa::store
