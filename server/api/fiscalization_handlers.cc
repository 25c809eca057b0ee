#include "server/api/fiscalization_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/api/decode_document.h"
#include "server/api/encode_exchange.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/encode_problem.h"
#include "server/api/errors.h"
#include "server/api/list_parts.h"
#include "server/api/page_token.h"
#include "server/api/request_check.h"
#include "server/domain/document_checks.h"
#include "server/domain/limits.h"
#include "server/vchasno/request.h"

namespace kasa::api {
namespace {

constexpr size_t kMostStates = 100;  // many more than there are

// The states asked for; nothing when the filters leave none, so that the list is empty.
std::optional<std::vector<domain::State>> DecodeStates(const v1::ListFiscalizationsRequest& request,
                                                       RequestCheck& check) {
  std::vector<domain::State> states;
  if (check.TooMany("states", request.states_size(), kMostStates)) return states;
  for (int i = 0; i < request.states_size(); ++i) {
    const v1::FiscalizationState asked = request.states(i);
    if (const auto state = DecodeState(asked)) {
      // One that is named twice is asked for once.
      if (std::find(states.begin(), states.end(), *state) == states.end()) states.push_back(*state);
    } else if (asked == v1::FISCALIZATION_STATE_UNSPECIFIED) {
      check.Add(ItemPath("states", i), Reason::kFieldInvalid, "must name a state");
    } else {
      check.UnknownEnum(ItemPath("states", i), asked);
    }
  }
  if (!request.not_completed()) return states;
  if (request.states_size() == 0) return std::vector{domain::State::kFailed, domain::State::kInDoubt};
  std::erase_if(states, [](domain::State state) {
    return state != domain::State::kFailed && state != domain::State::kInDoubt;
  });
  if (states.empty()) return std::nullopt;
  return states;
}

std::optional<domain::ResolutionOutcome> DecodeOutcome(v1::ResolutionOutcome outcome, RequestCheck& check) {
  switch (outcome) {
    case v1::RESOLUTION_OUTCOME_RECEIPT_EXISTS:
      return domain::ResolutionOutcome::kReceiptExists;
    case v1::RESOLUTION_OUTCOME_ABSENT_SEND:
      return domain::ResolutionOutcome::kAbsentSend;
    case v1::RESOLUTION_OUTCOME_ABSENT_GIVE_UP:
      return domain::ResolutionOutcome::kAbsentGiveUp;
    case v1::RESOLUTION_OUTCOME_UNSPECIFIED:
      check.Add("outcome", Reason::kFieldRequired, "is required");
      return std::nullopt;
    default:
      check.UnknownEnum("outcome", outcome);
      return std::nullopt;
  }
}

}  // namespace

FiscalizationHandlers::FiscalizationHandlers(engine::Fiscalizer& fiscalizer, store::Store& store,
                                             engine::Executor& executor, ReceiptPages pages)
    : fiscalizer_(fiscalizer), store_(store), executor_(executor), pages_(std::move(pages)) {}

void FiscalizationHandlers::FiscalizeSale(v1::FiscalizeSaleRequest request, CallContext call,
                                          Done<v1::FiscalizeSaleResponse> done) {
  RequestCheck check;
  check.AddAll(domain::CheckDocumentName(request.source_system(), request.document_id(), "document_id"));
  if (!request.has_sale()) check.Add("sale", Reason::kFieldRequired, "is required");
  engine::DocumentRequest sale;
  sale.document_id = request.document_id();
  sale.source_system = request.source_system();
  sale.document = DecodeDocument(request.sale(), "sale", check);
  sale.validate_only = request.validate_only();
  sale.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  sale.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());

  fiscalizer_.Fiscalize(std::move(sale),
                        EncodeOn<engine::FiscalizeOutcome>(
                            executor_, std::move(done),
                            [this, validate_only = request.validate_only()](engine::FiscalizeOutcome outcome)
                                -> absl::StatusOr<v1::FiscalizeSaleResponse> {
                              if (!outcome.violations.empty() && !validate_only) {
                                return DocumentInvalid(outcome.violations);
                              }
                              const auto mode = outcome.draft ? ModeOf(outcome.integration_id) : std::nullopt;
                              v1::FiscalizeSaleResponse response;
                              EncodeSaleOutcome(outcome, mode, pages_, &response);
                              return response;
                            }));
}

std::optional<domain::RegisterMode> FiscalizationHandlers::ModeOf(const std::string& integration_id) {
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(integration_id);
  if (!record.ok() || !record->integration.pinned_register) return std::nullopt;
  return record->integration.pinned_register->mode;
}

void FiscalizationHandlers::GetFiscalization(v1::GetFiscalizationRequest request, CallContext call,
                                             Done<v1::GetFiscalizationResponse> done) {
  RequestCheck check;
  engine::FiscalizationQuery query;
  switch (request.by_case()) {
    case v1::GetFiscalizationRequest::kFiscalizationId:
      check.Required("fiscalization_id", request.fiscalization_id());
      query.name = request.fiscalization_id();
      break;
    case v1::GetFiscalizationRequest::kDocument: {
      AskedKey asked = DecodeAskedKey(request.document(), "document", check);
      query.name = std::move(asked.key);
      query.any_mode = asked.any_mode;
      break;
    }
    case v1::GetFiscalizationRequest::BY_NOT_SET:
      check.Add("fiscalization_id", Reason::kFieldRequired, "this or document is required");
      break;
  }
  query.max_wait =
      check.MaxWait("max_wait", request.has_max_wait(), request.max_wait()).value_or(absl::ZeroDuration());
  query.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());

  fiscalizer_.Get(
      std::move(query),
      EncodeOn<domain::Fiscalization>(
          executor_, std::move(done),
          [this](domain::Fiscalization fiscalization) -> absl::StatusOr<v1::GetFiscalizationResponse> {
            const absl::StatusOr<std::string> body = store_.GetRequestBody(fiscalization.id);
            if (!body.ok()) return body.status();
            v1::GetFiscalizationResponse response;
            EncodeFiscalization(fiscalization, pages_, response.mutable_fiscalization());
            response.mutable_fiscalization()->mutable_draft()->set_request_json(vchasno::MaskContacts(*body));
            return response;
          }));
}

void FiscalizationHandlers::ListFiscalizations(v1::ListFiscalizationsRequest request, CallContext call,
                                               Done<v1::ListFiscalizationsResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadPage(request); });
}

absl::StatusOr<v1::ListFiscalizationsResponse> FiscalizationHandlers::ReadPage(
    const v1::ListFiscalizationsRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  store::FiscalizationFilter filter;
  filter.integration_id = request.integration_id();
  const auto states = DecodeStates(request, check);
  if (states) filter.states = *states;
  filter.order_id = request.order_id();
  filter.reason = request.reason();
  filter.create_time_from =
      check.Moment("create_time_from", request.has_create_time_from(), request.create_time_from());
  filter.create_time_before =
      check.Moment("create_time_before", request.has_create_time_before(), request.create_time_before());
  filter.register_fiscal_number = request.register_fiscal_number();
  filter.kind = DecodeKind(request.kind(), "kind", check);
  filter.source_system = request.source_system();
  check.AtMost("integration_id", filter.integration_id);
  check.AtMost("order_id", filter.order_id);
  check.AtMost("reason", filter.reason);
  check.AtMost("register_fiscal_number", filter.register_fiscal_number);
  check.AtMost("source_system", filter.source_system);
  const std::string filters = FiltersOf(request);
  std::optional<store::PagePosition> after;
  if (!request.page_token().empty()) {
    if (const auto position = ReadPageToken(request.page_token(), filters)) after = DecodePosition(*position);
    if (!after) check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
  }
  if (!check.ok()) return check.ToStatus();

  v1::ListFiscalizationsResponse response;
  if (!states) return response;
  const absl::StatusOr<store::FiscalizationPage> page = store_.ListFiscalizations(filter, after, page_size);
  if (!page.ok()) return page.status();
  std::optional<store::PagePosition> next = page->next;
  PageRoom room;
  for (const domain::Fiscalization& fiscalization : page->fiscalizations) {
    v1::Fiscalization& encoded = *response.add_fiscalizations();
    EncodeFiscalization(fiscalization, pages_, &encoded);
    if (room.Take(encoded.ByteSizeLong())) continue;
    if (&fiscalization != &page->fiscalizations.back()) {
      next = store::PagePosition{.create_time = fiscalization.create_time, .id = fiscalization.id};
    }
    break;
  }
  if (next) response.set_next_page_token(MakePageToken(EncodePosition(*next), filters));
  return response;
}

void FiscalizationHandlers::RetryFiscalization(v1::RetryFiscalizationRequest request, CallContext call,
                                               Done<v1::RetryFiscalizationResponse> done) {
  RequestCheck check;
  check.Required("fiscalization_id", request.fiscalization_id());
  engine::RetryRequest retry;
  retry.fiscalization_id = request.fiscalization_id();
  retry.revision = check.Etag("etag", request.etag());
  retry.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  retry.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());

  fiscalizer_.Retry(
      std::move(retry),
      EncodeOn<engine::FiscalizeOutcome>(
          executor_, std::move(done),
          [this](engine::FiscalizeOutcome outcome) -> absl::StatusOr<v1::RetryFiscalizationResponse> {
            if (!outcome.violations.empty()) return DocumentInvalid(outcome.violations);
            v1::RetryFiscalizationResponse response;
            if (outcome.fiscalization) {
              EncodeFiscalization(*outcome.fiscalization, pages_, response.mutable_fiscalization());
            }
            EncodeWarnings(outcome.warnings, response.mutable_warnings());
            return response;
          }));
}

void FiscalizationHandlers::CancelFiscalization(v1::CancelFiscalizationRequest request, CallContext,
                                                Done<v1::CancelFiscalizationResponse> done) {
  RequestCheck check;
  check.Required("fiscalization_id", request.fiscalization_id());
  const std::optional<int64_t> revision = check.Etag("etag", request.etag());
  if (!check.ok()) return std::move(done)(check.ToStatus());

  fiscalizer_.Cancel(
      request.fiscalization_id(), revision,
      EncodeOn<domain::Fiscalization>(
          executor_, std::move(done),
          [this](domain::Fiscalization fiscalization) -> absl::StatusOr<v1::CancelFiscalizationResponse> {
            v1::CancelFiscalizationResponse response;
            EncodeFiscalization(fiscalization, pages_, response.mutable_fiscalization());
            return response;
          }));
}

void FiscalizationHandlers::ResolveFiscalization(v1::ResolveFiscalizationRequest request, CallContext,
                                                 Done<v1::ResolveFiscalizationResponse> done) {
  RequestCheck check;
  check.Required("fiscalization_id", request.fiscalization_id());
  const std::optional<domain::ResolutionOutcome> outcome = DecodeOutcome(request.outcome(), check);
  if (outcome == domain::ResolutionOutcome::kReceiptExists) {
    check.Required("fiscal_number", request.fiscal_number());
  } else if (outcome && !request.fiscal_number().empty()) {
    check.Add("fiscal_number", Reason::kFieldNotAllowed, "goes with RECEIPT_EXISTS only");
  }
  check.Required("note", request.note(), domain::kMaxNoteLength);
  check.Required("principal", request.principal());
  engine::ResolveRequest resolve;
  resolve.fiscalization_id = request.fiscalization_id();
  resolve.revision = check.Etag("etag", request.etag());
  resolve.fiscal_number = request.fiscal_number();
  resolve.principal = request.principal();
  resolve.note = request.note();
  resolve.accept_unverified = request.accept_unverified();
  if (!check.ok()) return std::move(done)(check.ToStatus());
  resolve.outcome = *outcome;

  fiscalizer_.Resolve(
      std::move(resolve),
      EncodeOn<domain::Fiscalization>(
          executor_, std::move(done),
          [this](domain::Fiscalization fiscalization) -> absl::StatusOr<v1::ResolveFiscalizationResponse> {
            v1::ResolveFiscalizationResponse response;
            EncodeFiscalization(fiscalization, pages_, response.mutable_fiscalization());
            if (fiscalization.resolution && !fiscalization.resolution->verified) {
              EncodeWarnings({{Reason::kResolutionUnverified,
                               "the register could not confirm this: it rests on the operator's word"}},
                             response.mutable_warnings());
            }
            return response;
          }));
}

void FiscalizationHandlers::ListExchanges(v1::ListExchangesRequest request, CallContext call,
                                          Done<v1::ListExchangesResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadExchanges(request); });
}

absl::StatusOr<v1::ListExchangesResponse> FiscalizationHandlers::ReadExchanges(
    const v1::ListExchangesRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  check.Required("fiscalization_id", request.fiscalization_id());
  const std::string filters = FiltersOf(request);
  int64_t after = 0;
  if (!request.page_token().empty()) {
    const auto position = ReadPageToken(request.page_token(), filters);
    if (!position || !absl::SimpleAtoi(*position, &after)) {
      check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
    }
  }
  if (!check.ok()) return check.ToStatus();

  // So that a wrong id is NOT_FOUND and not an empty list.
  if (const auto known = store_.GetFiscalization(request.fiscalization_id()); !known.ok())
    return known.status();
  const absl::StatusOr<store::ExchangePage> page =
      store_.sends().ListExchanges(request.fiscalization_id(), after, page_size);
  if (!page.ok()) return page.status();
  v1::ListExchangesResponse response;
  std::optional<int64_t> next = page->next_after_id;
  PageRoom room;
  for (const store::Exchange& exchange : page->exchanges) {
    v1::Exchange& encoded = *response.add_exchanges();
    EncodeExchange(exchange, &encoded);
    if (room.Take(encoded.ByteSizeLong())) continue;
    if (&exchange != &page->exchanges.back()) next = exchange.id;
    break;
  }
  if (next) response.set_next_page_token(MakePageToken(absl::StrCat(*next), filters));
  return response;
}

}  // namespace kasa::api
