#ifndef KASA_SERVER_STORE_STORE_PAUSE_H_
#define KASA_SERVER_STORE_STORE_PAUSE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// The pause of a store that was restored or copied (architecture.md, rule 11): registers are not written to
// until an operator adopts them.
namespace kasa::store {

class Connection;

struct StorePause {
  bool paused = false;
  std::set<std::string> adopted;  // registers that go on all the same
};

// An operator's word that this store is the one that issues receipts.
struct Adoption {
  std::vector<std::string> registers;  // by fiscal number; empty: all
  std::string principal;               // who
  std::string note;                    // why
};

// What came of it.
struct Adopted {
  std::vector<std::string> go_on;  // the registers that go on only now
  StorePause pause;                // as it is from then on
};

// What Store reads and writes of it; each function is told at Store's function of that name.
StorePause FindStorePause(Connection& connection);
bool PauseForReconciling(Connection& connection, absl::Time now);
absl::Status CheckAdoption(Connection& connection, const Adoption& adoption);
absl::StatusOr<Adopted> AdoptRegisters(Connection& connection, const Adoption& adoption, absl::Time now);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_STORE_PAUSE_H_
