#ifndef KASA_SERVER_DOMAIN_CARD_CHECKS_H_
#define KASA_SERVER_DOMAIN_CARD_CHECKS_H_

#include "absl/strings/string_view.h"
#include "server/domain/document.h"
#include "server/domain/findings.h"

// Checks of what a card terminal told. Pure functions.
namespace kasa::domain {

// Whether a masked card number shows no more than the first six and the last four digits. Spaces, hyphens and
// points are only for the eye; every other character that is no digit is a mask. A number with no mask in it
// may have ten digits at most: six and four.
bool IsMasked(absl::string_view card_mask);

// The details as the register takes them. `scope` is that of the card. The messages repeat none of them.
CardDetails CheckCard(const CardDetails& card, const FieldScope& scope);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_CARD_CHECKS_H_
