#ifndef KASA_SERVER_STORE_EXCHANGE_H_
#define KASA_SERVER_STORE_EXCHANGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace kasa::store {

// What one request was for.
enum class ExchangeKind {
  kReceipt = 1,
  kOpenShift = 2,
  kStatus = 3,
  kCheckTask = 4,
  kListing = 5,
  kSendReceipt = 6,
  kReport = 7,
};

// One request to the register and its answer, as the audit shows it (product.md, point 24). Never holds the
// token.
struct Exchange {
  int64_t id = 0;
  std::string fiscalization_id;  // empty for a status that belongs to no document
  std::string integration_id;
  std::string register_fiscal_number;
  ExchangeKind kind = ExchangeKind::kReceipt;
  std::string tag;
  std::string request;  // verbatim; contacts are masked by who shows it
  absl::Time start_time;
  std::optional<absl::Time> end_time;  // empty: on the wire, or the process ended meanwhile
  int http_status = 0;                 // 0: no HTTP answer
  std::string answer;                  // verbatim, cut to 64 KiB
  std::string outcome;                 // how the send ended, NameOf(SendEnding) or what a look-up said
  bool unexplained = false;            // ended in doubt and not proven absent since
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_EXCHANGE_H_
