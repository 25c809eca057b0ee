#include "server/api/integration_handlers.h"

#include <utility>

#include "common/secret.h"
#include "server/api/encode_problem.h"
#include "server/api/encode_readiness.h"
#include "server/api/encode_register.h"
#include "server/api/errors.h"
#include "server/api/integration_settings.h"
#include "server/api/list_parts.h"
#include "server/api/mapping.h"
#include "server/api/page_token.h"
#include "server/api/request_check.h"
#include "server/api/times.h"
#include "server/domain/integration_checks.h"
#include "server/domain/limits.h"

namespace kasa::api {
namespace {

// Takes the token out of a request, so that it lives in a Secret only from here on.
template <typename Request>
Secret TakeToken(Request& request) {
  return Secret(std::move(*request.mutable_token()));
}

template <typename Request>
engine::StatedRegister DecodeStated(const Request& request, RequestCheck& check) {
  return {.fiscal_number = request.stated_register_fiscal_number(),
          .edrpou = request.stated_edrpou(),
          .mode = DecodeMode(request.stated_register_mode(), "stated_register_mode", check)};
}

// Names the id of a new integration where the caller wrote it: beside the settings.
void NameIdAlone(domain::Violations& violations) {
  for (domain::Violation& one : violations) {
    if (one.field == "integration.integration_id") one.field = "integration_id";
  }
}

// Since when the register's being online or not is what the status tells of it.
void EncodeOnlineSince(const store::IntegrationRecord& record, v1::RegisterStatus* out) {
  const bool the_same = record.last_status && out->has_online_status_raw() &&
                        record.last_status->online_raw == out->online_status_raw();
  if (the_same && record.online_since)
    EncodeTime(*record.online_since, out->mutable_online_state_since_time());
}

domain::TagMemory DecodeMemoryToProve(const v1::ProveTagMemoryRequest& request, RequestCheck& check) {
  switch (request.tag_memory()) {
    case v1::TAG_MEMORY_SAME_SHIFT:
      return domain::TagMemory::kSameShift;
    case v1::TAG_MEMORY_FOREVER:
      if (!request.close_shift()) {
        check.Add("close_shift", Reason::kFieldRequired,
                  "FOREVER is proven over a closed shift: say that this one may be closed");
      }
      return domain::TagMemory::kForever;
    case v1::TAG_MEMORY_UNSPECIFIED:
      check.Add("tag_memory", Reason::kFieldRequired, "what is to be proven: SAME_SHIFT or FOREVER");
      break;
    case v1::TAG_MEMORY_UNPROVEN:
      check.Add("tag_memory", Reason::kFieldInvalid, "nothing is to be proven: SAME_SHIFT or FOREVER");
      break;
    default:
      check.UnknownEnum("tag_memory", request.tag_memory());
  }
  return domain::TagMemory::kSameShift;
}

}  // namespace

IntegrationHandlers::IntegrationHandlers(engine::Engine& engine, store::Store& store,
                                         engine::Executor& executor, const Clock& clock)
    : engine_(engine), store_(store), executor_(executor), clock_(clock) {}

absl::Status IntegrationHandlers::AddRegister(const domain::Integration& integration, v1::Integration* out) {
  // What the register told is not part of the record that the engine hands out.
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(integration.id);
  if (!record.ok()) return absl::IsNotFound(record.status()) ? absl::OkStatus() : record.status();
  if (record->last_status) {
    EncodeStatus(*record->last_status, record->last_status_time, out->mutable_register_status());
    EncodeOnlineSince(*record, out->mutable_register_status());
  }
  // The lane belongs to whoever uses the register now.
  if (!integration.pinned_register || integration.archived) return absl::OkStatus();
  const absl::StatusOr<engine::LaneView> lane = engine_.LaneOf(integration.pinned_register->fiscal_number);
  if (!lane.ok()) return lane.status();
  EncodeLane(*lane, out->mutable_lane());
  return absl::OkStatus();
}

template <typename Response>
Done<engine::IntegrationOutcome> IntegrationHandlers::EncodeOutcome(Done<Response> done) {
  return EncodeOn<engine::IntegrationOutcome>(
      executor_, std::move(done), [this](engine::IntegrationOutcome outcome) -> absl::StatusOr<Response> {
        if (!outcome.violations.empty()) return RequestInvalid(outcome.violations);
        Response response;
        EncodeIntegration(outcome.integration, response.mutable_integration());
        EncodeWarnings(outcome.warnings, response.mutable_warnings());
        // The change is stored: a trouble with reading what goes with it must not look like a refusal.
        const absl::Status added = AddRegister(outcome.integration, response.mutable_integration());
        if (!added.ok()) {
          EncodeWarnings(
              {{Reason::kStoreUnavailable, "what the register last said, or its lane, can't be read now"}},
              response.mutable_warnings());
        }
        return response;
      });
}

void IntegrationHandlers::CreateIntegration(v1::CreateIntegrationRequest request, CallContext,
                                            Done<v1::CreateIntegrationResponse> done) {
  RequestCheck check;
  engine::CreateIntegrationCall create;
  create.token = TakeToken(request);
  create.integration = DecodeIntegration(request.integration(), "integration", check);
  if (!request.integration_id().empty()) {
    if (!create.integration.id.empty() && create.integration.id != request.integration_id()) {
      check.Add("integration_id", Reason::kFieldInvalid, "is another one than integration.integration_id");
    }
    create.integration.id = request.integration_id();
  }
  create.stated = DecodeStated(request, check);
  create.acknowledge_unready = request.acknowledge_unready();
  create.principal = request.principal();
  const bool id_stands_alone = !request.integration_id().empty();
  if (!check.ok()) {
    domain::Violations violations = domain::CheckIntegration(create.integration, "integration").violations;
    if (id_stands_alone) NameIdAlone(violations);
    check.AddAll(std::move(violations));
    return std::move(done)(check.ToStatus());
  }
  engine_.integrations().Create(std::move(create),
                                [id_stands_alone, encode = EncodeOutcome(std::move(done))](
                                    absl::StatusOr<engine::IntegrationOutcome> outcome) mutable {
                                  if (outcome.ok() && id_stands_alone) NameIdAlone(outcome->violations);
                                  std::move(encode)(std::move(outcome));
                                });
}

void IntegrationHandlers::GetIntegration(v1::GetIntegrationRequest request, CallContext call,
                                         Done<v1::GetIntegrationResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return Read(request); });
}

absl::StatusOr<v1::GetIntegrationResponse> IntegrationHandlers::Read(
    const v1::GetIntegrationRequest& request) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(request.integration_id());
  if (!record.ok()) return record.status();
  v1::GetIntegrationResponse response;
  EncodeIntegration(record->integration, response.mutable_integration());
  const absl::Status added = AddRegister(record->integration, response.mutable_integration());
  if (!added.ok()) return added;
  return response;
}

void IntegrationHandlers::ListIntegrations(v1::ListIntegrationsRequest request, CallContext call,
                                           Done<v1::ListIntegrationsResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadPage(request); });
}

absl::StatusOr<v1::ListIntegrationsResponse> IntegrationHandlers::ReadPage(
    const v1::ListIntegrationsRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  const std::string filters = FiltersOf(request);
  std::string after;
  if (!request.page_token().empty()) {
    const auto position = ReadPageToken(request.page_token(), filters);
    if (!position) {
      check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
    }
    after = position.value_or("");
  }
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<store::IntegrationPage> page =
      store_.integrations().List(after, page_size, request.show_archived());
  if (!page.ok()) return page.status();
  v1::ListIntegrationsResponse response;
  std::string next_after_id = page->next_after_id;
  PageRoom room;
  for (const domain::Integration& integration : page->integrations) {
    v1::Integration& encoded = *response.add_integrations();
    EncodeIntegration(integration, &encoded);
    const absl::Status added = AddRegister(integration, &encoded);
    if (!added.ok()) return added;
    if (room.Take(encoded.ByteSizeLong())) continue;
    if (&integration != &page->integrations.back()) next_after_id = integration.id;
    break;
  }
  if (!next_after_id.empty()) response.set_next_page_token(MakePageToken(next_after_id, filters));
  return response;
}

void IntegrationHandlers::UpdateIntegration(v1::UpdateIntegrationRequest request, CallContext,
                                            Done<v1::UpdateIntegrationResponse> done) {
  RequestCheck check;
  check.Required("integration.integration_id", request.integration().integration_id(),
                 domain::kMaxIntegrationIdLength);
  engine::UpdateIntegrationCall update;
  update.integration_id = request.integration().integration_id();
  update.revision = check.Etag("integration.etag", request.integration().etag());
  update.change = DecodeSettingsChange(request.integration(), request.update_mask(), check);
  update.acknowledge_unready = request.acknowledge_unready();
  update.principal = request.principal();
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().Update(std::move(update), EncodeOutcome(std::move(done)));
}

void IntegrationHandlers::DeleteIntegration(v1::DeleteIntegrationRequest request, CallContext,
                                            Done<v1::DeleteIntegrationResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  const std::optional<int64_t> revision = check.Etag("etag", request.etag());
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().Delete(
      request.integration_id(), revision,
      EncodeOn<domain::Integration>(
          executor_, std::move(done),
          [](domain::Integration integration) -> absl::StatusOr<v1::DeleteIntegrationResponse> {
            v1::DeleteIntegrationResponse response;
            if (integration.archived) EncodeIntegration(integration, response.mutable_integration());
            return response;
          }));
}

void IntegrationHandlers::SetToken(v1::SetTokenRequest request, CallContext,
                                   Done<v1::SetTokenResponse> done) {
  RequestCheck check;
  engine::SetTokenCall set;
  set.token = TakeToken(request);
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  set.integration_id = request.integration_id();
  set.revision = check.Etag("etag", request.etag());
  set.stated = DecodeStated(request, check);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().SetToken(std::move(set), EncodeOutcome(std::move(done)));
}

void IntegrationHandlers::CheckConnection(v1::CheckConnectionRequest request, CallContext,
                                          Done<v1::CheckConnectionResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().CheckConnection(
      request.integration_id(),
      EncodeOn<engine::ConnectionReport>(
          executor_, std::move(done),
          [this, id = request.integration_id()](
              engine::ConnectionReport report) -> absl::StatusOr<v1::CheckConnectionResponse> {
            v1::CheckConnectionResponse response;
            EncodeConnection(report, clock_.Now(), &response);
            const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(id);
            if (!record.ok()) return record.status();
            if (response.has_register_()) EncodeOnlineSince(*record, response.mutable_register_());
            if (const auto& pinned = record->integration.pinned_register) {
              const absl::StatusOr<engine::LaneView> lane = engine_.LaneOf(pinned->fiscal_number);
              if (!lane.ok()) return lane.status();
              EncodeLane(*lane, response.mutable_lane());
            }
            return response;
          }));
}

void IntegrationHandlers::GetMapping(v1::GetMappingRequest request, CallContext call,
                                     Done<v1::GetMappingResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadMapping(request); });
}

absl::StatusOr<v1::GetMappingResponse> IntegrationHandlers::ReadMapping(
    const v1::GetMappingRequest& request) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<domain::Mapping> mapping = store_.integrations().GetMapping(request.integration_id());
  if (!mapping.ok()) return mapping.status();
  const absl::StatusOr<domain::Experience> experience =
      store_.integrations().GetExperience(request.integration_id());
  if (!experience.ok()) return experience.status();
  v1::GetMappingResponse response;
  EncodeMapping(request.integration_id(), *mapping, *experience, response.mutable_mapping());
  return response;
}

void IntegrationHandlers::UpdateMapping(v1::UpdateMappingRequest request, CallContext,
                                        Done<v1::UpdateMappingResponse> done) {
  RequestCheck check;
  const std::string id = request.mapping().integration_id();
  check.Required("mapping.integration_id", id, domain::kMaxIntegrationIdLength);
  engine::UpdateMappingCall update;
  update.integration_id = id;
  update.revision = check.Etag("mapping.etag", request.mapping().etag());
  update.change = DecodeMappingChange(request, check);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().UpdateMapping(
      std::move(update),
      EncodeOn<engine::MappingOutcome>(
          executor_, std::move(done),
          [this, id](engine::MappingOutcome outcome) -> absl::StatusOr<v1::UpdateMappingResponse> {
            if (!outcome.violations.empty()) return RequestInvalid(outcome.violations);
            v1::UpdateMappingResponse response;
            const absl::StatusOr<domain::Experience> experience = store_.integrations().GetExperience(id);
            EncodeMapping(id, outcome.mapping, experience.value_or(domain::Experience()),
                          response.mutable_mapping());
            EncodeWarnings(outcome.warnings, response.mutable_warnings());
            // The change is stored: a trouble with reading what goes with it must not look like a refusal.
            if (!experience.ok()) {
              EncodeWarnings(
                  {{Reason::kStoreUnavailable, "what the register said of the entries can't be read now"}},
                  response.mutable_warnings());
            }
            return response;
          }));
}

void IntegrationHandlers::GetMappingCoverage(v1::GetMappingCoverageRequest request, CallContext,
                                             Done<v1::GetMappingCoverageResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  const absl::Time from = check.Moment("seen_from", request.has_seen_from(), request.seen_from())
                              .value_or(clock_.Now() - domain::kRecentDocuments);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().GetCoverage(
      request.integration_id(), from,
      EncodeOn<domain::Coverage>(executor_, std::move(done),
                                 [only_gaps = request.only_gaps()](domain::Coverage coverage)
                                     -> absl::StatusOr<v1::GetMappingCoverageResponse> {
                                   v1::GetMappingCoverageResponse response;
                                   EncodeCoverage(coverage, only_gaps, &response);
                                   return response;
                                 }));
}

void IntegrationHandlers::GetReadiness(v1::GetReadinessRequest request, CallContext,
                                       Done<v1::GetReadinessResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().GetReadiness(
      request.integration_id(),
      EncodeOn<engine::Readiness>(
          executor_, std::move(done),
          [](engine::Readiness readiness) -> absl::StatusOr<v1::GetReadinessResponse> {
            v1::GetReadinessResponse response;
            EncodeReadiness(readiness, &response);
            return response;
          }));
}

void IntegrationHandlers::ProveTagMemory(v1::ProveTagMemoryRequest request, CallContext,
                                         Done<v1::ProveTagMemoryResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  const engine::ProveTagMemoryCall prove{.integration_id = request.integration_id(),
                                         .tag_memory = DecodeMemoryToProve(request, check),
                                         .close_shift = request.close_shift()};
  if (!check.ok()) return std::move(done)(check.ToStatus());
  engine_.integrations().ProveTagMemory(
      prove, EncodeOn<domain::TagMemoryProof>(
                 executor_, std::move(done),
                 [](domain::TagMemoryProof proof) -> absl::StatusOr<v1::ProveTagMemoryResponse> {
                   v1::ProveTagMemoryResponse response;
                   EncodeProof(proof, response.mutable_proof());
                   return response;
                 }));
}

void IntegrationHandlers::GetCatalogue(v1::GetCatalogueRequest request, CallContext call,
                                       Done<v1::GetCatalogueResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadCatalogue(request); });
}

absl::StatusOr<v1::GetCatalogueResponse> IntegrationHandlers::ReadCatalogue(
    const v1::GetCatalogueRequest& request) {
  // No register tells letters of its own in this version; an id that is wrong is told all the same.
  if (!request.integration_id().empty()) {
    const absl::StatusOr<store::IntegrationRecord> record =
        store_.integrations().Get(request.integration_id());
    if (!record.ok()) return record.status();
  }
  v1::GetCatalogueResponse response;
  EncodeCatalogue(&response);
  return response;
}

}  // namespace kasa::api
