#ifndef KASA_SERVER_STORE_RECORD_VALUES_H_
#define KASA_SERVER_STORE_RECORD_VALUES_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/money.h"
#include "server/domain/document.h"
#include "server/store/errors.h"
#include "server/store/record.pb.h"

// Pieces that the codecs of records.h share.
namespace kasa::store {

// `value` as an enum whose numbers run from `first` to `last` without gaps.
template <typename Enum>
Enum EnumFrom(int value, Enum first, Enum last, absl::string_view what) {
  if (value < static_cast<int>(first) || value > static_cast<int>(last)) {
    throw UnreadableRecord(absl::StrCat(what, " has no value ", value));
  }
  return static_cast<Enum>(value);
}

inline domain::RegisterMode ModeFrom(int value) {
  return EnumFrom(value, domain::RegisterMode::kTest, domain::RegisterMode::kReal, "register mode");
}

inline domain::DocumentKind KindFrom(int value) {
  return EnumFrom(value, domain::DocumentKind::kSale, domain::DocumentKind::kPayment, "document kind");
}

template <typename Record>
Record Parsed(const std::string& bytes, absl::string_view what) {
  Record record;
  if (!record.ParseFromString(bytes)) throw UnreadableRecord(absl::StrCat(what, " is damaged"));
  return record;
}

inline Money Kopiykas(int64_t kopiykas) {
  return Money::FromKopiykas(kopiykas);
}

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RECORD_VALUES_H_
