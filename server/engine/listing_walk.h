#ifndef KASA_SERVER_ENGINE_LISTING_WALK_H_
#define KASA_SERVER_ENGINE_LISTING_WALK_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/secret.h"
#include "server/domain/absence.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// For whom a register is looked into.
struct LookSubject {
  std::string register_fiscal_number;
  std::string integration_id;
  std::string fiscalization_id;  // empty: for the register as a whole
  std::string tag;
  Secret token;
};

// Reads a register's listings page by page: GETs only, never two at once, bounded. It ends with the first
// page that can't be read. Every page is recorded as an exchange. One walk a look; executor's thread only.
class ListingWalk {
 public:
  struct World {
    store::Store& store;
    vchasno::Client& client;
    Executor& executor;
  };

  ListingWalk(const World& world, LookSubject subject) : world_(world), subject_(std::move(subject)) {}

  // Fills in the look's shifts, as far back as receipts of `since` may be, and the documents of each of them
  // that overlaps; its gap when that can't be done wholly.
  Task<void> Read(absl::Time since, domain::Look& look);

  // Asks check-task about each of these fiscal numbers, until one is not answered at all.
  Task<void> Check(const std::vector<std::string>& fiscal_numbers, domain::Look& look);

  // How long the service asked to wait before the next request, if it did.
  std::optional<absl::Duration> retry_after() const { return retry_after_; }
  int pages() const { return pages_; }

 private:
  // All pages of one listing. `key` names a row, "" where it has no name; `enough` ends it early.
  template <typename Answer, typename Row>
  Task<std::optional<domain::LookGap>> AllPages(std::function<void(int page, vchasno::Done<Answer>)>& ask,
                                                std::function<const std::string&(const Row&)>& key,
                                                std::function<bool(const std::vector<Row>&)>& enough,
                                                std::vector<Row>& rows);
  Task<void> Record(store::ExchangeKind kind, const vchasno::WireRecord& wire, const std::string& outcome);

  World world_;
  LookSubject subject_;
  std::optional<absl::Duration> retry_after_;
  int pages_ = 0;
};

// Why nothing is proven absent by what a walk read, when a shift among it does not tell when it was opened.
// Such a shift is read like any other, but which of them is open, the newest, or that of the send can't be
// told.
std::optional<domain::LookGap> GapInOpenings(const domain::Look& look);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LISTING_WALK_H_
