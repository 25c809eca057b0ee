#include <optional>
#include <string>
#include <utility>

#include "server/domain/adoption.h"
#include "server/engine/check_task_control.h"
#include "server/engine/check_task_record.h"
#include "server/engine/lane.h"

// What check-task says of the receipt that an answer names.
namespace kasa::engine {

using vchasno::ExecuteAnswer;

Task<std::optional<std::string>> Lane::ObjectionByCheckTask(const ExecuteAnswer& answer,
                                                            const store::MarkedSend& marked,
                                                            const domain::ExpectedReceipt& expected,
                                                            const store::IntegrationRecord& record,
                                                            Burden burden) {
  const domain::Fiscalization& sent = marked.fiscalization;
  // Without an answer a first send's receipt is taken all the same, and it is not to be kept from its caller.
  std::optional<absl::Duration> timeout;
  if (burden == Burden::kProvenOther) timeout = world_.settings.check_task_timeout;
  Callback<vchasno::CheckTaskAnswer> checking(world_.executor, [&](auto done) {
    world_.client.CheckTask(record.token, answer.facts.fiscal_number, timeout, std::move(done));
  });
  vchasno::CheckTaskAnswer checked = co_await checking;
  const CheckTaskControl control{world_.store, world_.client, world_.executor};
  // After a re-send another program's receipt must not be adopted: a tag that can't be controlled is held
  // against it. A first send's is ours but for a sum that may mean anything, so it takes one that can be.
  const bool drop_if_unknown = burden == Burden::kProvenOther;
  co_await control.DropForeignTag(sent, record.token, drop_if_unknown, timeout, checked.facts);
  std::optional<std::string> objection =
      domain::ObjectionTo(checked.facts, expected, answer.facts.fiscal_number, sent.draft.sum);
  // What is told of a receipt without saying whose it is, proves nothing.
  if (burden == Burden::kProvenOther && checked.facts.tag.empty()) objection.reset();
  Callback<absl::StatusOr<int64_t>> recorded(world_.executor, [&](auto done) {
    world_.store.sends().RecordExchange(CheckTaskRecord(sent, checked, objection.has_value()),
                                        std::move(done));
  });
  static_cast<void>(co_await recorded);  // a look-up changes nothing: its record is for the audit alone
  const bool tells_our_tag = checked.facts.answered && checked.facts.tag == expected.tag;
  if (burden == Burden::kProvenOurs && !objection && !tells_our_tag) {
    objection = "check-task does not tell its tag";
  }
  co_return objection;
}

}  // namespace kasa::engine
