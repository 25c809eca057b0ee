#ifndef KASA_SERVER_DOMAIN_RESEND_H_
#define KASA_SERVER_DOMAIN_RESEND_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/domain/integration.h"
#include "server/domain/register_status.h"

// When the same tag and bytes may be sent again (architecture.md, rule 3).
namespace kasa::domain {

// What is known when a doubt is to be settled by sending again.
struct ResendQuestion {
  TagMemory tag_memory = TagMemory::kSameShift;
  absl::Time first_unexplained_send;  // when the oldest unexplained send of this tag was marked
  // Read after the hold time, or, where the register waits for this request and must not be asked, the last
  // one of the day. Nothing when it could not be read.
  std::optional<RegisterStatus> status;
  absl::Time status_read_time;  // our wall clock when it was read
  absl::Time now = absl::InfiniteFuture();
  // The shift may be closed before the register is surely done with what is sent now.
  bool shift_may_close = false;
  // The process that marked that send is gone, and with it what it knew of its wall clock, by which the send
  // is dated: that it was set, for one.
  bool sent_by_earlier_process = false;
};

// Nothing when sending again is covered; else why not, for a person.
//
// kForever covers always, kUnproven never. kSameShift covers when the shift is open and was opened before the
// oldest unexplained send; where the register does not tell when it was opened, when it was seen open before
// that send; nothing while it may close, since the register may execute what is sent now in the next shift;
// and nothing when the send is dated later than now, or by a process that is gone while the register tells no
// clock: nothing shows that the gateway's was right then. The send's time is taken by the register's own
// clock where the status gives it; where it does not, that clock may be 5 minutes behind, and the shift has
// to be older than the send by as much. A register clock that differs from ours by more than 30 minutes is
// not relied on, and nothing is covered then.
std::optional<std::string> ObjectionToResend(const ResendQuestion& question);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RESEND_H_
