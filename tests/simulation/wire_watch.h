#ifndef KASA_TESTS_SIMULATION_WIRE_WATCH_H_
#define KASA_TESTS_SIMULATION_WIRE_WATCH_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/integration.h"
#include "server/vchasno/transport.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/status_watch.h"
#include "tests/simulation/trace.h"

namespace kasa::simulation {

// Watches what a gateway sends, and holds it against the rules (architecture.md, rules 2 to 4, 8, 10 and 11).
// What it knows is what went over the wire and what the register's model really did. Of the gateway it takes
// only what that has written down: proofs it claims to have, and what it can still know after a crash.
class WireWatch {
 public:
  WireWatch(Timeline& timeline, Cloud& cloud, Trace& trace, absl::Duration hold_time);

  // Whether a receipt of that tag may be there, or come yet, by what was sent and how it was answered.
  bool MayHaveMade(const std::string& tag) const;

  // What the integration of that register claims.
  void SetClaim(size_t at_register, domain::TagMemory claim) { wires_[at_register].claim = claim; }
  void SetActive(size_t at_register, bool active);
  // Somebody besides the lane asks the register for its status, or does not any more.
  void OthersAsk(size_t at_register, bool ask) { wires_[at_register].others_asking += ask ? 1 : -1; }
  // Nothing may be sent there: the store was restored and not adopted.
  void SetPaused(bool paused) { paused_ = paused; }

  // A gateway process is gone, with what it had in flight and what it knew of the registers.
  void ProcessGone();
  // Whether the gateway has stored that a register asked for the tag again, and has not judged it since:
  // asked before the first request after a start. An answer that was cut off before it was stored is not
  // known to the new process: what it asked for is a doubt like any other then, and what it freed waits
  // still.
  std::function<bool(const std::string& tag)> asked_again_is_stored;
  // Nothing is left to be sent under the tag.
  void ForgetBinding(const std::string& tag);

  // The gateway's store is not the one that it was: what registers wait for, it can't know.
  void StoreWasPutBack();
  // It paused itself, because a history is lost: it forgets what registers wait for then.
  void StoreWasPaused();
  // The gateway's store does not know that anything was sent under the tag, and is not to.
  void Forget(const std::string& tag);

  // A request of the process leaves. A number for Returned().
  int64_t Left(const vchasno::HttpRequest& request);
  void Returned(int64_t number, const Cloud::Reply& reply);

  // An operator is about to say that the tag's receipt does not exist: the gateway may act upon it before it
  // answers. Until ResolvedAbsent(), or until it is known that he was not believed.
  void WordUnderWay(const std::string& tag) { words_under_way_.insert(tag); }
  void WordIsOver(const std::string& tag) { words_under_way_.erase(tag); }
  // An operator said that the tag's receipt does not exist, and was believed.
  void ResolvedAbsent(const std::string& tag);

  // Whether the mark and the bytes of an execute request are on the disk, synced: asked when it leaves.
  std::function<bool(const std::string& tag, const std::string& body)> is_marked;

  // Whether a sale or a return is what was accepted of its document (accepted_content.h).
  std::function<bool(const TaskRequest& request, const std::string& body)> is_as_accepted;

  // What the gateway has stored about the document of a tag, at this moment.
  struct Told {
    // It takes it for proven that no earlier send of the tag made anything. It had better be true.
    bool not_in_doubt = false;
    bool in_doubt = false;  // neither: the store has none, or can't be read
    bool has_receipt = false;
    bool parked = false;
    int looks = 0;  // for it, so far
    bool last_look_proved_absence = false;
  };
  std::function<Told(const std::string& tag)> told;
  // Whether anything is in doubt on that register, so far as the gateway knows: a restored store doubts what
  // it has never sent.
  std::function<bool(size_t at_register)> any_in_doubt;

  // Counts how execute requests were answered.
  Coverage* coverage = nullptr;

  int64_t executes() const { return executes_; }
  int64_t repeats() const { return repeats_; }

 private:
  struct Sent {
    absl::Duration start;
    int closings = 0;  // of the register's shift, so far
    std::string body;
    std::optional<Cloud::Judged> judged;  // nothing: no answer yet, or never
    bool explained = false;               // by an operator
    int looks = 0;                        // before it: what those proved is void
    bool of_lost_history = false;         // which may have corrected it since
  };
  struct Wire {
    explicit Wire(const std::string& register_number) : statuses(register_number) {}

    StatusWatch statuses;
    int others_asking = 0;
    domain::TagMemory claim = domain::TagMemory::kUnproven;
    bool active = true;
    absl::Duration inactive_since;
    int in_flight = 0;
    std::string bound_to;                   // the tag that must be next
    std::string bound_token;                // the token of the request that it was an answer to
    bool bound_in_vain = false;             // the gateway lost that answer in a crash
    std::string freed;                      // what it was bound to before its last answer
    int answered_alike = 0;                 // that tag, in whole, and it was not asked for again
    bool shift_closed = false;              // that tag was answered "shift closed" meanwhile
    std::set<std::string> verified_tokens;  // by this process
    std::set<std::string> known_tokens;     // under which the register has told its name
    std::map<std::string, std::vector<Sent>> sent;
  };
  struct Flight {
    size_t at = 0;
    std::string tag;
    int task = -1;
    bool execute = false;
    std::string token;
    size_t place = 0;  // in sent[tag]
  };

  std::optional<size_t> RegisterOf(const std::string& token) const;
  Told ToldOf(const std::string& tag) const { return told ? told(tag) : Told(); }
  static std::vector<Wire> WiresOf(Cloud& cloud);
  void LearnBindings();
  void CheckBinding(size_t at, const TaskRequest& request, const std::string& token);
  // Whether the gateway has written down, since the last send of it, that nothing was made under the tag.
  bool HasProofOfAbsence(size_t at, const std::string& tag);
  void CheckRepeat(size_t at, const TaskRequest& request, const std::string& body);
  void CheckFirst(size_t at, const TaskRequest& request);
  void StatusReturned(const Flight& flight, const Cloud::Reply& reply);

  Timeline& timeline_;
  Cloud& cloud_;
  Trace& trace_;
  const absl::Duration hold_time_;
  std::vector<Wire> wires_;
  std::set<std::string> words_under_way_;  // by tag
  std::map<int64_t, Flight> flights_;
  int64_t last_number_ = 0;
  bool paused_ = false;
  bool bindings_known_ = true;  // to this process
  int64_t executes_ = 0;
  int64_t repeats_ = 0;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_WIRE_WATCH_H_
