#include "tests/simulation/cloud.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kasa::simulation {
namespace {

using vchasno::HttpMethod;
using vchasno::HttpOutcome;
using vchasno::HttpRequest;

constexpr absl::string_view kExecute = "/api/v3/fiscal/execute";
constexpr absl::string_view kCheckTask = "/api/v3/check-task/";
constexpr absl::string_view kListings = "/api/v3/shift";  // and shifts
constexpr absl::string_view kChecks = "/api/v3/shift/checks";

constexpr int kBusyCode = 1105;
constexpr int kBlockedCode = 1124;
constexpr int kNoSignatureCode = 1095;

// A late answer's receipt is made within the hold time of the request (architecture.md, rule 3).
constexpr absl::Duration kLatestCommit = absl::Seconds(115);

// The number of a query's parameter; 0 when there is none.
int NumberAfter(absl::string_view query, absl::string_view name) {
  const size_t at = query.find(name);
  if (at == absl::string_view::npos) return 0;
  query = query.substr(at + name.size());
  int number = 0;
  return absl::SimpleAtoi(query.substr(0, query.find('&')), &number) ? number : 0;
}

bool IsMadeByOtherMeans(FaultKind kind) {
  return kind == FaultKind::kWrongFisid || kind == FaultKind::kWrongTag || kind == FaultKind::kWrongTask ||
         kind == FaultKind::kNoFiscalNumber || kind == FaultKind::kSlow || kind == FaultKind::kLate ||
         kind == FaultKind::kRefusedReceipt;
}

}  // namespace

Cloud::Cloud(Timeline& timeline, const KyivTime& kyiv, Random random)
    : timeline_(timeline), kyiv_(kyiv), random_(random) {}

RegisterModel& Cloud::AddRegister(std::unique_ptr<RegisterModel> model, std::string token) {
  Register& added = registers_.emplace_back();
  added.model = std::move(model);
  added.token = std::move(token);
  added.next_token = absl::StrCat(added.token, "-next");
  return *added.model;
}

void Cloud::SetFaults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) AddFault(fault);
}

void Cloud::AddFault(const Fault& fault) {
  if (faults_over_ || IsOfMachine(fault.kind)) return;
  Register& target = registers_[static_cast<size_t>(fault.at_register)];
  (IsOfRequest(fault.kind) ? target.faults : target.spans).push_back(fault);
}

void Cloud::EndFaults() {
  faults_over_ = true;
  for (Register& each : registers_) {
    each.faults.clear();
    std::erase_if(each.spans, [](const Fault& span) { return span.kind != FaultKind::kTokenGone; });
  }
}

std::string Cloud::TokenOf(size_t at_register) const {
  const Register& of = registers_[at_register];
  const bool gone = std::any_of(of.spans.begin(), of.spans.end(), [&](const Fault& span) {
    return span.kind == FaultKind::kTokenGone && timeline_.Monotonic() >= span.from;
  });
  return gone ? of.next_token : of.token;
}

bool Cloud::MayMake(size_t at_register, const std::string& tag) const {
  const Register& of = registers_[at_register];
  const auto& ledger = of.model->ledger();
  return of.working.contains(tag) || std::any_of(ledger.begin(), ledger.end(), [&](const LedgerEntry* one) {
           return one->request.tag == tag;
         });
}

std::optional<size_t> Cloud::RegisterOf(const std::string& token) const {
  for (size_t at = 0; at < registers_.size(); ++at) {
    if (registers_[at].token == token || registers_[at].next_token == token) return at;
  }
  return std::nullopt;
}

std::optional<Fault> Cloud::TakeFault(Register& target, bool status) {
  for (auto fault = target.faults.begin(); fault != target.faults.end(); ++fault) {
    if (fault->of_status != status || timeline_.Monotonic() < fault->from) continue;
    if (fault->let_pass > 0) {
      --fault->let_pass;
      continue;
    }
    Fault taken = *fault;
    if (--fault->requests == 0) target.faults.erase(fault);
    if (on_fault) on_fault(taken);
    return taken;
  }
  return std::nullopt;
}

const Fault* Cloud::Span(const Register& target, FaultKind kind) {
  const absl::Duration now = timeline_.Monotonic();
  for (const Fault& span : target.spans) {
    if (span.kind != kind || now < span.from || now >= span.from + span.lasts) continue;
    if (on_fault) on_fault(span);
    return &span;
  }
  return nullptr;
}

void Cloud::TellOfTokenGone(const Register& target) {
  for (const Fault& span : target.spans) {
    if (span.kind == FaultKind::kTokenGone && timeline_.Monotonic() >= span.from) on_fault(span);
  }
}

StatusConditions Cloud::ConditionsOf(Register& target) {
  StatusConditions conditions{.blocked = Span(target, FaultKind::kBlocked) != nullptr,
                              .signature_missing = Span(target, FaultKind::kSignatureMissing) != nullptr,
                              .silent = Span(target, FaultKind::kStatusSilent) != nullptr};
  if (const Fault* const off = Span(target, FaultKind::kClockOff)) {
    const absl::Duration far = absl::Minutes(10) + absl::AbsDuration(off->jump) / 40;
    conditions.clock_off = off->jump < absl::ZeroDuration() ? -far : far;
  }
  return conditions;
}

void Cloud::GiveBack(const Call& call, Reply reply) {
  std::move (*call.deliver)(random_.Between(absl::Milliseconds(5), absl::Milliseconds(200)),
                            std::move(reply));
}

void Cloud::Send(const HttpRequest& request, Deliver deliver) {
  Call call;
  call.deliver = std::make_shared<Deliver>(std::move(deliver));
  call.body = request.body;
  const auto at = RegisterOf(request.token.Reveal());
  if (!at || request.token.Reveal() != TokenOf(*at)) {
    if (at) static_cast<void>(TakeFault(registers_[*at], false));
    if (at && on_fault) TellOfTokenGone(registers_[*at]);
    return GiveBack(call, {.status = random_.Percent(50) ? 401 : 403,
                           .body = "401: Unauthorized",
                           .judged = Judged::kTurnedAway});
  }
  call.at = *at;
  Register& target = registers_[*at];
  const size_t path = request.url.find("/api/");
  const absl::string_view asked =
      path == std::string::npos ? absl::string_view() : absl::string_view(request.url).substr(path);
  if (request.method == HttpMethod::kGet) {
    std::optional<std::string> found;
    if (absl::StartsWith(asked, kListings)) {
      target.model->PassTimeTo(timeline_.TrueNow());
      const int page = NumberAfter(asked, "page_num=");
      const int size = NumberAfter(asked, "page_size=");
      found = absl::StartsWith(asked, kChecks) ? WriteChecks(*target.model, NumberAfter(asked, "shift_id="),
                                                             page, size, timeline_.TrueNow(), kyiv_)
                                               : WriteShifts(*target.model, page, size, kyiv_);
    } else if (absl::StartsWith(asked, kCheckTask)) {
      found =
          WriteCheckTask(*target.model, std::string(asked.substr(kCheckTask.size())), timeline_.TrueNow());
    }
    return GiveBack(call, {.status = found ? 200 : 404, .body = found.value_or("{}")});
  }
  auto read = ReadTaskRequest(request.body);
  if (asked != kExecute || !read) return GiveBack(call, {.status = 404, .body = "not found"});
  call.request = *std::move(read);
  call.fault = TakeFault(target, call.request.task == kStatus);
  if (TurnsAway(call)) return;
  timeline_.After(random_.Between(absl::Milliseconds(5), absl::Milliseconds(300)),
                  [this, call = std::move(call)]() mutable {
                    if (call.request.task == kStatus) return ReceiveStatus(std::move(call));
                    ReceiveTask(std::move(call));
                  });
}

bool Cloud::TurnsAway(const Call& call) {
  if (!call.fault) return false;
  const Fault& fault = *call.fault;
  switch (fault.kind) {
    case FaultKind::kNeverConnected:
      GiveBack(call, {.outcome = HttpOutcome::kNeverConnected,
                      .status = 0,
                      .trouble = "Couldn't connect",
                      .judged = Judged::kTurnedAway});
      return true;
    case FaultKind::kThrottled:
      GiveBack(call, {.status = 429,
                      .body = "slow down",
                      .retry_after = fault.retry_after > absl::ZeroDuration()
                                         ? absl::StrCat(absl::ToInt64Seconds(fault.retry_after))
                                         : "",
                      .judged = Judged::kTurnedAway});
      return true;
    case FaultKind::kTokenRefused:
      GiveBack(call, {.status = fault.code,
                      .body = absl::StrCat(fault.code, ": Unauthorized"),
                      .judged = Judged::kTurnedAway});
      return true;
    default:
      break;
  }
  if (fault.made || IsMadeByOtherMeans(fault.kind) || fault.kind == FaultKind::kRefused) return false;
  AnswerUnexecuted(call);
  return true;
}

void Cloud::AnswerUnexecuted(const Call& call) {
  // Nothing is made, and the answer is what the fault says of it.
  Answer(call, {.res = 0, .text = "", .receipt = nullptr});
}

void Cloud::ReceiveStatus(Call call) {
  if (call.fault && call.fault->kind == FaultKind::kLate) return;  // the asker's time-out ends it
  if (!call.fault || call.fault->kind != FaultKind::kSlow) return AnswerStatus(call);
  timeline_.After(random_.Between(absl::Seconds(25), absl::Seconds(55)),
                  [this, call = std::move(call)] { AnswerStatus(call); });
}

void Cloud::AnswerStatus(const Call& call) {
  Register& target = registers_[call.at];
  const absl::Time now = timeline_.TrueNow();
  target.model->PassTimeTo(now);
  target.model->NoteStatusRead(now);
  const StatusConditions conditions = ConditionsOf(target);
  if (call.fault && !IsMadeByOtherMeans(call.fault->kind)) return Answer(call, {});
  GiveBack(call,
           {.body = WriteStatus(*target.model, conditions, now, call.fault ? &*call.fault : nullptr, kyiv_)});
}

void Cloud::ReceiveTask(Call call) {
  Register& target = registers_[call.at];
  const absl::Duration now = timeline_.Monotonic();
  if (target.working.contains(call.request.tag)) {
    switch (target.model->switches().same_tag_busy) {
      case SameTagBusy::kWaits:
        target.waiting[call.request.tag].emplace_back(
            [this, call](const TaskOutcome& outcome) mutable { Answer(call, outcome); });
        return;
      case SameTagBusy::kCode1105:
        call.fault.reset();
        return Answer(call, {.res = kBusyCode, .text = "зайнято", .receipt = nullptr});
      case SameTagBusy::kAction2:
        return GiveBack(
            call, {.body = WriteError(*target.model, call.request, kBusyCode, 2, timeline_.TrueNow(), kyiv_),
                   .judged = Judged::kAskedAgain});
      case SameTagBusy::kSecondReceipt:
        break;
    }
  }
  absl::Duration takes = call.request.task == kOpenShift
                             ? random_.Between(absl::Milliseconds(100), absl::Seconds(5))
                             : random_.Between(absl::Milliseconds(30), absl::Milliseconds(1200));
  bool answers = true;
  if (call.fault) {
    const FaultKind kind = call.fault->kind;
    if (kind == FaultKind::kSlow) takes = random_.Between(absl::Seconds(25), absl::Seconds(55));
    if (kind == FaultKind::kLate) takes = random_.Between(absl::Seconds(61), kLatestCommit);
    const bool asks_again = kind == FaultKind::kMayRepeat || kind == FaultKind::kCollision;
    if (asks_again && call.fault->at_work) {
      // It asks for the same again while it is at work on it.
      Answer(call, {});
      answers = false;
      takes = random_.Between(absl::Seconds(1), absl::Seconds(60));
    }
  }
  Work(std::move(call), std::max(now, std::min(target.busy_until, now + absl::Seconds(20))), takes, answers);
}

void Cloud::Work(Call call, absl::Duration start, absl::Duration for_how_long, bool answers) {
  Register& target = registers_[call.at];
  const absl::Duration end = start + for_how_long;
  target.busy_until = std::max(target.busy_until, end);
  ++target.working[call.request.tag];
  timeline_.At(end, [this, call = std::move(call), answers] {
    Register& done_by = registers_[call.at];
    const TaskOutcome outcome = Judge(done_by, call);
    const auto working = done_by.working.find(call.request.tag);
    if (--working->second == 0) done_by.working.erase(working);
    if (answers) Answer(call, outcome);
    auto waited = done_by.waiting.extract(call.request.tag);
    if (!waited) return;
    for (auto& answer : waited.mapped()) std::move(answer)(outcome);
  });
}

TaskOutcome Cloud::Judge(Register& target, const Call& call) {
  RegisterModel& model = *target.model;
  const absl::Time now = timeline_.TrueNow();
  if (auto remembered = model.Remembered(call.request, call.body, now)) return *remembered;
  // For as long as these last they are the register's, not the tag's.
  if (Span(target, FaultKind::kBlocked)) return {.res = kBlockedCode, .text = "", .receipt = nullptr};
  if (Span(target, FaultKind::kSignatureMissing))
    return {.res = kNoSignatureCode, .text = "", .receipt = nullptr};
  if (const Fault* const trouble = Span(target, FaultKind::kRegisterTrouble)) {
    return {.res = trouble->code, .text = "", .receipt = nullptr};
  }
  if (call.fault && call.fault->kind == FaultKind::kRefused)
    return model.Refuse(call.request, call.fault->code);
  return model.Execute(call.request, call.body, now);
}

}  // namespace kasa::simulation
