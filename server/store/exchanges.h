#ifndef KASA_SERVER_STORE_EXCHANGES_H_
#define KASA_SERVER_STORE_EXCHANGES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/connection.h"
#include "server/store/send_store.h"

// The exchanges with the register: the marks before a send, the answers after it, and which sends are
// unexplained (ended in doubt and not proven absent since).
namespace kasa::store {

// More of an answer than this is cut off.
inline constexpr size_t kMaxAnswerBytes = size_t{64} * 1024;

// The first unexplained send of a tag.
struct UnexplainedSend {
  absl::Time start_time;
  std::string request;  // its exact bytes
};

// Writes `exchange` as marked: on the wire from now on. FAILED_PRECONDITION (STATE_NOT_ALLOWED) when another
// request of the register is; a partial unique index guards it too. Its id.
absl::StatusOr<int64_t> InsertMark(Connection& connection, const Exchange& exchange);

// Writes an exchange that is over. Its id.
int64_t InsertEnded(Connection& connection, const Exchange& exchange);

// What a settlement is about.
struct MarkToSettle {
  Exchange exchange;
  bool settled_alike = false;  // this very settlement was stored before: its answer got lost
};

// The mark of `kind` that `settlement` ends. NOT_FOUND when there is no such exchange; FAILED_PRECONDITION
// (STATE_NOT_ALLOWED) when it was settled otherwise or is of another kind.
absl::StatusOr<MarkToSettle> GetMark(Connection& connection, const Settlement& settlement, ExchangeKind kind);

// Closes a mark with what `settlement` tells.
void CloseMark(Connection& connection, const Settlement& settlement, bool unexplained);

// Closes every mark that a process which is gone left behind, as unexplained.
void CloseAbandonedMarks(Connection& connection, absl::Time now);

std::optional<UnexplainedSend> FirstUnexplained(Connection& connection,
                                                const std::string& register_fiscal_number, ExchangeKind kind,
                                                const std::string& tag);
// The oldest unexplained one of a kind, whatever its tag.
std::optional<absl::Time> FirstUnexplainedTime(Connection& connection,
                                               const std::string& register_fiscal_number, ExchangeKind kind);

// Takes the sends of a tag for explained: the receipt was found, or is proven absent.
void ExplainSends(Connection& connection, const std::string& register_fiscal_number, ExchangeKind kind,
                  const std::string& tag);
// Takes all of a kind for explained, whatever their tag.
void ExplainSends(Connection& connection, const std::string& register_fiscal_number, ExchangeKind kind);

ExchangePage PageOfExchanges(Connection& connection, const std::string& fiscalization_id, int64_t after_id,
                             int limit);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_EXCHANGES_H_
