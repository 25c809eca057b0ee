#ifndef KASA_TESTS_VCHASNO_FAKE_TRANSPORT_H_
#define KASA_TESTS_VCHASNO_FAKE_TRANSPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "server/vchasno/transport.h"

namespace kasa::vchasno::testing {

// A clock that moves only when told.
class SetClock final : public Clock {
 public:
  absl::Time Now() const override { return now_; }
  absl::Duration Monotonic() const override { return now_ - absl::UnixEpoch(); }
  void Advance(absl::Duration by) { now_ += by; }

 private:
  absl::Time now_ = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());
};

// Gives one prepared result to each request, at once, and keeps what was asked. One thread.
class FakeTransport final : public Transport {
 public:
  // What the fake shares with the test that made it. Outlives it.
  struct Record {
    HttpResult result;
    std::vector<HttpRequest> requests;
    int calls = 0;
  };
  explicit FakeTransport(Record& record) : record_(record) {}

  void Send(HttpRequest request, absl::AnyInvocable<void(HttpResult) &&> done) override {
    record_.requests.push_back(std::move(request));
    std::move(done)(record_.result);
  }
  void Call(absl::AnyInvocable<void() &&> work) override {
    ++record_.calls;
    std::move(work)();
  }

 private:
  Record& record_;
};

inline HttpResult Answered(int status, std::string body, std::string retry_after = "") {
  HttpResult result;
  result.outcome = HttpOutcome::kAnswered;
  result.status = status;
  result.body = std::move(body);
  result.retry_after = std::move(retry_after);
  result.start_time = SetClock().Now();
  result.end_time = result.start_time + absl::Seconds(1);
  return result;
}

// What happened in our words; a library would say it otherwise.
inline HttpResult Unanswered(HttpOutcome outcome, std::string what_happened) {
  HttpResult result = Answered(0, "");
  result.outcome = outcome;
  result.what_happened = std::move(what_happened);
  result.trouble = "Recv failure";
  return result;
}

}  // namespace kasa::vchasno::testing

#endif  // KASA_TESTS_VCHASNO_FAKE_TRANSPORT_H_
