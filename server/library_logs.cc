#include "server/library_logs.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <atomic>
#include <string>

namespace kasa {
namespace {

// The libraries call plain functions, from any thread.
std::atomic<Logger*> library_logger = nullptr;

void LogOfGrpc(gpr_log_func_args* args) {
  Logger* const logger = library_logger.load();
  if (logger == nullptr) return;
  logger->Log(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kError : Severity::kInfo, "grpc.library",
              {{"file", args->file}, {"line", args->line}, {"message", args->message}});
}

void LogOfProtobuf(google::protobuf::LogLevel level, const char* file, int line, const std::string& message) {
  Logger* const logger = library_logger.load();
  if (logger == nullptr || level < google::protobuf::LOGLEVEL_WARNING) return;
  logger->Log(level == google::protobuf::LOGLEVEL_WARNING ? Severity::kWarning : Severity::kError,
              "protobuf.library", {{"file", file}, {"line", line}, {"message", message}});
}

}  // namespace

LibraryLogs::LibraryLogs(Logger& logger) {
  library_logger = &logger;
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function(&LogOfGrpc);
  google::protobuf::SetLogHandler(&LogOfProtobuf);
}

LibraryLogs::~LibraryLogs() {
  gpr_set_log_function(nullptr);
  google::protobuf::SetLogHandler(nullptr);
  library_logger = nullptr;
}

}  // namespace kasa
