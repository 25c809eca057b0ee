#ifndef KASA_SERVER_DOMAIN_RECEIPT_TEXT_H_
#define KASA_SERVER_DOMAIN_RECEIPT_TEXT_H_

#include <cstddef>
#include <string>

#include "server/domain/fiscalization.h"

namespace kasa::domain {

// How wide a till roll is, in characters.
inline constexpr size_t kReceiptTextWidth = 48;

// Where the receipt can be seen; what is empty is left out.
struct ReceiptLinks {
  std::string view_url;
  std::string sts_url;
};

// The receipt of `fiscalization`, which must have one, as text for a till roll or an e-mail: Ukrainian,
// UTF-8, no line longer than kReceiptTextWidth characters, each ended by "\n". It shows what was priced and
// sent and what the register told, and nothing else; what the register did not tell is left out. A receipt of
// a test register says at its head and at its foot that it is none. The text is for people: its layout may
// change, and it does not take the place of the QR code (Receipt.qr_text). Pure.
std::string RenderReceipt(const Fiscalization& fiscalization, const ReceiptLinks& links);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RECEIPT_TEXT_H_
