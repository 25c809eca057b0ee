#include "server/domain/state_machine.h"
#include "server/store/exchanges.h"
#include "server/store/sends.h"

// Requests of a proof of tag memory: kept like every other request, so that what the register made for them
// is known to be ours.
namespace kasa::store {

absl::StatusOr<WrittenMark> WriteProofMark(Connection& connection, const ProofRequest& request,
                                           absl::Time now) {
  Exchange exchange;
  exchange.integration_id = request.integration_id;
  exchange.register_fiscal_number = request.register_fiscal_number;
  exchange.kind = request.kind;
  exchange.tag = request.tag;
  exchange.request = request.body;
  exchange.start_time = now;
  const absl::StatusOr<int64_t> exchange_id = InsertMark(connection, exchange);
  if (!exchange_id.ok()) return exchange_id.status();
  WrittenMark mark;
  mark.exchange_id = *exchange_id;
  mark.body = request.body;
  return mark;
}

absl::StatusOr<bool> SettleProofMark(Connection& connection, const Settlement& settlement) {
  absl::StatusOr<MarkToSettle> mark = GetMark(connection, settlement, ExchangeKind::kReceipt);
  if (!mark.ok()) mark = GetMark(connection, settlement, ExchangeKind::kReport);
  if (!mark.ok()) return mark.status();
  // A document's mark is ended with its document.
  if (!mark->exchange.fiscalization_id.empty()) {
    return absl::InternalError("the mark is that of a document");
  }
  if (mark->settled_alike) return true;
  const bool doubt = settlement.ending == domain::SendEnding::kDoubt ||
                     settlement.ending == domain::SendEnding::kDoubtSameTagNext;
  CloseMark(connection, settlement, doubt);
  return true;
}

}  // namespace kasa::store
