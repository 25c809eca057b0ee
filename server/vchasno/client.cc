#include "server/vchasno/client.h"

namespace kasa::vchasno {

absl::string_view NameOf(StatusOutcome outcome) {
  switch (outcome) {
    case StatusOutcome::kAnswered:
      return "ANSWERED";
    case StatusOutcome::kTokenRefused:
      return "TOKEN_REFUSED";
    case StatusOutcome::kUnreachable:
      return "UNREACHABLE";
    case StatusOutcome::kRefused:
      return "REFUSED";
    case StatusOutcome::kUnreadable:
      break;
  }
  return "UNREADABLE";
}

}  // namespace kasa::vchasno
