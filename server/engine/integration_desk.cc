#include "server/engine/integration_desk.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/integration_checks.h"
#include "server/engine/integration_desk_impl.h"
#include "server/engine/made_up_id.h"
#include "server/engine/mapping_rules.h"

namespace kasa::engine {
namespace {

void Append(const std::vector<domain::Notice>& more, std::vector<domain::Notice>& all) {
  all.insert(all.end(), more.begin(), more.end());
}

// The mapping as the checks take it; its entries in the order of their ids.
domain::CheckedSettings CheckWhole(const domain::Mapping& mapping) {
  std::vector<domain::MappingEntry> taxes;
  taxes.reserve(mapping.tax_groups.size());
  for (const auto& [id, group] : mapping.tax_groups) taxes.push_back({id, group});
  std::vector<domain::MappingEntry> methods;
  methods.reserve(mapping.payment_types.size());
  for (const auto& [id, type] : mapping.payment_types) methods.push_back({id, type});
  return domain::CheckMapping(taxes, methods, "mapping");
}

}  // namespace

Task<absl::StatusOr<IntegrationOutcome>> IntegrationDesk::Impl::Create(CreateIntegrationCall call) {
  const Operator by{.principal = call.principal, .acknowledge_unready = call.acknowledge_unready};
  if (call.integration.id.empty()) call.integration.id = MakeUpId("int-");
  const std::string id = call.integration.id;
  store::IntegrationRecord record;
  record.integration = std::move(call.integration);

  domain::CheckedSettings checked = CheckNewIntegration(record.integration, by, call.token, call.stated);
  IntegrationOutcome outcome;
  outcome.violations = std::move(checked.violations);
  if (!outcome.violations.empty()) co_return outcome;
  // Told before the register is asked; the store decides again.
  const absl::StatusOr<store::IntegrationRecord> taken = store_.integrations().Get(id);
  if (taken.ok()) {
    co_return ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kIntegrationExists,
                            absl::StrCat("integration ", id, " exists already"));
  }
  if (!absl::IsNotFound(taken.status())) co_return taken.status();

  Inspection inspection;
  std::optional<TokenFinding> finding;
  if (!call.token.empty()) {
    absl::StatusOr<Inspection> inspected = co_await InspectToken(id, std::nullopt, call.token, call.stated);
    if (!inspected.ok()) co_return inspected.status();
    inspection = *std::move(inspected);
    finding = inspection.finding;
  }

  // Shared: the store may come to it after this call is gone.
  const auto decision = std::make_shared<Decision>();
  store::IntegrationChange check = [decision, by, finding, now = clock_.Now()](
                                       store::IntegrationRecord& created,
                                       const store::IntegrationSurroundings& surroundings) {
    *decision = Decision();  // the store may have to decide twice
    return DecideCreation(by, now, finding, created, surroundings, *decision);
  };
  Callback<absl::StatusOr<domain::Integration>> creating(executor_, [&](auto done) {
    store_.integrations().Create(std::move(record), domain::Mapping(), std::move(check), std::move(done));
  });
  absl::StatusOr<domain::Integration> created = co_await creating;
  if (!created.ok()) co_return created.status();

  Append(checked.warnings, outcome.warnings);
  Append(inspection.warnings, outcome.warnings);
  Append(decision->warnings, outcome.warnings);
  if (inspection.status) {
    const absl::Status remembered = co_await RememberStatus(id, *inspection.status, inspection.status_time);
    if (!remembered.ok()) outcome.warnings.push_back(StatusNotStored(remembered));
  }
  outcome.integration = *std::move(created);
  co_return outcome;
}

Task<absl::StatusOr<IntegrationOutcome>> IntegrationDesk::Impl::Update(UpdateIntegrationCall call) {
  const Operator by{.principal = call.principal, .acknowledge_unready = call.acknowledge_unready};
  IntegrationOutcome outcome;
  outcome.violations = CheckOperator(by);
  if (!outcome.violations.empty()) co_return outcome;

  const auto decision = std::make_shared<Decision>();
  store::IntegrationChange change = [decision, by, now = clock_.Now(), settings = std::move(call.change)](
                                        store::IntegrationRecord& record,
                                        const store::IntegrationSurroundings& surroundings) mutable {
    *decision = Decision();
    return DecideUpdate(by, now, settings, record, surroundings, *decision);
  };
  absl::StatusOr<domain::Integration> changed =
      co_await Change(call.integration_id, call.revision, std::move(change));
  outcome.violations = std::move(decision->violations);
  if (!outcome.violations.empty()) co_return outcome;
  if (!changed.ok()) co_return changed.status();
  if (changed->pinned_register) lanes_.Kick(changed->pinned_register->fiscal_number);
  outcome.warnings = std::move(decision->warnings);
  outcome.integration = *std::move(changed);
  co_return outcome;
}

Task<absl::StatusOr<domain::Integration>> IntegrationDesk::Impl::Delete(std::string id,
                                                                        std::optional<int64_t> revision) {
  Callback<absl::StatusOr<domain::Integration>> deleting(executor_, [&](auto done) {
    store_.integrations().Delete(
        id, revision,
        [](store::IntegrationRecord& record, const store::IntegrationSurroundings& surroundings) {
          return DecideDeletion(record, surroundings);
        },
        std::move(done));
  });
  absl::StatusOr<domain::Integration> deleted = co_await deleting;
  co_return deleted;
}

Task<absl::StatusOr<MappingOutcome>> IntegrationDesk::Impl::UpdateMapping(UpdateMappingCall call) {
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(call.integration_id);
  if (!record.ok()) co_return record.status();
  const absl::Status live = RefuseArchived(record->integration);
  if (!live.ok()) co_return live;

  const auto decision = std::make_shared<Decision>();
  store::MappingChange change = [decision, record = *record, edit = std::move(call.change)](
                                    domain::Mapping& mapping) mutable -> absl::Status {
    *decision = Decision();
    const domain::Mapping before = mapping;
    edit(mapping);
    mapping.revision = before.revision;
    mapping.update_time = before.update_time;
    domain::CheckedSettings checked = CheckWhole(mapping);
    decision->violations = std::move(checked.violations);
    if (!decision->violations.empty()) return RefuseViolations();
    decision->warnings = NoticesOfChains(mapping);
    Append(WarningsOfMovedTaxes(before, mapping, record), decision->warnings);
    return absl::OkStatus();
  };
  Callback<absl::StatusOr<domain::Mapping>> changing(executor_, [&](auto done) {
    store_.integrations().ChangeMapping(call.integration_id, call.revision, std::move(change),
                                        std::move(done));
  });
  absl::StatusOr<domain::Mapping> changed = co_await changing;
  MappingOutcome outcome;
  outcome.violations = std::move(decision->violations);
  if (!outcome.violations.empty()) co_return outcome;
  if (!changed.ok()) co_return changed.status();
  if (const auto& pinned = record->integration.pinned_register) lanes_.Kick(pinned->fiscal_number);
  outcome.warnings = std::move(decision->warnings);
  outcome.mapping = *std::move(changed);
  co_return outcome;
}

// Everything is posted: the desk's state is the engine thread's alone. Once the desk is gone, what is still
// posted finds nobody.

IntegrationDesk::IntegrationDesk(store::Store& store, vchasno::Client& client, Lanes& lanes,
                                 Executor& executor, const Clock& clock,
                                 const domain::InstallationId& installation, const Settings& settings,
                                 CoverageRecorder& coverage)
    : executor_(executor),
      impl_(std::make_shared<Impl>(store, client, lanes, executor, clock, installation, settings, coverage)) {
}

void IntegrationDesk::Create(CreateIntegrationCall call, Done<IntegrationOutcome> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), call = std::move(call), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->Create(std::move(call)), std::move(done));
      });
}

void IntegrationDesk::Update(UpdateIntegrationCall call, Done<IntegrationOutcome> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), call = std::move(call), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->Update(std::move(call)), std::move(done));
      });
}

void IntegrationDesk::Delete(std::string integration_id, std::optional<int64_t> revision,
                             Done<domain::Integration> done) {
  executor_.Post([desk = std::weak_ptr<Impl>(impl_), id = std::move(integration_id), revision,
                  done = std::move(done)]() mutable {
    if (const auto impl = desk.lock()) impl->Run(impl->Delete(std::move(id), revision), std::move(done));
  });
}

void IntegrationDesk::SetToken(SetTokenCall call, Done<IntegrationOutcome> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), call = std::move(call), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->SetToken(std::move(call)), std::move(done));
      });
}

void IntegrationDesk::UpdateMapping(UpdateMappingCall call, Done<MappingOutcome> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), call = std::move(call), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->UpdateMapping(std::move(call)), std::move(done));
      });
}

void IntegrationDesk::CheckConnection(std::string integration_id, Done<ConnectionReport> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), id = std::move(integration_id), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->CheckConnection(std::move(id)), std::move(done));
      });
}

void IntegrationDesk::ProveTagMemory(ProveTagMemoryCall call, Done<domain::TagMemoryProof> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), call = std::move(call), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->ProveTagMemory(std::move(call)), std::move(done));
      });
}

void IntegrationDesk::GetCoverage(std::string integration_id, absl::Time from, Done<domain::Coverage> done) {
  executor_.Post([desk = std::weak_ptr<Impl>(impl_), id = std::move(integration_id), from,
                  done = std::move(done)]() mutable {
    if (const auto impl = desk.lock()) impl->Run(impl->GetCoverage(std::move(id), from), std::move(done));
  });
}

void IntegrationDesk::GetReadiness(std::string integration_id, Done<Readiness> done) {
  executor_.Post(
      [desk = std::weak_ptr<Impl>(impl_), id = std::move(integration_id), done = std::move(done)]() mutable {
        if (const auto impl = desk.lock()) impl->Run(impl->GetReadiness(std::move(id)), std::move(done));
      });
}

}  // namespace kasa::engine
