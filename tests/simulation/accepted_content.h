#ifndef KASA_TESTS_SIMULATION_ACCEPTED_CONTENT_H_
#define KASA_TESTS_SIMULATION_ACCEPTED_CONTENT_H_

#include <map>
#include <set>
#include <string>

#include "server/domain/integration.h"
#include "tests/simulation/task_request.h"

namespace kasa::simulation {

// The two mappings that an integration has by turns.
inline constexpr int kMappings = 2;
domain::Mapping MappingOfEach(int version = 0);

// What is sent of a document is what was accepted of it (architecture.md, rule 9): mapped as the integration
// had it when it was accepted, corrected or retried, and the same bytes from then on, but for the tag.
class AcceptedContent {
 public:
  // An integration's mapping is changed now: until it is known to be so, it may be either one.
  void MappingMayBe(int at_register, int version);
  void MappingIs(int at_register, int version);
  // A caller asks for something that maps the document; and has the answer.
  void MayBeMapped(const std::string& document, int at_register);
  void IsMapped(const std::string& document);
  // The gateway's store is an older one: whatever was mapped may be mapped in any way.
  void StoreWasPutBack();

  // Whether it may be sent so. `original`: of what it returns, whose mapping may be taken over.
  bool MaySend(const std::string& document, const std::string& original, const TaskRequest& request,
               const std::string& body);

 private:
  using Versions = std::set<int>;
  struct Content {
    int at_register = 0;
    Versions mapped_by;
    bool open = false;      // somebody waits for an answer, or never got it
    std::string sent_last;  // but for its tag; empty: nothing since it was mapped
  };

  Versions& InForce(int at_register);

  std::map<int, Versions> in_force_;  // by register
  std::map<std::string, Content> contents_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_ACCEPTED_CONTENT_H_
