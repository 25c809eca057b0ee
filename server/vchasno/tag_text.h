#ifndef KASA_SERVER_VCHASNO_TAG_TEXT_H_
#define KASA_SERVER_VCHASNO_TAG_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

// Tags in answers. That they come back as they were sent is not documented.
namespace kasa::vchasno {

// A tag as the gateway writes them (domain/tag.h), 32 lower-case hex digits, where `told` is one in capitals
// or with a UUID's dashes; else `told` as it is.
std::string TagFromText(absl::string_view told);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_TAG_TEXT_H_
