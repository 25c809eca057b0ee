#include "server/store/store_pause.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/sends.h"

namespace kasa::store {
namespace {

constexpr char kMayHaveBeenSent[] =
    "the store was restored or copied while this waited: what went on without it may have sent it";

std::vector<std::string> IdsOfWaiting(Connection& connection) {
  std::vector<std::string> ids;
  Query query = connection.Prepare(
      "SELECT id FROM fiscalizations INDEXED BY fiscalizations_lane"
      " WHERE state IN (1, 2, 3) AND state = 1 ORDER BY number");
  while (query.Step()) ids.push_back(query.Text(0));
  return ids;
}

// What a register asked for again it asked of the history that went on without this store: it need not wait
// for that any more, and the token need not be its own any more.
void ForgetWhatRegistersWaitFor(Connection& connection) {
  connection
      .Prepare(
          "UPDATE fiscalizations SET bound_to_tag = 0, last_send_ending = NULL"
          " WHERE state IN (1, 2, 3) AND (bound_to_tag = 1 OR last_send_ending = ?)")
      .Bind(static_cast<int>(domain::SendEnding::kDoubtSameTagNext))
      .Run();
  connection.Prepare("UPDATE shift_openings SET bound = 0").Run();
}

std::set<std::string> LiveRegisters(Connection& connection) {
  std::set<std::string> registers;
  Query query = connection.Prepare(
      "SELECT register_fiscal_number FROM integrations"
      " WHERE register_fiscal_number IS NOT NULL AND archived = 0"
      " UNION SELECT register_fiscal_number FROM fiscalizations WHERE state IN (1, 2, 3)");
  while (query.Step()) registers.insert(query.Text(0));
  return registers;
}

}  // namespace

StorePause FindStorePause(Connection& connection) {
  StorePause pause;
  {
    Query query = connection.Prepare("SELECT paused FROM meta");
    pause.paused = query.Step() && query.Bool(0);
  }
  Query query = connection.Prepare("SELECT register_fiscal_number FROM adopted_registers");
  while (query.Step()) pause.adopted.insert(query.Text(0));
  return pause;
}

bool PauseForReconciling(Connection& connection, absl::Time now) {
  // The time, since copies of one store would count alike; higher than before even where the clock was set
  // back.
  connection.Prepare("UPDATE meta SET paused = 1, epoch = max(epoch + 1, ?)").Bind(now).Run();
  connection.Prepare("DELETE FROM adopted_registers").Run();
  ForgetWhatRegistersWaitFor(connection);
  for (const std::string& id : IdsOfWaiting(connection)) {
    auto row = FindById(connection, id);
    if (!row) continue;
    const domain::Failure why{
        .reason = Reason::kStoreCopied, .message = kMayHaveBeenSent, .correction_allowed = false};
    PutInDoubt(connection, *row, row->fiscalization.create_time, why, now);
  }
  return true;
}

absl::Status CheckAdoption(Connection& connection, const Adoption& adoption) {
  const StorePause pause = FindStorePause(connection);
  if (!pause.paused) return absl::OkStatus();
  const std::set<std::string> live = LiveRegisters(connection);
  for (const std::string& one : adoption.registers) {
    if (live.contains(one) || pause.adopted.contains(one)) continue;
    std::set<std::string> paused;
    std::ranges::set_difference(live, pause.adopted, std::inserter(paused, paused.end()));
    return WithFact(ReasonedError(absl::StatusCode::kNotFound, Reason::kIntegrationNotFound,
                                  absl::StrCat("this store has no register '", one,
                                               "', so nothing was adopted; those that wait: ",
                                               absl::StrJoin(paused, ", "))),
                    "register_fiscal_number", one);
  }
  return absl::OkStatus();
}

absl::StatusOr<Adopted> AdoptRegisters(Connection& connection, const Adoption& adoption, absl::Time now) {
  StorePause pause = FindStorePause(connection);
  if (!pause.paused) return Adopted();
  // One that is mistyped would be kept as adopted, and a register that comes to have that number go on
  // unasked.
  if (absl::Status known = CheckAdoption(connection, adoption); !known.ok()) return known;
  const std::set<std::string> live = LiveRegisters(connection);
  const bool all = adoption.registers.empty();
  const std::set<std::string> asked =
      all ? live : std::set(adoption.registers.begin(), adoption.registers.end());
  std::vector<std::string> go_on;
  for (const std::string& one : asked) {
    if (!pause.adopted.insert(one).second) continue;
    connection.Prepare("INSERT INTO adopted_registers (register_fiscal_number) VALUES (?)").Bind(one).Run();
    go_on.push_back(one);
  }
  connection.Prepare("INSERT INTO adoptions (registers, principal, note, time) VALUES (?, ?, ?, ?)")
      .Bind(absl::StrJoin(go_on, ","), adoption.principal, adoption.note, now)
      .Run();
  if (all || std::includes(pause.adopted.begin(), pause.adopted.end(), live.begin(), live.end())) {
    connection.Prepare("UPDATE meta SET paused = 0").Run();
    connection.Prepare("DELETE FROM adopted_registers").Run();
    pause = StorePause();
  }
  return Adopted{.go_on = std::move(go_on), .pause = std::move(pause)};
}

}  // namespace kasa::store
