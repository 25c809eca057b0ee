#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/simulator/cloud_work.h"
#include "tools/simulator/delivery.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {

uint64_t Cloud::Handle(HttpRequest request, Reply reply) {
  Replies out;
  uint64_t ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = next_ticket_++;
    const std::string path = request.target.substr(0, request.target.find('?'));
    const auto token = by_token_.find(request.authorization);
    if (path == "/api/v3/fiscal/execute" && request.method == "POST" && token != by_token_.end()) {
      StartExecute(*token->second, std::move(request), ticket, std::move(reply), out);
    } else {
      out.emplace_back(std::move(reply), OtherCall(request, ticket));
    }
  }
  arrived_.notify_all();
  for (auto& [answer, content] : out) answer(std::move(content));
  return ticket;
}

void Cloud::StartExecute(Post& post, HttpRequest request, uint64_t ticket, Reply reply, Replies& out) {
  auto work = std::make_shared<Work>();
  work->ticket = ticket;
  work->epoch = epoch_;
  work->post = &post;
  work->reply = std::move(reply);
  work->request = ReadEnvelope(std::make_shared<const std::string>(std::move(request.body)),
                               absl::StrFormat("%032x", next_made_up_tag_++), post.reg->switches());
  const std::string& fisid = post.reg->options().fisid;
  work->fault = faults_.Take({Call::kExecute, fisid, work->request.tag, work->request.task, request.warm});

  RequestRecord record;
  record.ticket = ticket;
  record.time = clock_.Now();
  record.fisid = fisid;
  record.call = "execute";
  record.tag = work->request.tag;
  record.task = work->request.task;
  record.warm = request.warm;
  if (work->fault.has_value()) record.fault = std::string(NameOf(work->fault->kind));
  log_.ExecuteArrived(std::move(record));

  if (work->IsLost() && work->fault->kind != FaultKind::kHold) {
    Conclude(post, *work, out);
  } else if (IsFree(post, work, out)) {
    Begin(post, work, out);
  }
}

bool Cloud::IsFree(Post& post, const std::shared_ptr<Work>& work, Replies& out) {
  if (!work->Occupies()) return true;
  bool busy = false;
  bool same_tag = false;
  const auto look = [&](const auto& others) {
    for (const auto& other : others) {
      if (!other->Occupies()) continue;
      busy = true;
      same_tag = same_tag || (work->request.tag_given && other->request.tag == work->request.tag);
    }
  };
  look(post.holds);
  look(post.waiting);
  if (!busy) return true;
  const Switches& switches = post.reg->switches();
  if (same_tag && switches.busy_same_tag == BusySameTag::kSecondReceipt) {
    // Neither of the two sees the other.
    work->ignore_tag = true;
    for (const auto& other : post.holds) {
      if (other->request.tag == work->request.tag) other->ignore_tag = true;
    }
    return true;
  }
  const bool waits = same_tag ? switches.busy_same_tag == BusySameTag::kWait
                              : switches.busy_other_tag == BusyOtherTag::kWait;
  if (waits) {
    post.waiting.push_back(work);
    return false;
  }
  work->outcome = Outcome::Refused(
      work->request.task.value_or(-1),
      {1105, same_tag ? 2 : 1, "Пристрій зайнятий виконанням попереднього завдання", Json()});
  Conclude(post, *work, out);
  return false;
}

void Cloud::Begin(Post& post, const std::shared_ptr<Work>& work, Replies& out) {
  absl::Duration duration =
      work->Occupies() ? absl::Milliseconds(post.reg->switches().latency_ms) : absl::ZeroDuration();
  if (work->fault.has_value() && work->fault->kind == FaultKind::kHold) duration = work->fault->duration;
  if (duration <= absl::ZeroDuration()) {
    Conclude(post, *work, out);
    return;
  }
  if (work->fault.has_value() && work->fault->commit_first && work->fault->Commits()) {
    work->outcome = JudgeUnderFault(*post.reg, *work);
  }
  post.holds.push_back(work);
  if (work->fault.has_value() && work->fault->until_released) return;
  scheduler_.After(duration, [this, work] { EndHold(work); });
}

void Cloud::EndHold(const std::shared_ptr<Work>& work) {
  Replies out;
  {
    const std::lock_guard lock(mutex_);
    if (work->epoch != epoch_) return;
    Post& post = *work->post;
    // It may have been released before its time.
    if (post.holds.remove(work) == 0) return;
    Conclude(post, *work, out);
    const auto occupied = [&post] {
      for (const auto& other : post.holds) {
        if (other->Occupies()) return true;
      }
      return false;
    };
    while (!post.waiting.empty() && !occupied()) {
      const std::shared_ptr<Work> next = post.waiting.front();
      post.waiting.pop_front();
      Begin(post, next, out);
    }
  }
  for (auto& [answer, content] : out) answer(std::move(content));
}

Outcome Cloud::JudgeUnderFault(Register& reg, Work& work) {
  if (work.fault.has_value()) {
    switch (work.fault->kind) {
      case FaultKind::kShiftClosed: {
        if (reg.shift_is_open() && !reg.CloseShift().ok()) std::abort();
        const Refusal refusal{reg.switches().shift_closed_code, 3, "Зміну не відкрито", Json()};
        reg.RememberRefusal(work.request, refusal);
        return Outcome::Refused(work.request.task.value_or(-1), refusal);
      }
      case FaultKind::kShiftOver24h:
        if (!reg.shift_is_open() && !reg.OpenShift().ok()) std::abort();
        if (!reg.AgeShift(absl::Hours(24) + absl::Minutes(1)).ok()) std::abort();
        break;
      case FaultKind::kBlocked:
        reg.SetBlocked(true);
        break;
      default:
        break;
    }
  }
  return reg.Judge(work.request, work.ignore_tag);
}

void Cloud::Conclude(Post& post, Work& work, Replies& out) {
  Register& reg = *post.reg;
  Outcome outcome;
  if (work.outcome.has_value()) {
    outcome = *std::move(work.outcome);
  } else if (!work.IsLost()) {
    outcome = JudgeUnderFault(reg, work);
  }
  if (work.fault.has_value() && work.fault->kind == FaultKind::kRefusal) {
    const Refusal refusal{work.fault->res, work.fault->res_action, work.fault->text, Json()};
    if (!work.fault->Commits()) reg.RememberRefusal(work.request, refusal);
    outcome = Outcome::Refused(work.request.task.value_or(-1), refusal);
  }
  Json answer = reg.AnswerJson(work.request, outcome);
  if (work.fault.has_value()) AlterAnswer(*work.fault, answer);
  HttpReply reply;
  reply.body = answer.Dump();
  if (work.fault.has_value()) AlterReply(*work.fault, reply);
  Answer(post, work, outcome, std::move(reply), out);
}

void Cloud::Answer(Post& post, Work& work, const Outcome& outcome, HttpReply reply, Replies& out) {
  std::string result;
  if (!work.IsLost() || reply.delivery == Delivery::kWhole) {
    result = !outcome.ok()      ? absl::StrCat("refused ", outcome.res)
             : outcome.replayed ? "replayed"
             : outcome.made     ? "made"
                                : "told";
  }
  if (work.IsLost() && outcome.ok()) result = "lost";
  if (reply.status != 200) absl::StrAppend(&result, ", http ", reply.status);
  if (reply.delivery != Delivery::kWhole) absl::StrAppend(&result, ", not answered whole");
  Note(work.ticket, std::move(result), outcome.fiscal_number);
  const bool arrives = reply.delivery == Delivery::kWhole || reply.delivery == Delivery::kDrip;
  const bool reads_well = arrives && reply.status == 200;
  if (reads_well && work.Occupies()) {
    // An opening (task 0) that is told so is refused like any other request, and is not to come again.
    const bool is_opening = work.request.task == 0;
    const bool shift_closed = !is_opening && outcome.res == post.reg->switches().shift_closed_code;
    log_.Bound(post.reg->options().fisid, work.request.tag, outcome.res_action, shift_closed, clock_.Now());
  }
  out.emplace_back(std::move(work.reply), std::move(reply));
}

void Cloud::Note(uint64_t ticket, std::string result, std::string fiscal_number) {
  const RequestRecord* record = log_.Answered(ticket, std::move(result), std::move(fiscal_number));
  if (record != nullptr && options_.on_answered) options_.on_answered(*record);
}

}  // namespace kasa::simulator
