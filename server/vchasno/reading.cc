#include "server/vchasno/reading.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/vchasno/answer_table.h"
#include "server/vchasno/json.h"
#include "server/vchasno/report_answer.h"
#include "server/vchasno/request.h"
#include "server/vchasno/retry_after.h"

namespace kasa::vchasno {
namespace {

Heard HeardOf(const HttpResult& result, const Envelope& envelope) {
  Heard heard;
  switch (result.outcome) {
    case HttpOutcome::kNeverConnected:
      heard.way = Heard::Way::kNeverConnected;
      break;
    case HttpOutcome::kRequestLeft:
      heard.way = Heard::Way::kNoWholeAnswer;
      break;
    case HttpOutcome::kAnswered:
      heard.way = Heard::Way::kAnswered;
      break;
  }
  heard.http_status = result.status;
  heard.readable = envelope.readable;
  heard.res = envelope.res;
  heard.res_action = envelope.res_action;
  heard.action_unreadable = envelope.action_unreadable;
  return heard;
}

// Nothing without a whole HTTP answer.
std::optional<domain::Upstream> UpstreamOf(const HttpResult& result, const Envelope& envelope) {
  if (result.outcome != HttpOutcome::kAnswered) return std::nullopt;
  domain::Upstream upstream;
  upstream.http_status = result.status;
  upstream.res = envelope.res;
  upstream.res_action = envelope.res_action;
  upstream.errortxt = envelope.errortxt;
  upstream.error_extra_json = envelope.error_extra_json;
  return upstream;
}

// For a person: what the table says, and what it was read from.
std::string MessageFor(absl::string_view why, const HttpResult& result, const Envelope& envelope) {
  std::string message(why);
  if (result.outcome != HttpOutcome::kAnswered) {
    absl::StrAppend(&message, " (", result.what_happened, ")");
  } else if (result.status != 200) {
    absl::StrAppend(&message, " (HTTP status ", result.status, ")");
  } else if (envelope.res && *envelope.res != 0) {
    absl::StrAppend(&message, " (Vchasno.Kasa's code ", *envelope.res, ")");
  }
  return message;
}

bool EchoDiffers(const RequestIdentity& asked, const domain::ReceiptFacts& facts) {
  const bool tag = !facts.tag.empty() && !asked.tag.empty() && facts.tag != asked.tag;
  return tag || (facts.task && asked.task && *facts.task != *asked.task);
}

// `told`: the answer holds what was asked for.
StatusOutcome StatusOutcomeFor(const HttpResult& result, const Envelope& envelope, bool told,
                               const Verdict& verdict) {
  if (result.outcome != HttpOutcome::kAnswered || result.status >= 500) return StatusOutcome::kUnreachable;
  switch (verdict.ending) {
    case domain::SendEnding::kDone:
      return told ? StatusOutcome::kAnswered : StatusOutcome::kUnreadable;
    case domain::SendEnding::kTokenRefused:
      return StatusOutcome::kTokenRefused;
    case domain::SendEnding::kThrottled:
      return StatusOutcome::kRefused;
    default:
      break;
  }
  const bool error = result.status == 200 && envelope.readable && *envelope.res != 0;
  return error ? StatusOutcome::kRefused : StatusOutcome::kUnreadable;
}

// Why a look-up was not answered.
Reason ReasonOfTrouble(StatusOutcome outcome, const HttpResult& result, const Verdict& verdict) {
  switch (outcome) {
    case StatusOutcome::kUnreachable:
      return result.outcome == HttpOutcome::kAnswered ? Reason::kRegisterServiceTrouble
                                                      : Reason::kRegisterUnreachable;
    case StatusOutcome::kUnreadable:
      return Reason::kAnswerUnreadable;
    default:
      return verdict.reason;
  }
}

}  // namespace

// A proxy before the service lost it, or waited no longer: the service may be at work all the same.
constexpr int kBadGateway = 502;
constexpr int kGatewayTimeout = 504;

WireRecord RecordOf(std::string request, HttpResult result) {
  WireRecord wire;
  wire.start_time = result.start_time;
  wire.end_time = result.end_time;
  wire.http_status = result.status;
  const bool gave_up_waiting = result.status == kBadGateway || result.status == kGatewayTimeout;
  wire.may_be_at_work = result.outcome == HttpOutcome::kRequestLeft || gave_up_waiting;
  wire.request = std::move(request);
  wire.answer = std::move(result.body);
  wire.trouble = std::move(result.trouble);
  return wire;
}

ExecuteAnswer ReadExecuted(const std::string& sent, const HttpResult& result, const KyivTime& kyiv) {
  const RequestIdentity asked = ReadRequestIdentity(sent);
  ReceiptAnswer read = ReadReceiptAnswer(result.body, kyiv, result.end_time);
  Heard heard = HeardOf(result, read.envelope);
  heard.task = asked.task.value_or(-1);
  heard.echo_differs = EchoDiffers(asked, read.facts);
  heard.names_receipt =
      (heard.task == kTaskSale || heard.task == kTaskReturn) && !read.facts.fiscal_number.empty();
  const Verdict verdict = Judge(heard);
  ExecuteAnswer answer;
  answer.ending = verdict.ending;
  answer.reason = verdict.reason;
  if (verdict.ending != domain::SendEnding::kDone) {
    answer.message = MessageFor(verdict.why, result, read.envelope);
  }
  answer.upstream = UpstreamOf(result, read.envelope);
  answer.facts = std::move(read.facts);
  answer.retry_after = ParseRetryAfter(result.retry_after, result.end_time);
  answer.alarm = verdict.alarm;
  answer.never_park = verdict.never_park;
  answer.confirm_by_status = verdict.confirm_by_status;
  if (result.outcome == HttpOutcome::kAnswered) {
    answer.res = read.envelope.res;
    answer.res_action = read.envelope.res_action;
  }
  return answer;
}

StatusAnswer ReadStatus(const HttpResult& result, const KyivTime& kyiv) {
  StatusReading read = ReadStatusAnswer(result.body, kyiv, result.end_time);
  Heard heard = HeardOf(result, read.envelope);
  heard.task = kTaskStatus;
  const Verdict verdict = Judge(heard);
  StatusAnswer answer;
  answer.outcome = StatusOutcomeFor(result, read.envelope, read.status.has_value(), verdict);
  answer.upstream = UpstreamOf(result, read.envelope);
  answer.retry_after = ParseRetryAfter(result.retry_after, result.end_time);
  answer.never_park = verdict.never_park;
  answer.same_tag_next = verdict.ending == domain::SendEnding::kDoubtSameTagNext;
  if (answer.outcome == StatusOutcome::kAnswered) {
    answer.status = std::move(read.status);
    return answer;
  }
  answer.reason = ReasonOfTrouble(answer.outcome, result, verdict);
  // An answer that says done and holds no status: the table has no words for it.
  const bool empty = verdict.ending == domain::SendEnding::kDone;
  answer.message = MessageFor(empty ? "the answer holds no status" : verdict.why, result, read.envelope);
  return answer;
}

ReportAnswer ReadReport(const HttpResult& result) {
  ReportReading read = ReadReportAnswer(result.body);
  Heard heard = HeardOf(result, read.envelope);
  heard.task = kTaskXReport;
  heard.echo_differs = read.other_task;
  const Verdict verdict = Judge(heard);
  ReportAnswer answer;
  answer.outcome = StatusOutcomeFor(result, read.envelope, read.report.has_value(), verdict);
  answer.upstream = UpstreamOf(result, read.envelope);
  answer.retry_after = ParseRetryAfter(result.retry_after, result.end_time);
  answer.same_tag_next = verdict.ending == domain::SendEnding::kDoubtSameTagNext;
  if (answer.outcome == StatusOutcome::kAnswered) {
    answer.report = std::move(read.report);
    return answer;
  }
  answer.reason = ReasonOfTrouble(answer.outcome, result, verdict);
  // An answer that says done and holds no report: the table has no words for it.
  const bool empty = verdict.ending == domain::SendEnding::kDone;
  answer.message = MessageFor(empty ? "the answer holds no report" : verdict.why, result, read.envelope);
  return answer;
}

CheckTaskAnswer ReadCheckTask(const HttpResult& result) {
  CheckTaskAnswer answer;
  if (result.outcome == HttpOutcome::kAnswered && result.status == 200) {
    answer.facts = ReadTaskAnswer(result.body);
  }
  return answer;
}

}  // namespace kasa::vchasno
