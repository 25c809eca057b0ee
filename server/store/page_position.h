#ifndef KASA_SERVER_STORE_PAGE_POSITION_H_
#define KASA_SERVER_STORE_PAGE_POSITION_H_

#include <string>

#include "absl/time/time.h"

namespace kasa::store {

// Where a page ends; the next one starts after it.
struct PagePosition {
  absl::Time create_time;
  std::string id;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_PAGE_POSITION_H_
