#ifndef KASA_TESTS_SIMULATION_AUDIT_H_
#define KASA_TESTS_SIMULATION_AUDIT_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/fiscalization.h"
#include "server/store/store.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/people.h"
#include "tests/simulation/trace.h"

namespace kasa::simulation {

// Holds what the gateway believes against what the registers did (architecture.md, rules 1, 3, 5, 6 and 8).
class Audit {
 public:
  Audit(Cloud& cloud, People& people, Trace& trace, Coverage& coverage)
      : cloud_(cloud), people_(people), trace_(trace), coverage_(coverage) {}

  // A watcher reads on from where it was: every change once, in order, along arrows that there are.
  void Watch(store::Store& store);
  // After a start: what callers were told is there, and what a watcher saw has stayed.
  void AfterStart(store::Store& store);
  // The store is the one from then on that it was when its last change had this number.
  void StoreWasPutBack(int64_t last_change);
  // At any time: the ledgers by themselves.
  void Ledgers();
  // Which document a tag is of; empty when it is nobody's.
  std::string OwnerOf(const std::string& tag);
  // At the end, when nothing can happen any more.
  void AtEnd(store::Store& store, bool nobody_waits);

 private:
  void CheckDocument(const domain::Fiscalization& one, const std::vector<const LedgerEntry*>& receipts);
  void CheckReceipt(const domain::Fiscalization& one, const LedgerEntry& entry);
  void CheckReturns(const std::vector<domain::Fiscalization>& all);
  void CheckOrders(const std::vector<domain::Fiscalization>& all);

  Cloud& cloud_;
  People& people_;
  Trace& trace_;
  Coverage& coverage_;
  std::map<std::string, std::string> owners_;  // tag -> document name
  int tag_numbers_ = 0;                        // so many of each document are among them
  int64_t watched_through_ = 0;
  int64_t last_watched_ = 0;
  std::map<std::string, domain::State> watched_;  // by fiscalization id
  struct Watched {
    int64_t sequence = 0;
    std::string id;
    domain::State state = domain::State::kAccepted;
  };
  std::vector<Watched> all_watched_;  // in the order of the changes
  bool put_back_ = false;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_AUDIT_H_
