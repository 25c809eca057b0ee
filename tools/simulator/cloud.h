#ifndef KASA_TOOLS_SIMULATOR_CLOUD_H_
#define KASA_TOOLS_SIMULATOR_CLOUD_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "tools/simulator/answers.h"
#include "tools/simulator/fault.h"
#include "tools/simulator/register.h"
#include "tools/simulator/request_log.h"

namespace kasa::simulator {

// A request as the HTTP server read it, whole.
struct HttpRequest {
  std::string method;
  std::string target;         // path and query
  std::string authorization;  // the header's value, raw
  std::string body;
  bool warm = false;  // not the first of its connection
};

// How an answer leaves.
enum class Delivery { kWhole, kSilence, kCut, kCutMidAnswer, kDrip };

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Delivery delivery = Delivery::kWhole;
  absl::Duration silence;  // kSilence: then the connection is cut
  int64_t bytes_per_interval = 1;
  absl::Duration interval;
};

// Where the Cloud gets to run something later. Calls back on one thread, the one that calls Handle().
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // May be called from any thread.
  virtual void After(absl::Duration delay, std::function<void()> run) = 0;
};

// The whole service without its sockets: registers by token, faults, the log of requests. Needs a clock and a
// scheduler only, so a simulated world can run it on one thread and in simulated time.
//
// Thread-safe. Replies are called without any lock held.
class Cloud {
 public:
  using Reply = std::function<void(HttpReply)>;

  struct Options {
    // Draws of faults, and fiscal numbers: two runs of one seed and the same requests are alike.
    uint64_t seed = 1;
    size_t log_size = 1000;
    // Told of each answered request, under the lock: must be quick and not call back.
    std::function<void(const RequestRecord&)> on_answered;
  };

  // `clock` and `scheduler` outlive the Cloud.
  // Starts without registers: AddRegister() adds them.
  Cloud(Options options, const Clock& clock, KyivTime kyiv, Scheduler& scheduler);
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;
  ~Cloud();

  // Answers one request, now or later; `reply` is called at most once (never after Drop()). Returns a ticket
  // for Finished().
  uint64_t Handle(HttpRequest request, Reply reply);
  // The answer has left, or the client has gone: the request is no longer on the wire.
  void Finished(uint64_t ticket);
  // Forgets every request that waits for its answer.
  void Drop();

  // INVALID_ARGUMENT for a token or fisid that is empty or there already.
  absl::Status AddRegister(RegisterOptions options);
  // Runs `change` on the register, under the lock; it must not call back into the Cloud. NOT_FOUND.
  absl::Status WithRegister(std::string_view fisid, const std::function<void(Register&)>& change);
  // The register of a token, or "".
  std::string FisidOfToken(std::string_view token) const;
  // The register gets another token; the old one is refused from now on. NOT_FOUND, INVALID_ARGUMENT.
  absl::Status ReplaceToken(std::string_view fisid, const std::string& token);
  std::vector<std::string> Fisids() const;

  absl::Status AddFault(Fault fault);
  void ClearFaults();
  std::vector<Fault> RemainingFaults() const;
  std::map<std::string, int64_t> TakenFaults() const;
  // Ends every hold at once, as if its time were over.
  void ReleaseHolds();

  // Every document of one register, or of all of them (fisid empty), register by register in the order made.
  std::vector<LedgerEntry> Ledger(std::string_view fisid = "") const;
  RequestCounts Counts(std::string_view fisid) const;
  std::vector<RequestRecord> Log() const;
  std::vector<Violation> Violations() const;
  std::vector<Notification> Notifications() const;
  // Waits until `count` execute requests have arrived since start or Reset(). False when `timeout` passed
  // first.
  bool AwaitExecutes(int64_t count, absl::Duration timeout) const;

  // Everything as at the start, but fiscal numbers, which never come again.
  void Reset();

 private:
  struct Work;  // one execute request on its way
  struct Post {
    std::unique_ptr<Register> reg;
    // What the register works on (holds), and what waits for it.
    std::list<std::shared_ptr<Work>> holds;
    std::deque<std::shared_ptr<Work>> waiting;
  };
  using Replies = std::vector<std::pair<Reply, HttpReply>>;

  Post* PostOfFisid(std::string_view fisid) const;
  absl::Status AddLocked(RegisterOptions options);
  void StartExecute(Post& post, HttpRequest request, uint64_t ticket, Reply reply, Replies& out);
  // False when the request was answered or queued because the register is busy.
  bool IsFree(Post& post, const std::shared_ptr<Work>& work, Replies& out);
  void Begin(Post& post, const std::shared_ptr<Work>& work, Replies& out);
  void EndHold(const std::shared_ptr<Work>& work);
  void Conclude(Post& post, Work& work, Replies& out);
  Outcome JudgeUnderFault(Register& reg, Work& work);
  void Answer(Post& post, Work& work, const Outcome& outcome, HttpReply reply, Replies& out);
  void Note(uint64_t ticket, std::string result, std::string fiscal_number);
  // Every call but execute.
  HttpReply OtherCall(const HttpRequest& request, uint64_t ticket);
  HttpReply PublicPage(std::string_view path);
  CallAnswer Notify(const std::string& body, Post& post);

  const Options options_;
  const Clock& clock_;
  const KyivTime kyiv_;
  Scheduler& scheduler_;

  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  // Guarded by mutex_ from here on.
  std::vector<RegisterOptions> initial_;
  std::vector<std::unique_ptr<Post>> posts_;
  std::unordered_map<std::string, Post*> by_token_;
  Faults faults_;
  RequestLog log_;
  std::vector<Notification> notifications_;
  uint64_t epoch_ = 0;  // rises at Reset() and Drop(): holds of before end without effect
  uint64_t registers_made_ = 0;
  uint64_t next_ticket_ = 1;
  uint64_t next_made_up_tag_ = 1;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_CLOUD_H_
