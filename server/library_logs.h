#ifndef KASA_SERVER_LIBRARY_LOGS_H_
#define KASA_SERVER_LIBRARY_LOGS_H_

#include "common/log.h"

namespace kasa {

// While it lives, what gRPC and protobuf have to say (warnings and worse) goes to `logger` as lines like all
// others. At most one at a time; it outlives every use of both libraries. `logger` outlives it.
class LibraryLogs {
 public:
  explicit LibraryLogs(Logger& logger);
  LibraryLogs(const LibraryLogs&) = delete;
  LibraryLogs& operator=(const LibraryLogs&) = delete;
  ~LibraryLogs();
};

}  // namespace kasa

#endif  // KASA_SERVER_LIBRARY_LOGS_H_
