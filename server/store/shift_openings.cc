#include <utility>

#include "server/domain/state_machine.h"
#include "server/store/attention_queries.h"
#include "server/store/exchanges.h"
#include "server/store/sends.h"

// Openings of a shift are numbered a register, and the number is in their tag. It rises when the last opening
// was answered one way or the other, so that an opening in doubt is asked again under its own tag and a new
// shift is never mistaken for an old one.
namespace kasa::store {
namespace {

using domain::SendEnding;

// The number to be used now.
int64_t NumberForNextOpening(Connection& connection, const std::string& register_fiscal_number) {
  int64_t number = 0;
  {
    Query query =
        connection.Prepare("SELECT number, answered FROM shift_openings WHERE register_fiscal_number = ?");
    query.Bind(register_fiscal_number);
    if (query.Step()) number = query.Int64(0) + (query.Bool(1) ? 1 : 0);
  }
  connection
      .Prepare(
          "INSERT INTO shift_openings (register_fiscal_number, number, answered) VALUES (?, ?, 0)"
          " ON CONFLICT (register_fiscal_number) DO UPDATE SET number = excluded.number, answered = 0")
      .Bind(register_fiscal_number, number)
      .Run();
  return number;
}

bool IsBoundToOpening(Connection& connection, const std::string& register_fiscal_number) {
  Query query = connection.Prepare("SELECT bound FROM shift_openings WHERE register_fiscal_number = ?");
  query.Bind(register_fiscal_number);
  return query.Step() && query.Bool(0);
}

void SetBound(Connection& connection, const std::string& register_fiscal_number, bool bound) {
  connection.Prepare("UPDATE shift_openings SET bound = ? WHERE register_fiscal_number = ?")
      .Bind(bound, register_fiscal_number)
      .Run();
}

void SetAnswered(Connection& connection, const std::string& register_fiscal_number) {
  connection.Prepare("UPDATE shift_openings SET answered = 1 WHERE register_fiscal_number = ?")
      .Bind(register_fiscal_number)
      .Run();
}

// Whether the register may repeat this answer to whatever bears the tag. Otherwise the same tag is as good as
// a new one.
bool MayBeRepeated(SendEnding ending) {
  return ending == SendEnding::kDone || domain::IsRefusal(ending);
}

}  // namespace

absl::StatusOr<WrittenMark> WriteShiftOpeningMark(Connection& connection,
                                                  const domain::InstallationId& installation,
                                                  ShiftOpeningRequest& request, absl::Time now) {
  const std::string& lane = request.register_fiscal_number;
  const auto doubted = FirstUnexplainedTime(connection, lane, ExchangeKind::kOpenShift);
  if (request.last_is_over) SetBound(connection, lane, false);
  const bool is_over = request.last_is_over || (doubted && *doubted < request.doubts_until);
  if (is_over) ForgetUnexplainedShiftOpening(connection, lane);
  Exchange exchange;
  exchange.fiscalization_id = request.for_fiscalization_id;
  exchange.integration_id = request.integration_id;
  exchange.register_fiscal_number = lane;
  exchange.kind = ExchangeKind::kOpenShift;
  exchange.tag = domain::ShiftOpeningTagFor(installation, lane, NumberForNextOpening(connection, lane));
  exchange.start_time = now;

  WrittenMark mark;
  if (std::optional<UnexplainedSend> unexplained =
          FirstUnexplained(connection, lane, ExchangeKind::kOpenShift, exchange.tag)) {
    mark.first_unexplained_send = unexplained->start_time;
    exchange.request = std::move(unexplained->request);
  } else {
    exchange.request = request.make_body(exchange.tag);
  }
  const absl::StatusOr<int64_t> exchange_id = InsertMark(connection, exchange);
  if (!exchange_id.ok()) return exchange_id.status();
  mark.exchange_id = *exchange_id;
  mark.body = std::move(exchange.request);
  return mark;
}

absl::StatusOr<bool> SettleShiftOpeningMark(Connection& connection, const Settlement& settlement) {
  const absl::StatusOr<MarkToSettle> mark = GetMark(connection, settlement, ExchangeKind::kOpenShift);
  if (!mark.ok()) return mark.status();
  const Exchange& exchange = mark->exchange;
  if (mark->settled_alike) return IsBoundToOpening(connection, exchange.register_fiscal_number);
  const bool doubt =
      settlement.ending == SendEnding::kDoubt || settlement.ending == SendEnding::kDoubtSameTagNext;
  CloseMark(connection, settlement, doubt);
  const std::string& lane = exchange.register_fiscal_number;
  if (settlement.never_park) {
    connection.Prepare("UPDATE fiscalizations SET never_park = 1 WHERE id = ? AND state = 3")
        .Bind(exchange.fiscalization_id)
        .Run();
  }
  if (settlement.ending == SendEnding::kDone) {
    ExplainSends(connection, lane, ExchangeKind::kOpenShift, exchange.tag);
    if (!settlement.shift_was_open) NoteShiftOpened(connection, lane, settlement.end_time);
  }
  // A refused re-send proves nothing about the send before it: then the tag stays.
  const bool explained = !FirstUnexplained(connection, lane, ExchangeKind::kOpenShift, exchange.tag);
  if (explained && MayBeRepeated(settlement.ending)) SetAnswered(connection, lane);
  const bool bound = domain::IsBoundToTag(IsBoundToOpening(connection, lane), settlement.ending);
  SetBound(connection, lane, bound);
  return bound;
}

ShiftOpening LastShiftOpening(Connection& connection, const std::string& register_fiscal_number) {
  return {.first_unexplained_send =
              FirstUnexplainedTime(connection, register_fiscal_number, ExchangeKind::kOpenShift),
          .bound = IsBoundToOpening(connection, register_fiscal_number)};
}

void ForgetUnexplainedShiftOpening(Connection& connection, const std::string& register_fiscal_number) {
  // What a look finds may have been made before that opening, for which the register still waits.
  if (IsBoundToOpening(connection, register_fiscal_number)) return;
  if (!FirstUnexplainedTime(connection, register_fiscal_number, ExchangeKind::kOpenShift)) return;
  ExplainSends(connection, register_fiscal_number, ExchangeKind::kOpenShift);
  SetAnswered(connection, register_fiscal_number);
}

}  // namespace kasa::store
