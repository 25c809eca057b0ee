#ifndef KASA_SERVER_STORE_RETURNS_DUE_H_
#define KASA_SERVER_STORE_RETURNS_DUE_H_

#include <vector>

#include "absl/time/time.h"
#include "server/domain/attention.h"
#include "server/domain/automation.h"
#include "server/domain/fiscalization.h"
#include "server/store/connection.h"

// Which orders wait for a return (product.md, point 16): an order's report said so, and what it was due for
// has not come back yet. Few at any time, so that each is looked at anew when they are asked for.
namespace kasa::store {

// A report of an order was decided. One that says RETURN_DUE is remembered; one that was looked at and says
// otherwise ends that; STALE and SWITCHED_OFF change nothing.
void NoteReturnDue(Connection& connection, const domain::OrderReport& report,
                   const domain::AutomationRule& rule, domain::AutomationOutcome outcome, absl::Time now);

// A receipt was stored for `fiscalization`: if it was the return that an order waited for, it waits no more.
void ForgetReturnsMade(Connection& connection, const domain::Fiscalization& fiscalization);

// Ordered by source system and order.
std::vector<domain::ReturnDueFacts> FindReturnsDue(Connection& connection);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RETURNS_DUE_H_
