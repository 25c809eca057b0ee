#ifndef KASA_SERVER_DOMAIN_CONTACT_CHECKS_H_
#define KASA_SERVER_DOMAIN_CONTACT_CHECKS_H_

#include "absl/strings/string_view.h"
#include "server/domain/document.h"
#include "server/domain/findings.h"

// Contacts of a buyer, strictly, because the register drops or refuses what it can't use. Pure functions.
namespace kasa::domain {

// "+380" and nine digits, nothing else, that Ukraine's numbering plan has (phone_number.h).
bool IsPhone(absl::string_view text);

// One plain address, a subset of RFC 5321 that every mail system takes: at most 254 characters of ASCII;
// before the @ 1 to 64 letters, digits and .!#$%&'*+/=?^_`{|}~- with no point first, last or doubled; after
// it at least two labels of 1 to 63 letters, digits and hyphens with no hyphen first or last, the last label
// of letters or an "xn--" name. No quoted names, no comments, no IP addresses.
bool IsEmail(absl::string_view text);

// What a contact is not, for messages.
inline constexpr char kNoPhone[] = "is not +380 and nine digits that make a phone number of Ukraine";
inline constexpr char kNoEmail[] = "is not one plain e-mail address";

// Checks the contacts that are given (`document`.buyer). The messages don't repeat them.
void CheckBuyer(const Buyer& buyer, const FieldScope& document);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_CONTACT_CHECKS_H_
