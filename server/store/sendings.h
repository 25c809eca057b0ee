#ifndef KASA_SERVER_STORE_SENDINGS_H_
#define KASA_SERVER_STORE_SENDINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/receipt_store.h"

// The sendings of receipts to customers as rows. A recipient is never written, but masked and hashed.
namespace kasa::store {

absl::StatusOr<BegunSendings> InsertSendings(Connection& connection, const SendingCommand& command,
                                             absl::Time now);

absl::StatusOr<domain::Sending> EndSending(Connection& connection, const SendingEnd& end);

// How a sending that went with the receipt itself came out.
struct SentWithReceipt {
  domain::SendingOutcome outcome = domain::SendingOutcome::kUnknown;
  std::optional<Reason> reason;
  std::string message;
  absl::Time create_time;
  std::optional<absl::Time> answer_time;
};

// Records that the receipt of `row` went to these contacts; nothing where there are none.
void InsertSendingsWithReceipt(Connection& connection, const FiscalizationRow& row,
                               const domain::Buyer& contacts, const SentWithReceipt& how);

// Ends what a process that is gone left in flight: whether Vchasno.Kasa got the command is not known.
void EndAbandonedSendings(Connection& connection);

SendingPage PageOfSendings(Connection& connection, SendingFilter filter,
                           const std::optional<SendingPosition>& after, int limit);

// As HotStatements() in fiscalization_queries.h.
std::vector<NamedStatement> HotSendingStatements();

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SENDINGS_H_
