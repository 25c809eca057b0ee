#include "server/engine/readiness_facts.h"

#include <algorithm>

namespace kasa::engine {
namespace {

using domain::Integration;
using domain::ReadinessFacts;

// Adds what was tried on the register of `other`.
void AddTests(const Integration& other, const store::IntegrationSurroundings& surroundings,
              ReadinessFacts& facts) {
  if (!domain::SharesTests(facts.integration, other)) return;
  const auto experience = surroundings.experience.find(other.id);
  if (experience != surroundings.experience.end()) {
    facts.test_receipts.insert(experience->second.test_receipts.begin(),
                               experience->second.test_receipts.end());
  }
  if (other.tag_memory_proof) {
    facts.proven_tag_memory = std::max(facts.proven_tag_memory, other.tag_memory_proof->tag_memory);
  }
}

}  // namespace

ReadinessFacts ReadinessFactsOf(const store::IntegrationRecord& record,
                                const store::IntegrationSurroundings& surroundings, absl::Time now) {
  ReadinessFacts facts;
  facts.integration = record.integration;
  facts.mapping = surroundings.mapping;
  const auto experience = surroundings.experience.find(record.integration.id);
  if (experience != surroundings.experience.end()) facts.experience = experience->second;
  facts.recent =
      domain::CoverageOf(surroundings.seen, now - domain::kRecentDocuments, facts.mapping, facts.experience);
  facts.last_status = record.last_status;
  facts.last_status_time = record.last_status_time;
  AddTests(record.integration, surroundings, facts);
  for (const Integration& other : surroundings.others) AddTests(other, surroundings, facts);
  for (const Integration& other : surroundings.archived) AddTests(other, surroundings, facts);
  return facts;
}

}  // namespace kasa::engine
