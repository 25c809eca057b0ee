#ifndef KASA_SERVER_ENGINE_CHECK_TASK_CONTROL_H_
#define KASA_SERVER_ENGINE_CHECK_TASK_CONTROL_H_

#include <optional>

#include "common/secret.h"
#include "server/domain/fiscalization.h"
#include "server/engine/executor.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What check-task tells as a tag may be an id of the cloud's own (vchasno-kasa-api.md does not say). So where
// it tells a tag that no request of this installation can have borne, it is asked once more, about the newest
// receipt that is known of the register.
struct CheckTaskControl {
  store::Store& store;
  vchasno::Client& client;
  Executor& executor;

  // Takes back such a tag, unless check-task tells the one of the known receipt rightly. Where nothing is
  // known to ask about, or it is not answered, `drop_if_unknown` says whether it is taken back all the same.
  // `asked_about` is what `checked` was asked for; the question is kept with it for the audit. `timeout` as
  // in vchasno::Client::CheckTask.
  Task<void> DropForeignTag(const domain::Fiscalization& asked_about, const Secret& token,
                            bool drop_if_unknown, std::optional<absl::Duration> timeout,
                            domain::TaskFacts& checked) const;

 private:
  // Whether it tells the tags that requests bore; nothing when that can't be told.
  Task<std::optional<bool>> TellsOurTags(const domain::Fiscalization& asked_about, const Secret& token,
                                         std::optional<absl::Duration> timeout) const;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_CHECK_TASK_CONTROL_H_
