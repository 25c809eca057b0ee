#include "server/engine/check_task_record.h"

namespace kasa::engine {

store::Exchange CheckTaskRecord(const domain::Fiscalization& asked_for,
                                const vchasno::CheckTaskAnswer& checked, bool contradicts) {
  return store::Exchange{.fiscalization_id = asked_for.id,
                         .integration_id = asked_for.integration_id,
                         .register_fiscal_number = asked_for.register_fiscal_number,
                         .kind = store::ExchangeKind::kCheckTask,
                         .tag = asked_for.tag,
                         .request = checked.wire.request,
                         .start_time = checked.wire.start_time,
                         .end_time = checked.wire.end_time,
                         .http_status = checked.wire.http_status,
                         .answer = checked.wire.answer,
                         .outcome = !checked.facts.answered ? "says nothing"
                                    : contradicts           ? "contradicts"
                                                            : "confirms"};
}

}  // namespace kasa::engine
