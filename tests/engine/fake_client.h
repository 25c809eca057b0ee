#ifndef KASA_TESTS_ENGINE_FAKE_CLIENT_H_
#define KASA_TESTS_ENGINE_FAKE_CLIENT_H_

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "common/secret.h"
#include "server/domain/send_permit.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// A client without a cloud: a test's script answers. Every request is remembered. Answers come at once, on
// the caller's thread, unless they are held back. Thread-safe.
class FakeClient final : public vchasno::Client {
 public:
  enum class Kind { kExecute, kStatus, kCheckTask, kShifts, kChecks, kReport, kSendReceipt, kReceiptPage };

  struct Request {
    Kind kind;
    std::string token;
    std::string body;  // the permit's bytes; the fiscal number with the last two and kCheckTask;
                       // "<page>" of the shifts, "<shift>/<page>" of a shift's documents
    std::optional<absl::Duration> timeout =
        std::nullopt;  // kCheckTask: where it is shorter than any request's
  };

  using ExecuteScript = std::function<vchasno::ExecuteAnswer(const Request&)>;
  using StatusScript = std::function<vchasno::StatusAnswer(const Request&)>;
  using CheckTaskScript = std::function<vchasno::CheckTaskAnswer(const Request&)>;
  using ShiftsScript = std::function<vchasno::ShiftsAnswer(const Request&)>;
  using ChecksScript = std::function<vchasno::ChecksAnswer(const Request&)>;
  using ReportScript = std::function<vchasno::ReportAnswer(const Request&)>;
  using SendReceiptScript = std::function<vchasno::SendReceiptAnswer(const Request&)>;
  using ReceiptPageScript = std::function<vchasno::ReceiptPageAnswer(const Request&)>;

  // `clock` stamps the wire records of scripts that leave them empty; it must outlive the client.
  explicit FakeClient(const Clock& clock) : clock_(clock) {}

  // What is answered from now on. Without a script: nothing was heard (kDoubt, kUnreachable, no answer).
  void OnExecute(ExecuteScript script) { Set(on_execute_, std::move(script)); }
  void OnStatus(StatusScript script) { Set(on_status_, std::move(script)); }
  void OnCheckTask(CheckTaskScript script) { Set(on_check_task_, std::move(script)); }
  void OnShifts(ShiftsScript script) { Set(on_shifts_, std::move(script)); }
  void OnChecks(ChecksScript script) { Set(on_checks_, std::move(script)); }
  void OnReport(ReportScript script) { Set(on_report_, std::move(script)); }
  void OnSendReceipt(SendReceiptScript script) { Set(on_send_receipt_, std::move(script)); }
  void OnReceiptPage(ReceiptPageScript script) { Set(on_receipt_page_, std::move(script)); }

  // From now on answers are made when asked for, but come only with Release(): until then the requests are on
  // the wire.
  void HoldAnswers() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }

  // The same for requests with this body only.
  void HoldAnswersTo(std::string body) {
    const std::lock_guard lock(mutex_);
    holding_ = true;
    held_body_ = std::move(body);
  }

  // Lets every answer go that was held back, and holds no more.
  void Release() {
    std::vector<absl::AnyInvocable<void() &&>> held;
    {
      const std::lock_guard lock(mutex_);
      holding_ = false;
      held_body_.reset();
      held.swap(held_);
    }
    for (auto& answer : held) std::move(answer)();
  }

  // Nobody hears of what was held back any more, as after a crash; holds no more.
  void DropAnswers() {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    held_.clear();
    in_flight_.clear();
  }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  // The most requests that were on the wire at one moment with one token.
  int most_in_flight() const {
    const std::lock_guard lock(mutex_);
    return most_in_flight_;
  }

  void Execute(domain::SendPermit permit, const Secret& token,
               vchasno::Done<vchasno::ExecuteAnswer> done) override {
    Serve(Request{Kind::kExecute, token.Reveal(), permit.body()}, on_execute_, vchasno::ExecuteAnswer{},
          std::move(done));
  }

  void AskStatus(const Secret& token, vchasno::Done<vchasno::StatusAnswer> done) override {
    Serve(Request{Kind::kStatus, token.Reveal(), ""}, on_status_, vchasno::StatusAnswer{}, std::move(done));
  }

  void CheckTask(const Secret& token, const std::string& fiscal_number, std::optional<absl::Duration> timeout,
                 vchasno::Done<vchasno::CheckTaskAnswer> done) override {
    Serve(Request{Kind::kCheckTask, token.Reveal(), fiscal_number, timeout}, on_check_task_,
          vchasno::CheckTaskAnswer{}, std::move(done));
  }

  void ListShifts(const Secret& token, int page, vchasno::Done<vchasno::ShiftsAnswer> done) override {
    Serve(Request{Kind::kShifts, token.Reveal(), std::to_string(page)}, on_shifts_,
          Unlisted<vchasno::ShiftsAnswer>(), std::move(done));
  }

  void ListChecks(const Secret& token, const std::string& shift_id, int page,
                  vchasno::Done<vchasno::ChecksAnswer> done) override {
    Serve(Request{Kind::kChecks, token.Reveal(), shift_id + "/" + std::to_string(page)}, on_checks_,
          Unlisted<vchasno::ChecksAnswer>(), std::move(done));
  }

  void AskReport(const Secret& token, vchasno::Done<vchasno::ReportAnswer> done) override {
    Serve(Request{Kind::kReport, token.Reveal(), ""}, on_report_, vchasno::ReportAnswer{}, std::move(done));
  }

  void SendReceipt(const Secret& token, vchasno::SendReceiptCommand command,
                   vchasno::Done<vchasno::SendReceiptAnswer> done) override {
    Serve(Request{Kind::kSendReceipt, token.Reveal(), command.fiscal_number}, on_send_receipt_,
          vchasno::SendReceiptAnswer{}, std::move(done));
  }

  void ReadReceiptPage(const std::string& fiscal_number, absl::Duration,
                       vchasno::Done<vchasno::ReceiptPageAnswer> done) override {
    Serve(Request{Kind::kReceiptPage, "", fiscal_number}, on_receipt_page_, vchasno::ReceiptPageAnswer{},
          std::move(done));
  }

 private:
  template <typename Answer>
  static Answer Unlisted() {
    Answer answer;
    answer.page.gap = "no whole answer came";
    return answer;
  }

  template <typename Script>
  void Set(Script& place, Script script) {
    const std::lock_guard lock(mutex_);
    place = std::move(script);
  }

  template <typename Script, typename Answer>
  void Serve(Request request, const Script& scripted, Answer answer, vchasno::Done<Answer> done) {
    Script script;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      in_flight_.push_back(request.token);
      const auto same = std::count(in_flight_.begin(), in_flight_.end(), request.token);
      most_in_flight_ = std::max(most_in_flight_, static_cast<int>(same));
      script = scripted;
    }
    if (script) answer = script(request);
    const std::string body = request.body;
    if (answer.wire.start_time == absl::Time()) answer.wire.start_time = clock_.Now();
    if (answer.wire.end_time == absl::Time()) answer.wire.end_time = clock_.Now();
    auto deliver = [this, token = request.token, answer = std::move(answer),
                    done = std::move(done)]() mutable {
      {
        const std::lock_guard lock(mutex_);
        const auto mine = std::find(in_flight_.begin(), in_flight_.end(), token);
        if (mine != in_flight_.end()) in_flight_.erase(mine);
      }
      std::move(done)(std::move(answer));
    };
    {
      const std::lock_guard lock(mutex_);
      if (holding_ && (!held_body_ || *held_body_ == body)) {
        held_.emplace_back(std::move(deliver));
        return;
      }
    }
    deliver();
  }

  const Clock& clock_;
  mutable std::mutex mutex_;
  ExecuteScript on_execute_;
  StatusScript on_status_;
  CheckTaskScript on_check_task_;
  ShiftsScript on_shifts_;
  ChecksScript on_checks_;
  ReportScript on_report_;
  SendReceiptScript on_send_receipt_;
  ReceiptPageScript on_receipt_page_;
  std::vector<Request> requests_;
  std::vector<std::string> in_flight_;  // tokens
  int most_in_flight_ = 0;
  bool holding_ = false;
  std::optional<std::string> held_body_;
  std::vector<absl::AnyInvocable<void() &&>> held_;
};

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_FAKE_CLIENT_H_
