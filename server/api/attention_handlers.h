#ifndef KASA_SERVER_API_ATTENTION_HANDLERS_H_
#define KASA_SERVER_API_ATTENTION_HANDLERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "kasa/v1/attention.pb.h"
#include "server/api/call_context.h"
#include "server/domain/attention.h"
#include "server/engine/engine.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::api {

// ListAttention: decode, collect, encode, on `executor`. Thread-safe.
class AttentionHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  AttentionHandlers(engine::Engine& engine, store::Store& store, engine::Executor& executor,
                    const Clock& clock, const KyivTime& kyiv, const domain::AttentionRules& rules);

  void ListAttention(v1::ListAttentionRequest request, CallContext call,
                     Done<v1::ListAttentionResponse> done);

 private:
  absl::StatusOr<v1::ListAttentionResponse> ReadPage(const v1::ListAttentionRequest& request);

  engine::Engine& engine_;
  store::Store& store_;
  engine::Executor& executor_;
  const Clock& clock_;
  const KyivTime& kyiv_;
  const domain::AttentionRules rules_;
};

// Where a page of the list ends, for its page token, and back; nothing when the text is none.
std::string EncodeAttentionOrder(const domain::AttentionOrder& order);
std::optional<domain::AttentionOrder> DecodeAttentionOrder(absl::string_view text);

void EncodeAttention(const domain::Attention& attention, v1::Attention* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ATTENTION_HANDLERS_H_
