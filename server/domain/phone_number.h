#ifndef KASA_SERVER_DOMAIN_PHONE_NUMBER_H_
#define KASA_SERVER_DOMAIN_PHONE_NUMBER_H_

#include "absl/strings/string_view.h"

namespace kasa::domain {

// Whether `e164` ("+", country code, number, digits only) is a number that its country's numbering plan has,
// by the data of Google's libphonenumber. Whether anybody has that number is not known. The data are as old
// as the library: a prefix that is opened later is refused until it is updated. Thread-safe; the first call
// loads the data (some milliseconds).
bool IsInNumberingPlan(absl::string_view e164);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_PHONE_NUMBER_H_
