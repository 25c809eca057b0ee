#include "server/api/list_parts.h"

namespace kasa::api {

std::optional<domain::DocumentKind> DecodeKind(v1::DocumentKind kind, absl::string_view field,
                                               RequestCheck& check) {
  switch (kind) {
    case v1::DOCUMENT_KIND_UNSPECIFIED:
      return std::nullopt;
    case v1::DOCUMENT_KIND_SALE:
      return domain::DocumentKind::kSale;
    case v1::DOCUMENT_KIND_RETURN:
      return domain::DocumentKind::kReturn;
    case v1::DOCUMENT_KIND_PAYMENT:
      return domain::DocumentKind::kPayment;
    default:
      check.UnknownEnum(field, kind);
      return std::nullopt;
  }
}

}  // namespace kasa::api
