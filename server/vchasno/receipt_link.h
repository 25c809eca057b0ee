#ifndef KASA_SERVER_VCHASNO_RECEIPT_LINK_H_
#define KASA_SERVER_VCHASNO_RECEIPT_LINK_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "common/money.h"

namespace kasa::vchasno {

// The `sm` of the link in `info.qr`, where it is a link whose `id`, or else the end of its path, names this
// very receipt. Nothing for anything else, or when `sm` is there twice or is no amount.
std::optional<Money> SumInLink(absl::string_view qr, absl::string_view fiscal_number);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_RECEIPT_LINK_H_
