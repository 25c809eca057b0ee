#include "server/api/attention_handlers.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/api/list_parts.h"
#include "server/api/page_token.h"
#include "server/api/request_check.h"
#include "server/api/times.h"
#include "server/domain/limits.h"
#include "server/engine/attention_desk.h"

namespace kasa::api {

std::string EncodeAttentionOrder(const domain::AttentionOrder& order) {
  const auto& [severity, since, code, register_fiscal_number, integration_id, fiscalization_id, source_system,
               order_id] = order;
  // A byte that no id has.
  return absl::StrCat(severity, "\n", absl::ToUnixNanos(since), "\n", code, "\n", register_fiscal_number,
                      "\n", integration_id, "\n", fiscalization_id, "\n", source_system, "\n", order_id);
}

std::optional<domain::AttentionOrder> DecodeAttentionOrder(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '\n');
  int severity = 0;
  int64_t since = 0;
  int code = 0;
  if (parts.size() != 8 || !absl::SimpleAtoi(parts[0], &severity) || !absl::SimpleAtoi(parts[1], &since) ||
      !absl::SimpleAtoi(parts[2], &code)) {
    return std::nullopt;
  }
  return domain::AttentionOrder{
      severity, absl::FromUnixNanos(since), code, parts[3], parts[4], parts[5], parts[6], parts[7]};
}

void EncodeAttention(const domain::Attention& attention, v1::Attention* out) {
  out->set_code(static_cast<v1::AttentionCode>(attention.code));
  out->set_severity(static_cast<v1::AttentionSeverity>(attention.severity));
  out->set_message(attention.message);
  out->set_remedy(attention.remedy);
  EncodeTime(attention.since, out->mutable_since_time());
  out->set_register_fiscal_number(attention.register_fiscal_number);
  out->set_integration_id(attention.integration_id);
  out->set_fiscalization_id(attention.fiscalization_id);
  if (attention.reason) out->set_reason(std::string(NameOf(*attention.reason)));
  out->set_count(attention.count);
  out->set_source_system(attention.source_system);
  out->set_order_id(attention.order_id);
}

AttentionHandlers::AttentionHandlers(engine::Engine& engine, store::Store& store, engine::Executor& executor,
                                     const Clock& clock, const KyivTime& kyiv,
                                     const domain::AttentionRules& rules)
    : engine_(engine), store_(store), executor_(executor), clock_(clock), kyiv_(kyiv), rules_(rules) {}

void AttentionHandlers::ListAttention(v1::ListAttentionRequest request, CallContext call,
                                      Done<v1::ListAttentionResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadPage(request); });
}

absl::StatusOr<v1::ListAttentionResponse> AttentionHandlers::ReadPage(
    const v1::ListAttentionRequest& request) {
  RequestCheck check;
  check.AtMost("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  check.AtMost("register_fiscal_number", request.register_fiscal_number());
  const int page_size = check.PageSize("page_size", request.page_size());
  const std::string filters = FiltersOf(request);
  std::optional<domain::AttentionOrder> after;
  if (!request.page_token().empty()) {
    if (const auto position = ReadPageToken(request.page_token(), filters)) {
      after = DecodeAttentionOrder(*position);
    }
    if (!after) {
      check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
    }
  }
  if (!check.ok()) return check.ToStatus();

  const absl::StatusOr<std::vector<domain::Attention>> list =
      engine::CollectAttention(store_, engine_, kyiv_, clock_.Now(), rules_);
  if (!list.ok()) return list.status();
  v1::ListAttentionResponse response;
  std::optional<domain::AttentionOrder> last;
  PageRoom room;
  bool full = false;
  for (const domain::Attention& attention : *list) {
    if (!request.integration_id().empty() && attention.integration_id != request.integration_id()) continue;
    if (!request.register_fiscal_number().empty() &&
        attention.register_fiscal_number != request.register_fiscal_number()) {
      continue;
    }
    const domain::AttentionOrder order = domain::OrderOf(attention);
    if (after && order <= *after) continue;
    if (full) {
      response.set_next_page_token(MakePageToken(EncodeAttentionOrder(*last), filters));
      break;
    }
    v1::Attention& encoded = *response.add_items();
    EncodeAttention(attention, &encoded);
    last = order;
    full = !room.Take(encoded.ByteSizeLong()) || response.items_size() == page_size;
  }
  return response;
}

}  // namespace kasa::api
