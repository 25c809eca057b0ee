#ifndef KASA_SERVER_STORE_SOUGHT_RECEIPT_H_
#define KASA_SERVER_STORE_SOUGHT_RECEIPT_H_

#include <optional>
#include <string>

#include "server/domain/fiscalization.h"

namespace kasa::store {

// Which request a register was asked about: what it told is of that one, and of no other that the same
// fiscalization was given since, as its content was corrected or its tag raised.
struct SoughtReceipt {
  std::string tag;
  std::string fingerprint;  // of the content
};

inline SoughtReceipt SoughtFor(const domain::Fiscalization& doubted) {
  return {.tag = doubted.tag, .fingerprint = doubted.fingerprint};
}

// Whether it is that request still; true where none is named.
inline bool IsStillSought(const std::optional<SoughtReceipt>& sought, const domain::Fiscalization& now) {
  return !sought || (sought->tag == now.tag && sought->fingerprint == now.fingerprint);
}

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SOUGHT_RECEIPT_H_
