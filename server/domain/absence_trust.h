#ifndef KASA_SERVER_DOMAIN_ABSENCE_TRUST_H_
#define KASA_SERVER_DOMAIN_ABSENCE_TRUST_H_

#include <optional>
#include <set>
#include <string>

#include "server/domain/absence.h"

// What of a look can be relied on. What the fields of a listing and of check-task are called and mean is
// guessed, so each is held against receipts of ours: a field that was not seen to be right about one of them
// explains nothing. That something bears the very tag that is sought is believed all the same, since nothing
// else would. Pure functions.
namespace kasa::domain {

struct Trust {
  // The listing tells the tags that requests were sent under: it does for a receipt that we know, and for
  // none that we know does it tell another.
  bool listed_tags = false;
  // The same of check-task, for the receipts that it was asked about: its tag may be the cloud's own id.
  bool checked_tags = false;
  // Documents of these tasks are told to be of them: one that we know is, and none that we know is told to be
  // of another task. Of one kind only, since another may be told in a way that was not seen.
  std::set<int> listed_tasks;
};

Trust TrustIn(const Look& look);

// The tag of a listed document as far as it can be relied on: check-task's, else the listing's; empty when
// neither can be.
std::string TagOf(const ListedReceipt& row, const Look& look, const Trust& trust);

// What was asked for: as the store knows it, else as it is listed where documents of the task `sought` are
// told rightly.
std::optional<int> TaskOf(const ListedReceipt& row, const Look& look, const Trust& trust, int sought);

// Whether documents of this task are receipts, or may be: sales and returns, or not told.
bool MayBeReceipt(const std::optional<int>& task);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ABSENCE_TRUST_H_
