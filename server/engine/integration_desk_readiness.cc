#include <utility>

#include "server/engine/integration_desk_impl.h"
#include "server/engine/readiness_facts.h"

// What was seen of an integration's documents, and what still stands in its way.
namespace kasa::engine {

Task<absl::Status> IntegrationDesk::Impl::FlushCoverage(std::string integration_id) {
  Callback<absl::Status> flushing(executor_,
                                  [&](auto done) { coverage_.Flush(integration_id, std::move(done)); });
  const absl::Status flushed = co_await flushing;
  co_return flushed;
}

Task<absl::StatusOr<domain::Coverage>> IntegrationDesk::Impl::GetCoverage(std::string id, absl::Time from) {
  const absl::Status flushed = co_await FlushCoverage(id);
  if (!flushed.ok()) co_return flushed;
  const absl::StatusOr<domain::Mapping> mapping = store_.integrations().GetMapping(id);
  if (!mapping.ok()) co_return mapping.status();
  const absl::StatusOr<domain::Experience> experience = store_.integrations().GetExperience(id);
  if (!experience.ok()) co_return experience.status();
  const absl::StatusOr<std::vector<domain::SeenId>> seen = store_.integrations().GetSeen(id);
  if (!seen.ok()) co_return seen.status();
  co_return domain::CoverageOf(*seen, from, *mapping, *experience);
}

Task<absl::StatusOr<Readiness>> IntegrationDesk::Impl::GetReadiness(std::string id) {
  const absl::Status flushed = co_await FlushCoverage(id);
  if (!flushed.ok()) co_return flushed;
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(id);
  if (!record.ok()) co_return record.status();
  const absl::Status live = RefuseArchived(record->integration);
  if (!live.ok()) co_return live;
  const absl::StatusOr<store::IntegrationSurroundings> surroundings =
      store_.integrations().GetSurroundings(id);
  if (!surroundings.ok()) co_return surroundings.status();
  const absl::Time now = clock_.Now();
  Readiness readiness;
  readiness.items = domain::ReadinessOf(ReadinessFactsOf(*record, *surroundings, now), now);
  readiness.connection_check_time = record->last_status_time;
  co_return readiness;
}

}  // namespace kasa::engine
