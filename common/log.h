#ifndef KASA_COMMON_LOG_H_
#define KASA_COMMON_LOG_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/secret.h"

namespace kasa {

enum class Severity { kDebug = 1, kInfo, kWarning, kError };

// "DEBUG", "INFO", "WARNING", "ERROR"
absl::string_view NameOf(Severity severity);

// One field of a log line: a name and a typed value. A Secret is not one of the types. Nor may a token, a
// phone or an e-mail be given as text: log the id of what they belong to.
class LogField {
 public:
  LogField(absl::string_view name, absl::string_view text);
  LogField(absl::string_view name, const char* text) : LogField(name, absl::string_view(text)) {}
  LogField(absl::string_view name, const std::string& text) : LogField(name, absl::string_view(text)) {}
  LogField(absl::string_view name, bool value);
  template <std::integral Integer>
  LogField(absl::string_view name, Integer value) : LogField(name, static_cast<int64_t>(value), 0) {}
  LogField(absl::string_view name, Reason reason) : LogField(name, NameOf(reason)) {}
  // A number of seconds, to the microsecond: 0.012345.
  LogField(absl::string_view name, absl::Duration duration);
  // RFC 3339 in UTC.
  LogField(absl::string_view name, absl::Time time);
  LogField(absl::string_view name, const Secret& secret) = delete;

  // "name":value
  const std::string& json() const { return json_; }

 private:
  LogField(absl::string_view name, int64_t value, int);

  std::string json_;
};

// `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so that a line is always
// valid JSON.
std::string QuoteJson(absl::string_view text);

// Structured logs: one JSON object a line, with time, severity, event and the fields in their order.
//   {"time":"2026-11-23T12:00:00.000000Z","severity":"INFO","event":"vchasno.execute","http_status":200}
// Thread-safe; lines never mix.
class Logger {
 public:
  // Takes a line without its end; called by one thread at a time, and must not log.
  using Sink = std::function<void(absl::string_view line)>;

  // Less severe lines than `least` are dropped. `clock` outlives the logger.
  Logger(const Clock& clock, Sink sink, Severity least = Severity::kInfo);

  // `event` names what happened, for machines: dotted lower case, never with values in it.
  void Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields);

 private:
  const Clock& clock_;
  const Severity least_;
  std::mutex mutex_;
  Sink sink_;  // guarded by mutex_
};

// Writes lines to standard error.
Logger::Sink StderrSink();

}  // namespace kasa

#endif  // KASA_COMMON_LOG_H_
