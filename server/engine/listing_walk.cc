#include "server/engine/listing_walk.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasa::engine {

using domain::DoubtRow;
using domain::ListedReceipt;
using domain::ListedShift;
using domain::LookGap;
using vchasno::ListingOutcome;

namespace {

// Of one look, all listings together: 10,000 documents. What is more can't be read whole.
constexpr int kMostPages = 100;

// What is kept of a page's answer: there may be many looks.
constexpr size_t kKeptOfAnswer = size_t{4} << 10;

// Whether shifts are listed from the newest to the oldest, each with its opening.
bool NewestFirst(const std::vector<ListedShift>& shifts) {
  for (size_t i = 0; i < shifts.size(); ++i) {
    if (!shifts[i].opened || (i > 0 && *shifts[i].opened >= *shifts[i - 1].opened)) return false;
  }
  return true;
}

LookGap GapOf(const std::string& listing_gap, ListingOutcome outcome) {
  return {outcome == ListingOutcome::kRead ? DoubtRow::kRowNotUnderstood : DoubtRow::kPageNotRead,
          absl::StrCat("the register's listing: ", listing_gap)};
}

LookGap Incomplete(const std::string& words) {
  return {DoubtRow::kPagesIncomplete, absl::StrCat("the register's listing: ", words)};
}

// The rows of one listing, taken page by page.
template <typename Row>
class Gathering {
 public:
  Gathering(const std::function<const std::string&(const Row&)>& key, std::vector<Row>& rows)
      : key_(key), rows_(rows) {}

  // How many of the page's rows are new; nothing when one is told twice and not alike.
  std::optional<size_t> Take(std::vector<Row> page) {
    size_t fresh = 0;
    const size_t before = rows_.size();
    for (Row& row : page) {
      const std::string name = key_(row);
      if (name.empty()) {
        // Rows without a name can't be told apart: one that equals another may be it again.
        const auto end = rows_.begin() + static_cast<ptrdiff_t>(before);
        if (std::find(rows_.begin(), end, row) == end) ++fresh;
        rows_.push_back(std::move(row));
        continue;
      }
      const auto [place, is_new] = places_.emplace(name, rows_.size());
      if (!is_new) {
        if (!(rows_[place->second] == row)) return std::nullopt;
        continue;
      }
      rows_.push_back(std::move(row));
      ++fresh;
    }
    gathered_ += static_cast<int64_t>(fresh);
    return fresh;
  }

  // How many rows there surely are: what may be another one again is not counted, or a page that comes twice
  // would make up for one that never came.
  int64_t gathered() const { return gathered_; }

 private:
  const std::function<const std::string&(const Row&)>& key_;
  std::vector<Row>& rows_;
  std::map<std::string, size_t> places_;
  int64_t gathered_ = 0;
};

}  // namespace

Task<void> ListingWalk::Record(store::ExchangeKind kind, const vchasno::WireRecord& wire,
                               const std::string& outcome) {
  const bool is_page = kind == store::ExchangeKind::kListing;
  Callback<absl::StatusOr<int64_t>> recorded(world_.executor, [&](auto done) {
    world_.store.sends().RecordExchange(
        store::Exchange{.fiscalization_id = subject_.fiscalization_id,
                        .integration_id = subject_.integration_id,
                        .register_fiscal_number = subject_.register_fiscal_number,
                        .kind = kind,
                        .tag = subject_.tag,
                        .request = wire.request,
                        .start_time = wire.start_time,
                        .end_time = wire.end_time,
                        .http_status = wire.http_status,
                        .answer = is_page ? wire.answer.substr(0, kKeptOfAnswer) : wire.answer,
                        .outcome = outcome},
        std::move(done));
  });
  static_cast<void>(co_await recorded);  // a look-up changes nothing: its record is for the audit alone
}

template <typename Answer, typename Row>
Task<std::optional<LookGap>> ListingWalk::AllPages(std::function<void(int page, vchasno::Done<Answer>)>& ask,
                                                   std::function<const std::string&(const Row&)>& key,
                                                   std::function<bool(const std::vector<Row>&)>& enough,
                                                   std::vector<Row>& rows) {
  Gathering<Row> gathering(key, rows);
  std::optional<int64_t> total;
  const auto all_gathered = [&] { return total && gathering.gathered() == *total; };
  for (int page = 1;; ++page) {
    if (++pages_ > kMostPages) co_return Incomplete("it has more pages than are read");
    Callback<Answer> asking(world_.executor, [&](auto done) { ask(page, std::move(done)); });
    Answer answer = co_await asking;
    const bool read = answer.outcome == ListingOutcome::kRead;
    const std::string outcome = read && answer.page.gap.empty() ? "answered" : answer.page.gap;
    co_await Record(store::ExchangeKind::kListing, answer.wire, outcome);
    if (answer.retry_after) retry_after_ = answer.retry_after;
    if (!read) {
      // Some services refuse a page beyond the last one. So they may for another reason, and it is not the
      // refusal that shows the end but the total of the pages before: all rows are there, whatever this page
      // would have been. A refusal of the token or for the pace is none of a page.
      const bool beyond = page > 1 && answer.outcome == ListingOutcome::kNotThere;
      if (beyond && all_gathered()) co_return std::nullopt;
      co_return GapOf(answer.page.gap, answer.outcome);
    }
    const bool empty = answer.page.rows.empty();
    const auto fresh = gathering.Take(std::move(answer.page.rows));
    const bool changed = total && answer.page.total && *total != *answer.page.total;
    if (answer.page.total && !changed) total = answer.page.total;
    if (!answer.page.gap.empty()) {
      // Others answer such a page by the first one again, or the last, and say so, or with null for its list.
      // That too is the end by the total alone; and not where it brings a row that is new, or another total,
      // for then it is not what was gathered.
      const bool nothing_new = fresh && *fresh == 0 && !changed;
      if (answer.page.total_mends_gap && nothing_new && all_gathered()) co_return std::nullopt;
      // What was understood is kept all the same: the receipt may be among it.
      co_return GapOf(answer.page.gap, answer.outcome);
    }
    if (!fresh) co_return Incomplete("it tells one row twice, and not alike");
    if (changed) co_return Incomplete("it changed while it was read");
    if (enough(rows)) co_return std::nullopt;
    // Only a page without rows, or the total, shows that nothing follows: how many rows a page has at the
    // most is not known, and a service may not heed the page that was asked for.
    if (*fresh == 0) {
      const bool all = total ? all_gathered() : empty;
      if (all) co_return std::nullopt;
      co_return Incomplete(
          total ? absl::StrCat("it is said to have ", *total, " rows, and ", gathering.gathered(), " came")
                : std::string("its pages repeat"));
    }
  }
}

Task<void> ListingWalk::Read(absl::Time since, domain::Look& look) {
  std::function<void(int, vchasno::Done<vchasno::ShiftsAnswer>)> ask_shifts =
      [this](int page, vchasno::Done<vchasno::ShiftsAnswer> done) {
        world_.client.ListShifts(subject_.token, page, std::move(done));
      };
  std::function<const std::string&(const ListedShift&)> shift_key =
      [](const ListedShift& shift) -> const std::string& { return shift.id; };
  std::function<bool(const std::vector<ListedShift>&)> far_enough =
      [since](const std::vector<ListedShift>& shifts) {
        return !shifts.empty() && NewestFirst(shifts) && !domain::Overlaps(shifts.back(), since);
      };
  look.gap =
      co_await AllPages<vchasno::ShiftsAnswer, ListedShift>(ask_shifts, shift_key, far_enough, look.shifts);
  // Where the list of shifts is not whole, the receipt may still be found in those that are listed.
  if (look.gap && look.shifts.empty()) co_return;

  std::function<const std::string&(const ListedReceipt&)> receipt_key =
      [](const ListedReceipt& row) -> const std::string& { return row.fiscal_number; };
  std::function<bool(const std::vector<ListedReceipt>&)> never = [](const std::vector<ListedReceipt>&) {
    return false;
  };
  const std::vector<ListedShift> shifts = look.shifts;
  for (const ListedShift& shift : shifts) {
    if (!domain::Overlaps(shift, since)) continue;
    std::function<void(int, vchasno::Done<vchasno::ChecksAnswer>)> ask_checks =
        [this, &shift](int page, vchasno::Done<vchasno::ChecksAnswer> done) {
          world_.client.ListChecks(subject_.token, shift.id, page, std::move(done));
        };
    look.documents.push_back({shift, {}});
    const std::optional<LookGap> gap = co_await AllPages<vchasno::ChecksAnswer, ListedReceipt>(
        ask_checks, receipt_key, never, look.documents.back().rows);
    if (!look.gap) look.gap = gap;
    if (gap) co_return;
  }
}

Task<void> ListingWalk::Check(const std::vector<std::string>& fiscal_numbers, domain::Look& look) {
  for (const std::string& fiscal_number : fiscal_numbers) {
    Callback<vchasno::CheckTaskAnswer> asking(world_.executor, [&](auto done) {
      world_.client.CheckTask(subject_.token, fiscal_number, std::nullopt, std::move(done));
    });
    const vchasno::CheckTaskAnswer checked = co_await asking;
    const std::string outcome = checked.facts.answered ? "answered" : "says nothing";
    co_await Record(store::ExchangeKind::kCheckTask, checked.wire, outcome);
    if (checked.facts.answered) look.checked[fiscal_number] = checked.facts;
    // Without any HTTP answer the next would cost another time-out.
    if (checked.wire.http_status == 0) co_return;
  }
}

std::optional<LookGap> GapInOpenings(const domain::Look& look) {
  for (const domain::ShiftDocuments& one : look.documents) {
    if (one.shift.opened) continue;
    return LookGap{DoubtRow::kShiftsUnclear,
                   absl::StrCat("shift ", one.shift.id, " is listed without the time of its opening")};
  }
  return std::nullopt;
}

}  // namespace kasa::engine
