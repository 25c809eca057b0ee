#ifndef KASA_SERVER_ENGINE_LANE_H_
#define KASA_SERVER_ENGINE_LANE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "server/domain/adoption.h"
#include "server/domain/experience.h"
#include "server/domain/known_shift.h"
#include "server/domain/opening_word.h"
#include "server/domain/refusals_alike.h"
#include "server/domain/resend.h"
#include "server/domain/tag.h"
#include "server/domain/waiting.h"
#include "server/engine/executor.h"
#include "server/engine/hold_timer.h"
#include "server/engine/lane_display.h"
#include "server/engine/lane_hold.h"
#include "server/engine/lane_view.h"
#include "server/engine/looks.h"
#include "server/engine/outcome_board.h"
#include "server/engine/paused_registers.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What lanes need from the world. Everything must outlive them.
struct LaneWorld {
  store::Store& store;
  vchasno::Client& client;
  Executor& executor;  // one thread: all lanes run on it
  const Clock& clock;
  const KyivTime& kyiv;
  OutcomeBoard& board;
  const PausedRegisters& paused;
  // Told when looking into a register showed that the store lost a part of its history, and was paused.
  std::function<void(const std::string& register_fiscal_number)> lost_history_seen;
  Logger& logger;
  domain::InstallationId installation;
  Settings settings;
  std::function<double()> random;  // in [0, 1), for jitter
  // The wall clock's time at the monotonic one's zero, as it was when this process began: somebody may have
  // set the wall clock since.
  absl::Time monotonic_zero;
  // Since when (monotonic) nothing but what the lanes sent was on the wire: since this process has the store,
  // or since that was paused or adopted.
  absl::Duration quiet_since;
};

// The queue of one register: first in first out, one request in flight (architecture.md, rule 4).
//
//            +--------- nothing queued: waits for Kick()
//            v
//   look at the head --ACCEPTED--> date over? --yes--> FAILED
//            ^                        | no
//            |                        v
//            |   verified register, open shift? --no--> ask status / open shift --trouble--> paused, probe
//            later |                        | yes |                        v |        mark SENDING, send
//            once, rule on the ending (domain/state_machine.h), store it |                        |
//            +---- next / pause / open shift / back off
//            |
//            +--IN_DOUBT--> hold time, tag memory (domain/resend.h) --covered--> mark, send the same tag and
//            bytes
//                                                           \--not covered--> waits for a person, says so
//
// Arguments of coroutines are named locals or references to them: gcc 12 destroys temporaries of aggregates
// in co_await expressions twice.
//
// One coroutine, on the executor's thread; only View() may be called from elsewhere.
class Lane {
 public:
  Lane(std::string register_fiscal_number, const LaneWorld& world);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void Start();

  // A document was queued.
  void WorkQueued();

  // The integration, its token or its mapping changed, or an operator spoke: what rests tries again at once.
  void Changed();

  // The store was paused: nothing that is known of the register is relied on from now on.
  void StorePaused();

  // It goes on: an operator has adopted the store, or this register of it.
  void StoreAdopted();

  // The wire, when the lane is not at work; nothing otherwise.
  std::unique_ptr<LaneHold> TryHold();

  // Starts no new request; what is in flight is finished and stored.
  void Drain();

  // Whether no request is in flight and no outcome waits to be stored.
  bool Idle() const { return !at_work_; }

  // How long an operator must still wait before resolving this doubt.
  absl::Duration HoldTimeLeftOf(const std::string& fiscalization_id) const;

  LaneView View() const { return display_.View(); }  // thread-safe

  // Looks into the register's listings for what is in doubt on it. Executor's thread only.
  Looks& looks() { return looks_; }

 private:
  // A time in which nothing is sent, and why.
  struct Rest {
    Reason reason = Reason::kInternal;
    absl::Duration until;  // monotonic
  };
  // How a send ended once more than the bare answer was looked at.
  struct Verdict {
    domain::SendEnding ending = domain::SendEnding::kDoubt;
    domain::Failure failure;  // when not kDone
  };

  // lane.cc: the loop.
  Task<void> Run();
  Task<void> ServeHead(const store::LaneHead& head);
  Task<void> ServeAccepted(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<void> FailThoseWhoseDayIsOver();
  // Whether the store waits to be adopted: nothing goes to the register then (architecture.md, rule 11).
  bool IsPaused() const;
  // What is known of the register since the start is not relied on: it is asked again.
  void ForgetRegister();
  // True when it does not wait any more, or is to be looked at again; false when the store did not take it.
  Task<bool> FailUnsent(const domain::Fiscalization& unsent, const domain::Failure& failure);
  // Rests as the table of waits has it (domain/waiting.h), and tells the document that waits. `asked` is a
  // Retry-After, or what is left of a window.
  Task<void> RestBecauseOf(const domain::Failure& why, const domain::Fiscalization& waiting,
                           domain::WaitCause cause, std::optional<absl::Duration> asked = std::nullopt);
  // The same, because the store does not take or give.
  Task<void> RestForStore(const absl::Status& trouble, const domain::Fiscalization& waiting);
  // What the service asked for before the gateway was started again is kept from then on: the first head
  // since the start tells it.
  void KeepRetryAfter(const domain::Fiscalization& head);
  absl::Duration UntilMidnight() const;
  // Until when (monotonic) nothing is asked of the register.
  absl::Duration RestsUntil() const;

  // lane_history.cc: a history of the register that the store lost (architecture.md, rule 11).
  // Whether the document has its receipt already, from a history that the store lost, under a tag that is not
  // being looked for: then it is in doubt under that one from now on, and is found by looking. True too when
  // that can't be told now, and then the lane rests.
  Task<bool> HasReceiptFromLostHistory(const domain::Fiscalization& unsettled,
                                       const store::IntegrationRecord& record);
  // The same, and nothing of the lane's rest. An error is the store's.
  Task<absl::StatusOr<bool>> DoubtLostReceipt(const domain::Fiscalization& unsettled,
                                              const store::IntegrationRecord& record);
  // Where the register's counters say that it went on without this store, looks what it issued: once a start.
  // True when it looked: what the head is by now has to be asked again.
  Task<bool> LookedForLostHistory(const store::IntegrationRecord& record);
  // Holds the first status since the start against the store's newest receipts.
  void CompareWithStore(const domain::RegisterStatus& status);

  // lane_send.cc: one marked send and its ruling.
  Task<void> Send(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<Verdict> Examine(const vchasno::ExecuteAnswer& answer, const store::MarkedSend& marked,
                        const store::IntegrationRecord& record);
  // lane_check.cc: what speaks against the receipt that the answer names, by check-task; nothing when it is
  // ours.
  enum class Burden {
    kNotContradicted = 1,  // of a re-send's answer: check-task must not contradict it
    kProvenOther,  // of a first send's, with a strange sum: our tag with other facts, or another's tag
    kProvenOurs,   // of a re-send's that is a refusal: our very tag, and nothing that disagrees
  };
  Task<std::optional<std::string>> ObjectionByCheckTask(const vchasno::ExecuteAnswer& answer,
                                                        const store::MarkedSend& marked,
                                                        const domain::ExpectedReceipt& expected,
                                                        const store::IntegrationRecord& record,
                                                        Burden burden);
  Task<domain::Fiscalization> Settle(store::Settlement& settlement);
  // One client's word for a closed shift is believed when the register's status does not say otherwise.
  Task<void> ConfirmShiftClosed(const vchasno::ExecuteAnswer& answer, const domain::Fiscalization& sent,
                                const store::IntegrationRecord& record, Verdict& verdict);
  void AlarmAboutOurFault(const vchasno::ExecuteAnswer& answer, const domain::Fiscalization& sent);
  // When the oldest unexplained send of the doubt was marked, by the wall clock as it is now: it may have
  // been set meanwhile.
  absl::Time FirstSendOf(const store::LaneHead& doubted) const;

  // lane_follow.cc: what follows a send.
  Task<void> Follow(domain::LaneStep step, const Verdict& verdict, const domain::Fiscalization& now,
                    const store::IntegrationRecord& record, const vchasno::ExecuteAnswer& answer);
  // Whether a refusal with an unknown code may be of its tag alone, which was refused in other words before:
  // "known already". True once for each tag: what is sent again then and refused alike is judged like any.
  bool MayBeOfTheTagAlone(domain::SendEnding ending, domain::SendOrder order,
                          const domain::Fiscalization& sent, const vchasno::ExecuteAnswer& answer);
  // `goes_out_again`: it is not failed yet, but sent once more, under this tag or the next.
  Task<void> JudgeUnknownRefusal(const Verdict& verdict, const domain::Fiscalization& now,
                                 const store::IntegrationRecord& record, bool goes_out_again);

  // lane_lessons.cc: what an answer that leads to `edge` teaches, as far as this lane does not know it yet.
  absl::StatusOr<std::vector<domain::Lesson>> LessonsOf(const vchasno::ExecuteAnswer& answer,
                                                        domain::Edge edge, const domain::Fiscalization& sent,
                                                        const domain::Integration& integration) const;
  void LearnFrom(const std::vector<domain::Lesson>& lessons, const std::string& integration_id);

  // lane_doubt.cc: settling the head's doubt.
  Task<void> ServeDoubt(const store::LaneHead& head, const store::IntegrationRecord& record);
  // What may follow a look for the head's doubt.
  enum class AfterLook {
    kSettled,   // it is not in doubt any more
    kMaySend,   // it was not looked for now, or the look is no objection to what the tag memory allows
    kIsAbsent,  // proven, so the same request again may be sent whatever the tag memory
    kNotAgain,  // something bears its tag: nothing is to be sent
  };
  Task<AfterLook> LookForHead(const store::LaneHead& head, const store::IntegrationRecord& record,
                              const std::optional<StatusRead>& status, bool hold_over);
  // Rests until the next look for the head's doubt, or for the longest back-off.
  Task<void> RestUntilLook(const domain::Failure& why, const domain::Fiscalization& doubted);
  // Whether the looks that are under way are to come to their end before it is sent once more, in vain so
  // far: each send makes them void, and starts the hold time anew for an operator's word.
  bool LookingGoesBeforeSending(const domain::Fiscalization& doubted) const;
  // Whether the shift may be closed before the register is surely done with what is sent now.
  bool ShiftMayClose(const domain::Integration& integration) const;
  // As the wall clock would have it, had nobody set it since the start.
  absl::Time NowByTheStart() const;
  // Whether what the lane knew at this time of the monotonic clock is too old to send upon: a shift may have
  // been closed since.
  bool IsLongAgo(absl::Duration known_at) const;
  // Takes the status that was read last, where it can still be of the shift that is open now.
  void UseLastStatus(const store::LaneHead& head, const store::IntegrationRecord& record,
                     domain::ResendQuestion& question) const;
  // Whether the token may be another register's: then the register has to be verified under it, whatever the
  // one of the token before asked for.
  bool TokenIsUnverified(const store::IntegrationRecord& record) const;
  // Tells who asks what is planned about the head's doubt.
  Task<void> TellPlan(const domain::Fiscalization& doubted, const domain::Failure& why, absl::Time next);
  domain::DoubtStep NextStepOf(const domain::Fiscalization& doubted, const domain::Failure& why) const;
  void AlarmAboutLongDoubt(const domain::Fiscalization& doubted);
  // Endless once the alarm was given.
  absl::Duration LeftUntilAlarm(const domain::Fiscalization& doubted) const;

  // With the earliest time that its first send may bear, where the wall clock was set since.
  store::LaneHead Dated(const store::LaneHead& doubted) const;

  // lane_park.cc: a doubt that leaves the lane (architecture.md, rule 4).
  // Remembers since when this doubt holds the lane, and from when on it is to leave it, if ever.
  void NoteHeld(const store::LaneHead& doubted, const domain::Integration& integration);
  bool ParkIsDue() const;
  // Parks what holds the lane when it still may be; true when it has left.
  Task<bool> Park(const store::LaneHead& doubted);
  // The same for whatever is at the head by now: what rests for longer than the window leaves during its
  // rest.
  Task<void> ParkDuringRest();
  // What holds the lane is not to be parked, ever: the register's status said so.
  Task<void> NoteNeverPark(const domain::Fiscalization& doubted, const domain::Failure& why);
  // Serves those that are parked, one after another, beside the lane.
  Task<void> RunParked();
  // Does what can be done about a parked doubt without sending; answers when to come again. Runs beside
  // Run(), so it touches nothing of the lane's own work.
  Task<absl::Duration> ServeParked(const store::LaneHead& parked);

  // lane_register.cc: whether the register can be worked with.
  // True when the register is verified under this token and its shift is open. Else it has done what it could
  // (asked, opened, rested), and the head is to be looked at again.
  Task<bool> RegisterIsReady(const domain::Fiscalization& head, const store::IntegrationRecord& record);
  // The status of the verified register; nothing when it can't be worked with: then the lane rests.
  Task<std::optional<domain::RegisterStatus>> Verify(const domain::Fiscalization& head,
                                                     const store::IntegrationRecord& record);
  // The register was asked, and told no status: why, and for how long nothing is asked of it.
  Task<void> RestWithoutStatus(const vchasno::StatusAnswer& answer, const domain::Fiscalization& head,
                               const store::IntegrationRecord& record);
  Task<vchasno::StatusAnswer> AskStatus(const domain::Fiscalization& head,
                                        const store::IntegrationRecord& record);
  Task<bool> ClockAgrees(const domain::Fiscalization& head, const store::IntegrationRecord& record,
                         domain::RegisterStatus status);
  // Asks the store for shift_opening_bound_ when it is not known.
  absl::Status KnowShiftOpening();
  Task<void> OpenShift(const domain::Fiscalization& head, const store::IntegrationRecord& record);
  void TakeBack(const LaneHold::Returned& returned);
  // Nothing is asked of the register for so long, whatever wakes the lane.
  void LeaveAlone(absl::Duration time);
  // For how long nothing is to be asked of the register after a status or an opening: until it surely is not
  // at work on it any more (one request in flight), or what it asked for itself.
  std::optional<absl::Duration> WaitAfter(bool may_be_at_work,
                                          std::optional<absl::Duration> retry_after) const;
  // Whether the document is to be sent, once, though the shift could not be opened: opening after opening was
  // refused, and the shift may open with a receipt, or be open. Where it is closed, that is a definite
  // refusal.
  bool MayTryUnopened(const domain::Fiscalization& head);
  // Sends the opening that the register waits for, once it is verified under a token that was changed since;
  // false when it waits for none.
  Task<bool> SendBoundOpening(const domain::Fiscalization& head, const store::IntegrationRecord& record);
  Task<void> NoteTokenRefused(const store::IntegrationRecord& record);
  Task<void> NoteTokenState(const store::IntegrationRecord& record,
                            domain::TokenState (*now_known)(domain::TokenState before));
  // Rests until the quiet window is over.
  Task<void> RestInQuietWindow(const domain::Fiscalization& head, absl::Duration left);
  // What is left of the quiet window; nothing outside of it.
  std::optional<absl::Duration> QuietTimeLeft(const domain::Integration& integration) const;

  const std::string register_;
  LaneWorld world_;
  WakeUp wake_;
  bool draining_ = false;
  bool held_ = false;     // a LaneHold is out
  bool at_work_ = false;  // on the head: a request is in flight, or its outcome is not stored yet
  bool head_in_doubt_ = false;

  const domain::Fiscalization nobody_;  // waits where no document does
  std::optional<Rest> rest_;
  int troubles_in_a_row_ = 0;
  absl::CivilDay swept_day_;

  // What is known of the register since this process started.
  std::optional<bool> went_on_without_store_;  // by its first status; nothing before that
  Secret verified_token_;                      // empty: not verified
  domain::KnownShift shift_;
  domain::OpeningWord opening_word_;
  // The register waits for the opening of its shift that it was sent last, and for no other request
  // (res_action 1 or 2). Nothing until the store was asked.
  std::optional<bool> shift_opening_bound_;
  int shift_refusals_in_a_row_ = 0;
  // The doubt that holds the lane: which one, since when in this process (monotonic), and from when on it is
  // to leave; nothing where it may not. The window starts anew with the process: a doubt is tried before it
  // is parked, however long the gateway was down.
  std::string held_id_;
  absl::Time held_doubt_;
  absl::Duration held_since_;
  std::optional<absl::Duration> park_due_;
  std::set<std::string> alarmed_parked_;

  // Until when (monotonic) nothing is asked of the register, by nobody: the service asked for that
  // (Retry-After), or the register may still be at work on the last question.
  absl::Duration asked_to_wait_until_;
  bool kept_retry_after_ = false;  // that of before the start

  // By the tag of what is in doubt, parked or not, when its first send was marked (monotonic).
  std::map<std::string, absl::Duration> first_sends_;

  // The register answered a status with res_action 1 or 2: it waits for the request before it.
  bool status_asks_for_same_tag_ = false;

  HoldTimer hold_;

  domain::RefusalsAlike refusals_alike_;
  std::string tried_unopened_;      // which was sent last though every opening of the shift is refused
  std::string opened_for_refused_;  // for which, refused unclearly, the shift was last opened to see
  std::string sent_again_to_see_;   // the tag that was last sent once more because it may be the matter

  // What receipts have taught of the integration that was served last, and is stored: codes that work.
  std::set<domain::Lesson> taught_;
  std::string taught_integration_;

  Looks looks_;

  std::string alarmed_about_;  // the doubt that was logged as an alarm

  LaneDisplay display_;

  WakeUp parked_wake_;

  Task<void> run_;  // last: they refer to all of the above
  Task<void> parked_run_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANE_H_
