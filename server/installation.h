#ifndef KASA_SERVER_INSTALLATION_H_
#define KASA_SERVER_INSTALLATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/domain/tag.h"

namespace kasa {

// The installation's id from `file`, which has its 8 lower-case hex digits and nothing else. It is made up
// and written there, durably, when neither the file nor the store is there yet.
//
// It is configuration, and part of every tag (architecture.md, rule 5): a gateway that went on with another
// one would not recognise receipts of its own. So FAILED_PRECONDITION when the file is missing and the store
// is not, and when the file has anything else in it; UNAVAILABLE when it can't be read or written.
absl::StatusOr<domain::InstallationId> LoadOrMakeInstallationId(const std::string& file,
                                                                const std::string& store);

}  // namespace kasa

#endif  // KASA_SERVER_INSTALLATION_H_
