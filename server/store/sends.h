#ifndef KASA_SERVER_STORE_SENDS_H_
#define KASA_SERVER_STORE_SENDS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/tag.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/send_store.h"

// Requests that go on the wire: marked before, settled after (architecture.md, rules 2 and 3). Each function
// is one write inside the writer's transaction.
namespace kasa::store {

// A mark that is written but perhaps not yet durable. Becomes a MarkedSend, with its permit, after the
// commit.
struct WrittenMark {
  int64_t exchange_id = 0;
  std::string body;
  domain::Fiscalization fiscalization;
  std::optional<absl::Time> first_unexplained_send;
};

// SendStore::MarkSending.
absl::StatusOr<WrittenMark> WriteSendMark(Connection& connection, const SendCandidate& candidate,
                                          absl::Time now);

// SendStore::Settle.
absl::StatusOr<domain::Fiscalization> SettleSend(Connection& connection,
                                                 const domain::InstallationId& installation,
                                                 const Settlement& settlement, absl::Time now);

// As if the document had been sent at `start`, and nothing been heard of it: it is settled like any doubt.
void PutInDoubt(Connection& connection, FiscalizationRow& row, absl::Time start, const domain::Failure& why,
                absl::Time now);

// SendStore::RecoverAfterStart.
absl::StatusOr<int64_t> RecoverSends(Connection& connection, absl::Time now);
// What a start reads, as HotStatements() in fiscalization_queries.h: it must not depend on how long the
// history is.
std::vector<NamedStatement> HotStartStatements();

// SendStore::MarkShiftOpening and SendStore::SettleShiftOpening (shift_openings.cc).
absl::StatusOr<WrittenMark> WriteShiftOpeningMark(Connection& connection,
                                                  const domain::InstallationId& installation,
                                                  ShiftOpeningRequest& request, absl::Time now);
absl::StatusOr<bool> SettleShiftOpeningMark(Connection& connection, const Settlement& settlement);

// SendStore::LastShiftOpening.
ShiftOpening LastShiftOpening(Connection& connection, const std::string& register_fiscal_number);

// SendStore::MarkProof and SendStore::SettleProof (proofs.cc).
absl::StatusOr<WrittenMark> WriteProofMark(Connection& connection, const ProofRequest& request,
                                           absl::Time now);
absl::StatusOr<bool> SettleProofMark(Connection& connection, const Settlement& settlement);

// A receipt was made on this register, so its shift is open: an opening that is in doubt matters no more.
void ForgetUnexplainedShiftOpening(Connection& connection, const std::string& register_fiscal_number);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SENDS_H_
