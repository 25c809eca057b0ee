#ifndef KASA_TESTS_SIMULATOR_TESTING_H_
#define KASA_TESTS_SIMULATOR_TESTING_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "tools/simulator/cloud.h"
#include "tools/simulator/json.h"
#include "tools/simulator/text_rules.h"

// What the simulator's tests share: a clock and a scheduler that stand still until told, and bodies of
// requests.
namespace kasa::simulator::testing {

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return now_; }
  absl::Duration Monotonic() const override { return now_ - absl::UnixEpoch(); }
  void Advance(absl::Duration duration) { now_ += duration; }

 private:
  // 14.11.2024 12:14:30 in Kyiv, as in the published sample.
  absl::Time now_ = absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 14, 30), absl::UTCTimeZone());
};

// Runs what is due when told to, on the caller's thread.
class ManualScheduler final : public Scheduler {
 public:
  void After(absl::Duration delay, std::function<void()> run) override {
    due_.emplace(now_ + delay, std::move(run));
  }
  void Advance(absl::Duration duration) {
    const absl::Duration until = now_ + duration;
    while (!due_.empty() && due_.begin()->first <= until) {
      auto run = std::move(due_.begin()->second);
      now_ = due_.begin()->first;
      due_.erase(due_.begin());
      run();
    }
    now_ = until;
  }

 private:
  absl::Duration now_;
  std::multimap<absl::Duration, std::function<void()>> due_;
};

// The published sale: 100.00 + 99.99 = 199.99, less 10.00, rounded by 0.01, paid 150.00 + 40.00.
inline constexpr std::string_view kSale =
    R"({"source":"POSTMAN","tag":"$TAG","fiscal":{"task":1,"cashier":"Іван","receipt":{"sum":199.99,"round":0.01,)"
    R"("disc":10.00,"disc_type":0,"comment_up":"","comment_down":"","rows":[{"code":"1","name":"Кава","cnt":1,)"
    R"("price":100.00,"taxgrp":1},{"code":"2","name":"Чай","cnt":1.000,"price":99.99,"taxgrp":"2"}],)"
    R"("pays":[{"type":0,"sum":150.00,"change":50.00},{"type":2,"sum":40.00}]}}})";

// The published figures of a return: 700.10 + 29.84 = 729.94, rounded by -0.04, paid 729.00 + 0.90.
inline constexpr std::string_view kReturn =
    R"({"tag":"$TAG","fiscal":{"task":2,"receipt":{"sum":729.94,"round":-0.04,)"
    R"("rows":[{"name":"Стіл","cnt":1,"price":700.10,"taxgrp":1},{"name":"Скатертина","cnt":1,"price":29.84,"taxgrp":1}],)"
    R"("pays":[{"type":0,"sum":0.90},{"type":2,"sum":729.00}]}}})";

// A sale of one row that costs `price`, paid by card.
inline constexpr std::string_view kSmallSale =
    R"({"tag":"$TAG","fiscal":{"task":1,"receipt":{"sum":$SUM,"rows":[{"name":"Чай","cnt":1,"price":$SUM,"taxgrp":1}],)"
    R"("pays":[{"type":2,"sum":$SUM}]}}})";

inline std::string Fill(std::string_view pattern, std::string_view tag, std::string_view sum = "10.00") {
  return absl::StrReplaceAll(View(pattern), {{"$TAG", View(tag)}, {"$SUM", View(sum)}});
}

inline std::string Task(int task, std::string_view tag) {
  return Json::Object()
      .Set("tag", Json::Text(tag))
      .Set("fiscal", Json::Object().Set("task", Json::Int(task)))
      .Dump();
}

inline std::string Cash(int task, std::string_view tag, std::string_view sum) {
  return Json::Object()
      .Set("tag", Json::Text(tag))
      .Set("fiscal",
           Json::Object()
               .Set("task", Json::Int(task))
               .Set("cash",
                    Json::Object().Set("type", Json::Int(0)).Set("sum", Json::Number(std::string(sum)))))
      .Dump();
}

// A Cloud with one register, without sockets, in stopped time.
class World {
 public:
  static constexpr char kToken[] = "token-of-the-register";
  static constexpr char kFisid[] = "99997955555555";

  explicit World(const Switches& switches = {}) {
    RegisterOptions options;
    options.token = kToken;
    options.fisid = kFisid;
    options.switches = switches;
    if (!cloud.AddRegister(options).ok()) std::abort();
  }

  // One call and its answer; nothing when it has not been answered (yet).
  std::optional<HttpReply> Call(std::string method, std::string target, std::string body = "") {
    auto answer = Send(std::move(method), std::move(target), std::move(body));
    if (answer->has_value()) cloud.Finished(last_ticket);
    return *answer;
  }
  // A call whose answer is looked at later.
  std::shared_ptr<std::optional<HttpReply>> Send(std::string method, std::string target, std::string body) {
    auto answer = std::make_shared<std::optional<HttpReply>>();
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.authorization = kToken;
    request.body = std::move(body);
    last_ticket = cloud.Handle(std::move(request), [answer](HttpReply reply) { *answer = std::move(reply); });
    return answer;
  }
  std::shared_ptr<std::optional<HttpReply>> SendExecute(std::string body) {
    return Send("POST", "/api/v3/fiscal/execute", std::move(body));
  }
  // The answer of execute, which must have come at once, as JSON; null when its body is none.
  Json Execute(std::string body) {
    const auto reply = Call("POST", "/api/v3/fiscal/execute", std::move(body));
    if (!reply.has_value()) return Json();
    auto json = Json::Parse(reply->body);
    return json.ok() ? *json : Json();
  }
  void Register(const std::function<void(kasa::simulator::Register&)>& change) {
    if (!cloud.WithRegister(kFisid, change).ok()) std::abort();
  }
  size_t Receipts() const {
    size_t count = 0;
    for (const LedgerEntry& entry : cloud.Ledger())
      if (entry.IsReceipt()) ++count;
    return count;
  }

  StoppedClock clock;
  ManualScheduler scheduler;
  Cloud cloud{Cloud::Options{}, clock, *KyivTime::Load(), scheduler};
  uint64_t last_ticket = 0;
};

// "" when there is no such member: "info.doccode".
inline std::string At(const Json& json, std::string_view path) {
  const Json* found = &json;
  while (!path.empty() && found != nullptr) {
    const size_t dot = path.find('.');
    found = found->Find(path.substr(0, dot));
    path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  }
  return found == nullptr ? "" : found->text();
}

}  // namespace kasa::simulator::testing

#endif  // KASA_TESTS_SIMULATOR_TESTING_H_
