#ifndef KASA_SERVER_VCHASNO_CLIENT_H_
#define KASA_SERVER_VCHASNO_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/reason.h"
#include "common/secret.h"
#include "server/domain/adoption.h"
#include "server/domain/failure.h"
#include "server/domain/listing.h"
#include "server/domain/register_status.h"
#include "server/domain/send_permit.h"
#include "server/domain/sending.h"
#include "server/domain/state_machine.h"
#include "server/domain/totals.h"

// The Vchasno.Kasa cloud as the engine sees it: a few calls, each one HTTP request and never more.
namespace kasa::vchasno {

// What went over the wire, for the audit. Never holds the token.
struct WireRecord {
  absl::Time start_time;
  absl::Time end_time;
  int http_status = 0;  // 0: no HTTP answer
  std::string request;  // the body, or method and path of a GET
  std::string answer;   // the body as far as it came, cut to the bound
  std::string trouble;  // the library's words when there was no whole answer, for the log: "Recv failure"
  // It left, and no whole answer of the service came: the other side may be at work on it still.
  bool may_be_at_work = false;
};

// How a request to execute a task ended, as the answer table reads it (answer_table.h). kDone says that the
// register says done; whether `facts` prove our receipt is for domain::ObjectionTo to say.
struct ExecuteAnswer {
  WireRecord wire;
  domain::SendEnding ending = domain::SendEnding::kDoubt;
  Reason reason = Reason::kAnswerLost;        // when not kDone
  std::string message;                        // for a person, when not kDone
  std::optional<domain::Upstream> upstream;   // when there was an HTTP answer
  domain::ReceiptFacts facts;                 // as far as told; meaningful with kDone
  std::optional<absl::Duration> retry_after;  // Retry-After of any status, 503's too
  bool alarm = false;                         // our own fault by the answer table: a person must look
  bool never_park = false;                    // res_action 1 or 2, or code 1073 to 1075, whatever the ending
  bool confirm_by_status = false;             // 2007, 2008: holds only if the register's status agrees
  // Raw code and action, for rules that count repeated refusals.
  std::optional<int64_t> res;
  std::optional<int64_t> res_action;
};

// How asking for the register's status ended: three troubles that a person cures in three ways (product.md,
// point 4).
enum class StatusOutcome {
  kAnswered = 1,  // `status` is set
  kTokenRefused,  // HTTP 401 or 403, or a code that says so
  kUnreachable,   // no connection, no answer in time, or a broken one
  kRefused,       // the register answered with an error: see reason and upstream
  kUnreadable,    // an answer that is no status
};

absl::string_view NameOf(StatusOutcome outcome);  // "ANSWERED"

struct StatusAnswer {
  WireRecord wire;
  StatusOutcome outcome = StatusOutcome::kUnreachable;
  std::optional<domain::RegisterStatus> status;
  Reason reason = Reason::kRegisterUnreachable;  // when not kAnswered
  std::string message;
  std::optional<domain::Upstream> upstream;
  std::optional<absl::Duration> retry_after;  // Retry-After of any HTTP status
  bool never_park = false;                    // as in ExecuteAnswer
  bool same_tag_next = false;                 // res_action 1 or 2: the request before it is to be repeated
};

struct CheckTaskAnswer {
  WireRecord wire;
  domain::TaskFacts facts;
};

// How asking for a page of a listing ended. What a page told is in `page`; unless kRead its gap says why
// there is none.
enum class ListingOutcome {
  kRead = 1,     // a page that could be read, perhaps with rows that could not
  kNotThere,     // HTTP 4xx but the next: no such listing, no such page, or no such shift
  kRefused,      // another refusal: the token's (401, 403), 429, an error in the answer
  kNotAnswered,  // no whole answer, or a status of trouble (5xx)
  kUnreadable,   // an answer that is no listing
};

absl::string_view NameOf(ListingOutcome outcome);  // "READ"

template <typename Page>
struct ListingAnswer {
  WireRecord wire;
  ListingOutcome outcome = ListingOutcome::kNotAnswered;
  Page page;
  std::optional<absl::Duration> retry_after;
};

using ShiftsAnswer = ListingAnswer<domain::ShiftPage>;
using ChecksAnswer = ListingAnswer<domain::ReceiptPage>;

// How many rows a page of a listing is asked to have. Whether the cloud keeps to it is not known.
inline constexpr int kListingPageSize = 100;

// How asking for an X-report ended; as StatusAnswer, with the report in the status's place.
struct ReportAnswer {
  WireRecord wire;
  StatusOutcome outcome = StatusOutcome::kUnreachable;
  std::optional<domain::RegisterReport> report;
  Reason reason = Reason::kRegisterUnreachable;  // when not kAnswered
  std::string message;
  std::optional<domain::Upstream> upstream;
  std::optional<absl::Duration> retry_after;
  bool same_tag_next = false;
};

// A command to send a receipt to a customer.
struct SendReceiptCommand {
  std::string fiscal_number;
  domain::SendingChannel channel = domain::SendingChannel::kSms;
  std::string recipient;  // never logged; in no WireRecord but masked
};

// How such a command ended. kTaken: Vchasno.Kasa answered with a status of success and nothing in the answer
// says otherwise. kRefused: it said no, or surely never got it. kUnknown: everything else.
struct SendReceiptAnswer {
  WireRecord wire;  // the recipient is masked in request and answer
  domain::SendingOutcome outcome = domain::SendingOutcome::kUnknown;
  std::optional<Reason> reason;  // unless kTaken
  std::string message;           // what was answered, for a person; the recipient is masked
};

// What a receipt's public page says as data.
struct ReceiptPageAnswer {
  WireRecord wire;
  bool answered = false;  // a page came that can be read
  std::string sts_url;    // the tax service's page of the receipt; empty: the page names none
};

template <typename T>
using Done = absl::AnyInvocable<void(T) &&>;

// One request a call. Callbacks come on the transport's thread, exactly once, and must not block.
// Thread-safe. The token goes into the Authorization header and nowhere else.
class Client {
 public:
  virtual ~Client() = default;

  // Posts the permit's bytes, which are a receipt or a shift opening. Consumes the permit: whatever happens,
  // these bytes go out at most once for it.
  virtual void Execute(domain::SendPermit permit, const Secret& token, Done<ExecuteAnswer> done) = 0;

  // Asks for the register's status (task 18).
  virtual void AskStatus(const Secret& token, Done<StatusAnswer> done) = 0;

  // Asks what the receipt of that fiscal number was made from; for at most `timeout`, where it is to be
  // shorter than any request's.
  virtual void CheckTask(const Secret& token, const std::string& fiscal_number,
                         std::optional<absl::Duration> timeout, Done<CheckTaskAnswer> done) = 0;

  // Reads one page, 1 the first, of the register's shifts, or of the documents of one shift: GETs, which
  // change nothing.
  virtual void ListShifts(const Secret& token, int page, Done<ShiftsAnswer> done) = 0;
  virtual void ListChecks(const Secret& token, const std::string& shift_id, int page,
                          Done<ChecksAnswer> done) = 0;

  // Asks for an X-report (task 10), which changes nothing and goes nowhere. Sent without a tag, so that the
  // register is never bound to repeat it.
  virtual void AskReport(const Secret& token, Done<ReportAnswer> done) = 0;

  // Commands Vchasno.Kasa to send a receipt to a customer. One POST for each call, never repeated; that it
  // was not commanded before is for the caller to know.
  virtual void SendReceipt(const Secret& token, SendReceiptCommand command, Done<SendReceiptAnswer> done) = 0;

  // Reads a receipt's public page, without any token, for at most `timeout`.
  virtual void ReadReceiptPage(const std::string& fiscal_number, absl::Duration timeout,
                               Done<ReceiptPageAnswer> done) = 0;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_CLIENT_H_
