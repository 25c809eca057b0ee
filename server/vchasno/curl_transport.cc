#include "server/vchasno/curl_transport.h"

#include <curl/curl.h>

#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/vchasno/curl_flight.h"

namespace kasa::vchasno {
namespace {

constexpr absl::string_view kStopping = "the gateway is stopping";

struct CurlMultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

CURLcode StartLibcurlOnce() {
  // Never cleaned up: another library of the process may use libcurl too.
  static const CURLcode kCode = curl_global_init(CURL_GLOBAL_DEFAULT);
  return kCode;
}

}  // namespace

class CurlTransport::Loop {
 public:
  using Work = absl::AnyInvocable<void() &&>;

  Loop(TransportOptions options, const Clock& clock, CURLM* multi)
      : options_(std::move(options)), clock_(clock), multi_(multi), thread_([this] { Run(); }) {}

  ~Loop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    WakeUp();
    thread_.join();
  }

  void Send(HttpRequest request, CurlFlight::Callback done) {
    Call([this, request = std::move(request), done = std::move(done)]() mutable {
      Start(std::make_unique<CurlFlight>(std::move(request), std::move(done), options_, clock_));
    });
  }

  void Call(Work work) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.push_back(std::move(work));
    }
    WakeUp();
  }

 private:
  using Queue = std::deque<Work>;

  // Fails only where the multi handle is unusable, and then the loop's poll ends within a second anyway.
  void WakeUp() { static_cast<void>(curl_multi_wakeup(multi_.get())); }

  void Run() {
    // Signals are for the main thread; and a write to a closed TLS connection must not end the process.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (!closing_) {
      WorkOff();
      if (!closing_) Turn();
    }
    EndAll(kStopping);
    // The callbacks may have asked for more: all of it is answered, none of it goes out.
    while (WorkOff()) {
    }
  }

  // Does what is queued; false when nothing was.
  bool WorkOff() {
    Queue queue;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue.swap(queue_);
      closing_ = stopping_;
    }
    for (Work& work : queue) std::move(work)();
    return !queue.empty();
  }

  void Start(std::unique_ptr<CurlFlight> flight) {
    if (closing_) {
      flight->End(kStopping);
      return;
    }
    const CURLcode prepared = flight->Prepare();
    if (prepared != CURLE_OK) {
      flight->End("the gateway could not prepare the request", curl_easy_strerror(prepared));
      return;
    }
    CURL* const easy = flight->easy();
    const CURLMcode added = curl_multi_add_handle(multi_.get(), easy);
    if (added != CURLM_OK) {
      flight->End("the gateway could not start the request", curl_multi_strerror(added));
      return;
    }
    flights_.emplace(easy, std::move(flight));
  }

  void Turn() {
    constexpr int kLongestPollMilliseconds = 1000;
    int running = 0;
    CURLMcode code = curl_multi_perform(multi_.get(), &running);
    Collect();
    if (code == CURLM_OK) {
      code = curl_multi_poll(multi_.get(), nullptr, 0, kLongestPollMilliseconds, nullptr);
    }
    // No memory, or a handle that is broken: what is in flight can't be trusted to end by itself.
    if (code != CURLM_OK) EndAll("the gateway had to give the request up", curl_multi_strerror(code));
  }

  void Collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      // The message is gone once its handle is removed.
      const CURLcode code = message->data.result;
      const auto flight = Remove(message->easy_handle);
      if (flight != nullptr) flight->End(code);
    }
  }

  std::unique_ptr<CurlFlight> Remove(CURL* easy) {
    auto node = flights_.extract(easy);
    if (node.empty()) return nullptr;
    curl_multi_remove_handle(multi_.get(), easy);
    return std::move(node.mapped());
  }

  void EndAll(absl::string_view what_happened, absl::string_view trouble = "") {
    while (!flights_.empty()) Remove(flights_.begin()->first)->End(what_happened, trouble);
  }

  const TransportOptions options_;
  const Clock& clock_;
  const std::unique_ptr<CURLM, CurlMultiCloser> multi_;
  std::mutex mutex_;
  Queue queue_;                                                     // guarded by mutex_
  bool stopping_ = false;                                           // guarded by mutex_
  bool closing_ = false;                                            // the thread's own copy of stopping_
  std::unordered_map<CURL*, std::unique_ptr<CurlFlight>> flights_;  // the thread's own
  std::thread thread_;                                              // last: it uses all of the above
};

absl::StatusOr<std::unique_ptr<CurlTransport>> CurlTransport::Create(const TransportOptions& options,
                                                                     const Clock& clock) {
  if (options.total_timeout <= absl::ZeroDuration() || options.connect_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("the transport's time-outs must be positive");
  }
  if (options.total_timeout > absl::Hours(1) || options.connect_timeout > absl::Hours(1)) {
    return absl::InvalidArgumentError("the transport's time-outs are at most an hour");
  }
  if (options.idle_age < absl::ZeroDuration() || options.idle_age > absl::Hours(1)) {
    return absl::InvalidArgumentError("the idle age of connections is between 0 and an hour");
  }
  if (options.max_answer_bytes == 0) {
    return absl::InvalidArgumentError("the bound of an answer's size must be positive");
  }
  if (const CURLcode code = StartLibcurlOnce(); code != CURLE_OK) {
    return absl::InternalError(absl::StrCat("libcurl could not start: ", curl_easy_strerror(code)));
  }
  CURLM* const multi = curl_multi_init();
  if (multi == nullptr) return absl::InternalError("libcurl could not start: out of memory");
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::make_unique<Loop>(options, clock, multi)));
}

CurlTransport::CurlTransport(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

CurlTransport::~CurlTransport() = default;

void CurlTransport::Send(HttpRequest request, absl::AnyInvocable<void(HttpResult) &&> done) {
  loop_->Send(std::move(request), std::move(done));
}

void CurlTransport::Call(absl::AnyInvocable<void() &&> work) {
  loop_->Call(std::move(work));
}

}  // namespace kasa::vchasno
