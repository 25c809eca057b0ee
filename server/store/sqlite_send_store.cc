#include "server/store/sqlite_send_store.h"

#include <utility>

#include "server/store/exchanges.h"

namespace kasa::store {

using Admission = WriteQueue::Admission;
using domain::Fiscalization;

absl::Time SqliteSendStore::Now() const {
  return ToStored(clock_.Now());
}

// The one place where permits are made: in the answer to a mark, which comes after its commit.
void SqliteSendStore::Mark(absl::AnyInvocable<absl::StatusOr<WrittenMark>(Connection&) &&> apply,
                           Callback<MarkedSend> done) {
  // What a damaged file says to send is not to be trusted.
  if (const absl::Status damage = trouble_.Damage(); !damage.ok()) return std::move(done)(damage);
  writes_.Submit<WrittenMark>(
      Admission::kAlways, std::move(apply),
      [done = std::move(done)](absl::StatusOr<WrittenMark> written) mutable {
        if (!written.ok()) return std::move(done)(written.status());
        const bool repeated = written->first_unexplained_send.has_value();
        std::move(done)(
            MarkedSend{.permit = domain::SendPermitIssuer::IssueAfterDurableMark(written->exchange_id,
                                                                                 std::move(written->body)),
                       .fiscalization = std::move(written->fiscalization),
                       .order = repeated ? domain::SendOrder::kRepeated : domain::SendOrder::kFirst,
                       .first_unexplained_send = written->first_unexplained_send});
      });
}

void SqliteSendStore::MarkSending(SendCandidate candidate, Callback<MarkedSend> done) {
  Mark([this, candidate = std::move(candidate)](
           Connection& connection) { return WriteSendMark(connection, candidate, Now()); },
       std::move(done));
}

void SqliteSendStore::MarkShiftOpening(ShiftOpeningRequest request, Callback<MarkedSend> done) {
  Mark(
      [this, request = std::move(request)](Connection& connection) mutable {
        return WriteShiftOpeningMark(connection, installation_, request, Now());
      },
      std::move(done));
}

void SqliteSendStore::Settle(Settlement settlement, Callback<Fiscalization> done) {
  writes_.Submit<Fiscalization>(
      Admission::kAlways,
      [this, settlement = std::move(settlement)](Connection& connection) {
        return SettleSend(connection, installation_, settlement, Now());
      },
      std::move(done));
}

void SqliteSendStore::SettleShiftOpening(Settlement settlement, Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [settlement = std::move(settlement)](Connection& connection) {
        return SettleShiftOpeningMark(connection, settlement);
      },
      std::move(done));
}

void SqliteSendStore::MarkProof(ProofRequest request, Callback<MarkedSend> done) {
  Mark([this, request = std::move(request)](
           Connection& connection) { return WriteProofMark(connection, request, Now()); },
       std::move(done));
}

void SqliteSendStore::SettleProof(Settlement settlement, Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [settlement = std::move(settlement)](Connection& connection) {
        return SettleProofMark(connection, settlement);
      },
      std::move(done));
}

void SqliteSendStore::RecordExchange(Exchange exchange, Callback<int64_t> done) {
  writes_.Submit<int64_t>(
      Admission::kAlways,
      [exchange = std::move(exchange)](Connection& connection) -> absl::StatusOr<int64_t> {
        return InsertEnded(connection, exchange);
      },
      std::move(done));
}

absl::StatusOr<ExchangePage> SqliteSendStore::ListExchanges(const std::string& fiscalization_id,
                                                            int64_t after_id, int limit) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<ExchangePage> {
    return PageOfExchanges(connection, fiscalization_id, after_id, limit);
  });
}

absl::StatusOr<ShiftOpening> SqliteSendStore::LastShiftOpening(const std::string& register_fiscal_number) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<ShiftOpening> {
    return store::LastShiftOpening(connection, register_fiscal_number);
  });
}

void SqliteSendStore::RecoverAfterStart(Callback<int64_t> done) {
  writes_.Submit<int64_t>(
      Admission::kAlways, [this](Connection& connection) { return RecoverSends(connection, Now()); },
      std::move(done));
}

}  // namespace kasa::store
