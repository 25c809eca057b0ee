#include "tools/simulator/cloud.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/simulator/cloud_work.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {

Cloud::Cloud(Options options, const Clock& clock, KyivTime kyiv, Scheduler& scheduler)
    : options_(std::move(options)),
      clock_(clock),
      kyiv_(kyiv),
      scheduler_(scheduler),
      faults_(options_.seed),
      log_(options_.log_size) {}

Cloud::~Cloud() = default;

absl::Status Cloud::AddRegister(RegisterOptions options) {
  const std::lock_guard lock(mutex_);
  if (absl::Status added = AddLocked(options); !added.ok()) return added;
  initial_.push_back(std::move(options));
  return absl::OkStatus();
}

absl::Status Cloud::AddLocked(RegisterOptions options) {
  if (options.token.empty() || options.fisid.empty()) {
    return absl::InvalidArgumentError("a register has a token and a fisid");
  }
  if (by_token_.contains(options.token) || PostOfFisid(options.fisid) != nullptr) {
    return absl::InvalidArgumentError("a register of this token or fisid is there already");
  }
  // Numbers of two registers, or of one before and after a reset, never meet: each has 2^40 of its own.
  const uint64_t salt = options_.seed * 0x9E3779B97F4A7C15u + (++registers_made_ << 40);
  auto post = std::make_unique<Post>();
  by_token_[options.token] = post.get();
  post->reg = std::make_unique<Register>(std::move(options), clock_, kyiv_, salt);
  posts_.push_back(std::move(post));
  return absl::OkStatus();
}

absl::Status Cloud::ReplaceToken(std::string_view fisid, const std::string& token) {
  const std::lock_guard lock(mutex_);
  Post* const post = PostOfFisid(fisid);
  if (post == nullptr) return absl::NotFoundError("no such register");
  if (token.empty() || by_token_.contains(token)) return absl::InvalidArgumentError("empty or taken");
  by_token_.erase(post->reg->options().token);
  by_token_[token] = post;
  post->reg->SetToken(token);
  return absl::OkStatus();
}

Cloud::Post* Cloud::PostOfFisid(std::string_view fisid) const {
  for (const auto& post : posts_) {
    if (post->reg->options().fisid == fisid) return post.get();
  }
  return nullptr;
}

absl::Status Cloud::WithRegister(std::string_view fisid, const std::function<void(Register&)>& change) {
  const std::lock_guard lock(mutex_);
  Post* const post = PostOfFisid(fisid);
  if (post == nullptr) return absl::NotFoundError(absl::StrCat("no register ", View(fisid)));
  change(*post->reg);
  return absl::OkStatus();
}

std::string Cloud::FisidOfToken(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_token_.find(std::string(token));
  return found == by_token_.end() ? "" : found->second->reg->options().fisid;
}

std::vector<std::string> Cloud::Fisids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> fisids;
  fisids.reserve(posts_.size());
  for (const auto& post : posts_) fisids.push_back(post->reg->options().fisid);
  return fisids;
}

absl::Status Cloud::AddFault(Fault fault) {
  const std::lock_guard lock(mutex_);
  return faults_.Add(std::move(fault));
}

void Cloud::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.Clear();
}

std::vector<Fault> Cloud::RemainingFaults() const {
  const std::lock_guard lock(mutex_);
  return faults_.remaining();
}

std::map<std::string, int64_t> Cloud::TakenFaults() const {
  const std::lock_guard lock(mutex_);
  return faults_.taken();
}

std::vector<LedgerEntry> Cloud::Ledger(std::string_view fisid) const {
  const std::lock_guard lock(mutex_);
  std::vector<LedgerEntry> entries;
  for (const auto& post : posts_) {
    if (!fisid.empty() && post->reg->options().fisid != fisid) continue;
    entries.insert(entries.end(), post->reg->ledger().begin(), post->reg->ledger().end());
  }
  return entries;
}

RequestCounts Cloud::Counts(std::string_view fisid) const {
  const std::lock_guard lock(mutex_);
  return log_.Counts(fisid);
}

std::vector<RequestRecord> Cloud::Log() const {
  const std::lock_guard lock(mutex_);
  return {log_.records().begin(), log_.records().end()};
}

std::vector<Violation> Cloud::Violations() const {
  const std::lock_guard lock(mutex_);
  return log_.violations();
}

std::vector<Notification> Cloud::Notifications() const {
  const std::lock_guard lock(mutex_);
  return notifications_;
}

bool Cloud::AwaitExecutes(int64_t count, absl::Duration timeout) const {
  std::unique_lock lock(mutex_);
  const auto until =
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(absl::ToChronoNanoseconds(timeout));
  return arrived_.wait_until(lock, until, [this, count] { return log_.executes() >= count; });
}

void Cloud::Finished(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  log_.Finished(ticket);
}

void Cloud::Drop() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  for (const auto& post : posts_) {
    post->holds.clear();
    post->waiting.clear();
  }
}

void Cloud::ReleaseHolds() {
  const std::lock_guard lock(mutex_);
  for (const auto& post : posts_) {
    for (const auto& work : post->holds) {
      scheduler_.After(absl::ZeroDuration(), [this, work] { EndHold(work); });
    }
  }
}

void Cloud::Reset() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  for (const auto& post : posts_) {
    std::vector<std::shared_ptr<Work>> unanswered(post->holds.begin(), post->holds.end());
    unanswered.insert(unanswered.end(), post->waiting.begin(), post->waiting.end());
    for (const auto& work : unanswered) {
      HttpReply cut;
      cut.delivery = Delivery::kCut;
      scheduler_.After(absl::ZeroDuration(), [work, cut] { work->reply(cut); });
    }
  }
  posts_.clear();
  by_token_.clear();
  faults_.Reset(options_.seed);
  log_.Clear();
  notifications_.clear();
  for (const RegisterOptions& options : initial_) {
    // They were all added once, so none can be refused now.
    if (const absl::Status added = AddLocked(options); !added.ok()) std::abort();
  }
}

}  // namespace kasa::simulator
