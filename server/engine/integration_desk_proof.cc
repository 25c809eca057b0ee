#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/catalogue.h"
#include "server/domain/tag_memory_proof.h"
#include "server/engine/integration_desk_impl.h"
#include "server/vchasno/request.h"

// How long a test register remembers a tag: tried out with test receipts, through its lane.
namespace kasa::engine {

using domain::ProofAnswer;
using domain::Repeat;
using domain::SendEnding;
using domain::TagMemory;
using domain::TagMemoryProof;
using vchasno::ExecuteAnswer;

namespace {

// VAT 20 %: where nothing is mapped yet, the group that most accounts have.
constexpr int kCommonestTaxGroup = 1;

absl::Status Refused(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Unavailable(Reason reason, absl::string_view message, absl::Duration retry) {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, reason, message), retry);
}

// Answers after which surely no receipt was made, and which have a cure of their own: no result, an error.
absl::Status ErrorOf(const ExecuteAnswer& answer) {
  switch (answer.ending) {
    case SendEnding::kNeverSent:
      return Unavailable(Reason::kRegisterUnreachable, answer.message, absl::Seconds(10));
    case SendEnding::kThrottled:
      return Unavailable(Reason::kRegisterBusy, answer.message,
                         answer.retry_after.value_or(absl::Seconds(10)));
    case SendEnding::kTokenRefused:
    case SendEnding::kRefusedDocument:
    case SendEnding::kRefusedRegister:
    case SendEnding::kShiftClosed:
    case SendEnding::kUnknownRefusal:
      return Refused(answer.reason, absl::StrCat("the register refused the test receipt: ", answer.message));
    case SendEnding::kDone:
    case SendEnding::kDoubt:
    case SendEnding::kDoubtSameTagNext:
      break;
  }
  return absl::OkStatus();
}

bool IsPlain(int tax_group) {
  return !domain::IsExciseTaxGroup(tax_group);
}

ProofAnswer AsProofAnswer(const ExecuteAnswer& answer) {
  return {.ending = answer.ending, .message = answer.message, .facts = answer.facts};
}

}  // namespace

Task<absl::Status> IntegrationDesk::Impl::IsATestRegister(RegisterWires::Wire& wire,
                                                          const store::IntegrationRecord& record) {
  const domain::PinnedRegister& pinned = *record.integration.pinned_register;
  const absl::StatusOr<vchasno::StatusAnswer> answer =
      co_await Ask(wire, record.token, record.integration.id, pinned.fiscal_number);
  if (!answer.ok()) co_return answer.status();
  switch (answer->outcome) {
    case vchasno::StatusOutcome::kTokenRefused:
      co_return Refused(Reason::kTokenRefused, answer->message);
    case vchasno::StatusOutcome::kUnreachable:
    case vchasno::StatusOutcome::kUnreadable:
      co_return Unavailable(Reason::kRegisterUnreachable, answer->message, absl::Seconds(10));
    case vchasno::StatusOutcome::kRefused:
      co_return Refused(answer->reason, answer->message);
    case vchasno::StatusOutcome::kAnswered:
      break;
  }
  if (!answer->status) {
    co_return Unavailable(Reason::kRegisterUnreachable, "the answer holds no status", absl::Seconds(10));
  }
  if (const auto objection = domain::ObjectionTo(*answer->status, pinned)) {
    co_return Refused(Reason::kRegisterMismatch, *objection);
  }
  // An operator's word is not enough here: what follows would be a real receipt if it were wrong.
  if (answer->status->mode != domain::RegisterMode::kTest) {
    co_return Refused(Reason::kNotATestRegister,
                      "the register's status does not say that it is a test register");
  }
  if (const auto hindrance = domain::ReasonNotToWork(*answer->status)) {
    co_return Refused(*hindrance, InfoOf(*hindrance).remedy);
  }
  co_return absl::OkStatus();
}

absl::StatusOr<int> IntegrationDesk::Impl::TaxGroupForProof(const std::string& integration_id) {
  const absl::StatusOr<domain::Experience> experience = store_.integrations().GetExperience(integration_id);
  if (!experience.ok()) return experience.status();
  for (const auto& [group, state] : experience->tax_groups) {
    if (state == domain::CodeState::kConfirmed && IsPlain(group)) return group;
  }
  const absl::StatusOr<domain::Mapping> mapping = store_.integrations().GetMapping(integration_id);
  if (!mapping.ok()) return mapping.status();
  for (const auto& [tax, group] : mapping->tax_groups) {
    if (IsPlain(group)) return group;
  }
  return kCommonestTaxGroup;
}

// One proof on its way: what is repeated, and what was found so far.
class IntegrationDesk::Impl::Proof {
 public:
  Proof(Impl& desk, RegisterWires::Wire& wire, const store::IntegrationRecord& record, int tax_group)
      : desk_(desk),
        wire_(wire),
        record_(record),
        number_(absl::ToUnixMicros(desk.clock_.Now())),
        receipt_(domain::ProofReceipt(tax_group, record.integration.cashier_name)) {
    const std::string& fiscal_number = record_.integration.pinned_register->fiscal_number;
    request_.integration_id = record_.integration.id;
    request_.register_fiscal_number = fiscal_number;
    request_.kind = store::ExchangeKind::kReceipt;
    request_.tag = domain::ProofTagFor(desk_.installation_, fiscal_number, number_);
    request_.body = vchasno::EncodeReceipt(receipt_, request_.tag, domain::Buyer());
    expected_ = {.tag = request_.tag,
                 .task = vchasno::kTaskSale,
                 .register_fiscal_number = fiscal_number,
                 .mode = domain::RegisterMode::kTest,
                 .due = receipt_.due};
  }

  // The receipt that is to come back. An error when surely none was made; false when it is not clear.
  Task<absl::StatusOr<bool>> MakeFirst() {
    absl::StatusOr<ExecuteAnswer> answer = co_await desk_.SendProof(wire_, record_.token, request_);
    if (answer.ok() && answer->ending == SendEnding::kShiftClosed) {
      const absl::StatusOr<ExecuteAnswer> opened = co_await desk_.OpenShiftForProof(wire_, record_);
      if (!opened.ok()) co_return opened.status();
      Find(absl::StrCat("the shift was closed; opening it: ", NameOf(opened->ending)));
      // The register waits for the opening, or may be at work on it: nothing else goes out now. The lane
      // sends it before the next document.
      const bool unclear =
          opened->ending == SendEnding::kDoubtSameTagNext || opened->ending == SendEnding::kDoubt;
      if (unclear) co_return false;
      // The first request was refused and made nothing: the same tag is as good as new.
      answer = co_await desk_.SendProof(wire_, record_.token, request_);
    }
    if (!answer.ok()) co_return answer.status();
    const absl::Status error = ErrorOf(*answer);
    if (!error.ok()) co_return error;
    first_ = AsProofAnswer(*answer);
    if (const auto objection = domain::ObjectionToFirst(first_, expected_)) {
      Find(absl::StrCat("a test receipt of 1.00 was sent under tag ", request_.tag, ": ", *objection));
      co_return false;
    }
    Find(absl::StrCat("a test receipt of 1.00 was sent under tag ", request_.tag, ": made as ",
                      first_.facts.fiscal_number));
    co_return true;
  }

  // The same tag and bytes once more.
  Task<absl::StatusOr<Repeat>> SendAgain() {
    const absl::StatusOr<ExecuteAnswer> answer = co_await desk_.SendProof(wire_, record_.token, request_);
    if (!answer.ok()) co_return answer.status();
    ProofAnswer again = AsProofAnswer(*answer);
    if (again.ending == SendEnding::kDone && !again.facts.fiscal_number.empty()) {
      Callback<vchasno::CheckTaskAnswer> checking(desk_.executor_, [&](auto done) {
        desk_.client_.CheckTask(record_.token, again.facts.fiscal_number, std::nullopt, std::move(done));
      });
      const vchasno::CheckTaskAnswer checked = co_await checking;
      again.task = checked.facts;
      Callback<absl::StatusOr<int64_t>> recording(desk_.executor_, [&](auto done) {
        desk_.store_.sends().RecordExchange(LookUp(checked), std::move(done));
      });
      const absl::StatusOr<int64_t> recorded = co_await recording;
      if (!recorded.ok()) co_return recorded.status();
    }
    domain::RepeatFinding finding = domain::JudgeRepeat(first_, again, expected_, receipt_.sum);
    Find(std::move(finding.words));
    co_return finding.repeat;
  }

  // Closes the shift and opens the next one. False, with why, when that did not succeed.
  Task<absl::StatusOr<bool>> ChangeShift() {
    store::ProofRequest closing = request_;
    closing.kind = store::ExchangeKind::kReport;
    closing.tag = domain::ProofTagFor(desk_.installation_, request_.register_fiscal_number, number_ + 1);
    closing.body = vchasno::EncodeShiftClosing(closing.tag, record_.integration.cashier_name);
    const absl::StatusOr<ExecuteAnswer> closed = co_await desk_.SendProof(wire_, record_.token, closing);
    if (!closed.ok()) co_return closed.status();
    if (closed->ending != SendEnding::kDone) {
      Find(absl::StrCat("the shift could not be closed: ", closed->message));
      co_return false;
    }
    const absl::StatusOr<vchasno::StatusAnswer> status =
        co_await desk_.Ask(wire_, record_.token, request_.integration_id, request_.register_fiscal_number);
    if (!status.ok()) co_return status.status();
    if (!status->status || status->status->shift != domain::ShiftStatus::kClosed) {
      Find("the shift was closed with a Z-report, but the register's status does not say that it is closed");
      co_return false;
    }
    const absl::StatusOr<ExecuteAnswer> opened = co_await desk_.OpenShiftForProof(wire_, record_);
    if (!opened.ok()) co_return opened.status();
    if (opened->ending != SendEnding::kDone) {
      Find(absl::StrCat("the shift was closed, and the next one could not be opened: ", opened->message));
      co_return false;
    }
    Find("the shift was closed with a Z-report and the next one opened");
    co_return true;
  }

  TagMemoryProof Conclude(std::optional<Repeat> same_shift, std::optional<Repeat> next_shift) && {
    return {.tag_memory = domain::ProvenBy(same_shift, next_shift),
            // As precise as it is kept, so that the answer is what is read later.
            .prove_time = absl::FromUnixMicros(absl::ToUnixMicros(desk_.clock_.Now())),
            .register_fiscal_number = request_.register_fiscal_number,
            .findings = std::move(findings_)};
  }

 private:
  void Find(std::string words) { findings_.push_back(std::move(words)); }

  store::Exchange LookUp(const vchasno::CheckTaskAnswer& checked) const {
    return {.integration_id = request_.integration_id,
            .register_fiscal_number = request_.register_fiscal_number,
            .kind = store::ExchangeKind::kCheckTask,
            .tag = request_.tag,
            .request = checked.wire.request,
            .start_time = checked.wire.start_time,
            .end_time = checked.wire.end_time,
            .http_status = checked.wire.http_status,
            .answer = checked.wire.answer,
            .outcome = checked.facts.answered ? "answered" : "says nothing"};
  }

  Impl& desk_;
  RegisterWires::Wire& wire_;
  const store::IntegrationRecord& record_;
  const int64_t number_;
  const domain::PricedReceipt receipt_;
  store::ProofRequest request_;
  domain::ExpectedReceipt expected_;
  ProofAnswer first_;
  std::vector<std::string> findings_;
};

Task<absl::StatusOr<TagMemoryProof>> IntegrationDesk::Impl::ProveTagMemory(ProveTagMemoryCall call) {
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(call.integration_id);
  if (!record.ok()) co_return record.status();
  const absl::Status live = RefuseArchived(record->integration);
  if (!live.ok()) co_return live;
  if (record->token.empty()) co_return Refused(Reason::kTokenMissing, "the integration has no token");
  const auto& pinned = record->integration.pinned_register;
  if (!pinned) co_return Refused(Reason::kRegisterUnknown, "the integration's register is not known yet");
  if (pinned->mode != domain::RegisterMode::kTest) {
    co_return Refused(Reason::kNotATestRegister,
                      absl::StrCat("register ", pinned->fiscal_number, " issues real receipts"));
  }
  const absl::Status paused = lanes_.RefusePaused(pinned->fiscal_number);
  if (!paused.ok()) co_return paused;
  const Wire wire = wires_.TryTake(pinned, record->token);
  if (!wire) {
    co_return Unavailable(
        Reason::kRegisterBusy,
        "the register is at work, wants to be left alone, or a doubt is being settled with it, and was not "
        "disturbed",
        absl::Seconds(5));
  }
  const absl::Status is_test = co_await IsATestRegister(*wire, *record);
  if (!is_test.ok()) co_return is_test;
  const absl::StatusOr<int> tax_group = TaxGroupForProof(call.integration_id);
  if (!tax_group.ok()) co_return tax_group.status();

  // From here on the register's shift may be another one than the lane knows.
  wire->SetRegisterChanged();
  Proof proof(*this, *wire, *record, *tax_group);
  std::optional<Repeat> same_shift;
  std::optional<Repeat> next_shift;
  const absl::StatusOr<bool> made = co_await proof.MakeFirst();
  if (!made.ok()) co_return made.status();
  if (*made) {
    const absl::StatusOr<Repeat> again = co_await proof.SendAgain();
    if (!again.ok()) co_return again.status();
    same_shift = *again;
  }
  if (same_shift == Repeat::kSameReceipt && call.tag_memory == TagMemory::kForever && call.close_shift) {
    const absl::StatusOr<bool> changed = co_await proof.ChangeShift();
    if (!changed.ok()) co_return changed.status();
    if (*changed) {
      const absl::StatusOr<Repeat> again = co_await proof.SendAgain();
      if (!again.ok()) co_return again.status();
      next_shift = *again;
    }
  }
  TagMemoryProof result = std::move(proof).Conclude(same_shift, next_shift);
  Callback<absl::StatusOr<bool>> keeping(executor_, [&](auto done) {
    store_.integrations().RecordTagMemoryProof(call.integration_id, result, std::move(done));
  });
  const absl::StatusOr<bool> kept = co_await keeping;
  if (!kept.ok()) co_return kept.status();
  co_return result;
}

}  // namespace kasa::engine
