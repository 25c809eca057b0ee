#ifndef KASA_SERVER_STORE_PAGE_BUDGET_H_
#define KASA_SERVER_STORE_PAGE_BUDGET_H_

#include <cstddef>

namespace kasa::store {

// A page has so many rows at most, and ends early where they are big: a row holds its whole document, of up
// to 4 MiB, and a thousand of those are more than a machine has. Twice what an answer takes of them.
inline constexpr size_t kPageBytes = size_t{4} << 20;

// Counts the bytes of a page's rows as they are stored. The first row is always taken.
class PageBudget {
 public:
  void Take(size_t bytes) { taken_ += bytes; }
  // The page ends before the next row.
  bool IsUsedUp() const { return taken_ >= kPageBytes; }

 private:
  size_t taken_ = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_PAGE_BUDGET_H_
