#ifndef KASA_SERVER_FLAGS_H_
#define KASA_SERVER_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/log.h"
#include "server/gateway.h"

namespace kasa {

// What the command line says.
struct Flags {
  GatewayOptions gateway;
  std::string store;                 // the database file
  std::string installation_id_file;  // see installation.h
  std::string backup_to;             // not to serve, but to copy the store into this file; empty: to serve
  bool check_store = false;          // not to serve, but to read the whole store and say whether it is sound
  Severity log_level = Severity::kInfo;
};

// Reads the command line; flags may be spelled with dashes or with underscores. Prints and ends the process
// for
// --help (status 0) and for flags that are not known or can't be read (status 1). INVALID_ARGUMENT or
// FAILED_PRECONDITION for values that make no sense, with a message for who typed them.
absl::StatusOr<Flags> ParseFlags(int argc, char** argv);

// The text of --help.
std::string UsageText();

}  // namespace kasa

#endif  // KASA_SERVER_FLAGS_H_
