#ifndef KASA_SERVER_STORE_FISCALIZATION_PAGE_H_
#define KASA_SERVER_STORE_FISCALIZATION_PAGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/fiscalization.h"
#include "server/store/page_position.h"

// Lists of fiscalizations: which ones, and a page of them.
namespace kasa::store {

// A filter; empty fields do not filter. Ordered by (create_time, id).
struct FiscalizationFilter {
  std::vector<domain::State> states;
  std::string integration_id;
  std::string register_fiscal_number;
  std::optional<domain::DocumentKind> kind;
  std::string source_system;
  std::string order_id;
  std::string reason;
  std::optional<absl::Time> create_time_from;
  std::optional<absl::Time> create_time_before;
};

struct FiscalizationPage {
  std::vector<domain::Fiscalization> fiscalizations;
  std::optional<PagePosition> next;  // nothing at the end
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_FISCALIZATION_PAGE_H_
