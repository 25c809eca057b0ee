#include "server/store/change_history.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/connection.h"
#include "server/store/errors.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/page_budget.h"
#include "server/store/record_values.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

using domain::Fiscalization;
using domain::State;

// Turns the fiscalization as it is now into what it was after the change that `query` stands on.
void TurnBack(const Query& query, Fiscalization& f) {
  const int64_t revision = query.Int64(6);
  f.change_sequence = query.Int64(0);
  f.integration_id = query.Text(2);
  f.state = EnumFrom(query.Int(3), State::kAccepted, State::kCancelled, "state");
  f.attempts = query.Int(5);
  f.failure.reset();
  if (!query.IsNull(7)) f.failure = DecodeFailure(query.Text(7));
  f.update_time = query.Time(8);
  if (f.state != State::kFiscalized) f.receipt.reset();
  if (f.resolution && f.resolution->resolve_time > f.update_time) f.resolution.reset();
  // A plan of what comes next is of the present alone.
  if (f.revision != revision) {
    f.next_attempt_time.reset();
    f.doubt.reset();
  }
  f.revision = revision;
}

}  // namespace

int64_t NextChangeSequence(Connection& connection) {
  Query query = connection.Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
  return query.Step() ? query.Int64(0) + 1 : 1;
}

ChangeHistory FindChangeHistory(Connection& connection) {
  ChangeHistory history;
  {
    Query meta = connection.Prepare("SELECT instance_id, epoch FROM meta");
    if (!meta.Step()) throw UnreadableRecord("the store has lost its meta row");
    history.instance_id = meta.Text(0);
    history.epoch = meta.Int64(1);
  }
  history.last = NextChangeSequence(connection) - 1;
  Query first = connection.Prepare("SELECT min(sequence) FROM changes");
  history.trimmed_through = first.Step() && !first.IsNull(0) ? first.Int64(0) - 1 : history.last;
  return history;
}

absl::StatusOr<ChangePage> FindChangesAfter(Connection& connection, int64_t sequence, int limit) {
  const ChangeHistory history = FindChangeHistory(connection);
  if (sequence < history.trimmed_through || sequence > history.last) {
    const bool ahead = sequence > history.last;
    return ReasonedError(
        absl::StatusCode::kOutOfRange, Reason::kCursorExpired,
        ahead ? "the cursor is ahead of the store, which was restored from a backup since: list the "
                "fiscalizations anew, and watch without a cursor"
              : "changes since this cursor are not kept any more: list the fiscalizations anew, and watch "
                "without a cursor");
  }
  ChangePage page;
  page.epoch = history.epoch;
  page.read_through = sequence;
  PageBudget budget;
  Query query = connection.Prepare(
      "SELECT sequence, fiscalization, integration_id, state, moved, attempts, revision, failure, time"
      " FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?");
  query.Bind(sequence, limit);
  while (!budget.IsUsedUp() && query.Step()) {
    page.read_through = query.Int64(0);
    if (!query.Bool(4)) continue;
    std::optional<FiscalizationRow> row = FindByNumber(connection, query.Int64(1));
    if (!row) throw UnreadableRecord(absl::StrCat("change ", page.read_through, " is of no fiscalization"));
    budget.Take(row->bytes);
    TurnBack(query, row->fiscalization);
    page.changes.push_back({.sequence = page.read_through, .fiscalization = std::move(row->fiscalization)});
  }
  page.at_end = page.read_through == history.last;
  return page;
}

ChangeCounts CountChangesAfter(Connection& connection, int64_t sequence) {
  ChangeCounts counts;
  counts.through = sequence;
  Query query = connection.Prepare(
      "SELECT state, sum(moved), max(sequence) FROM changes WHERE sequence > ? GROUP BY state");
  query.Bind(sequence);
  while (query.Step()) {
    counts.to_state[EnumFrom(query.Int(0), State::kAccepted, State::kCancelled, "state")] = query.Int64(1);
    counts.through = std::max(counts.through, query.Int64(2));
  }
  return counts;
}

int64_t TrimOldChanges(Connection& connection, absl::Time before, int64_t most, int limit) {
  const int64_t keep_from = NextChangeSequence(connection) - most;
  std::optional<int64_t> through;
  {
    Query oldest = connection.Prepare("SELECT sequence, time FROM changes ORDER BY sequence LIMIT ?");
    oldest.Bind(limit);
    // The numbers rise with time, unless the clock was set back: then the older ones wait for the younger.
    while (oldest.Step() && (oldest.Int64(0) < keep_from || oldest.Time(1) < before)) {
      through = oldest.Int64(0);
    }
  }
  if (!through) return 0;
  return connection.Prepare("DELETE FROM changes WHERE sequence <= ?").Bind(*through).Run();
}

}  // namespace kasa::store
