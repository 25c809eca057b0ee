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

absl::string_view NameOf(ListingOutcome outcome) {
  switch (outcome) {
    case ListingOutcome::kRead:
      return "READ";
    case ListingOutcome::kNotThere:
      return "NOT_THERE";
    case ListingOutcome::kRefused:
      return "REFUSED";
    case ListingOutcome::kNotAnswered:
      return "NOT_ANSWERED";
    case ListingOutcome::kUnreadable:
      break;
  }
  return "UNREADABLE";
}

}  // namespace kasa::vchasno
