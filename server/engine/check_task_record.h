#ifndef KASA_SERVER_ENGINE_CHECK_TASK_RECORD_H_
#define KASA_SERVER_ENGINE_CHECK_TASK_RECORD_H_

#include "absl/strings/string_view.h"
#include "server/domain/fiscalization.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What is kept for the audit of asking check-task about a fiscalization. `contradicts`: the answer was held
// against it.
store::Exchange CheckTaskRecord(const domain::Fiscalization& asked_for,
                                const vchasno::CheckTaskAnswer& checked, bool contradicts);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_CHECK_TASK_RECORD_H_
