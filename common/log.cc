#include "common/log.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace kasa {
namespace {

// How many bytes the UTF-8 character at the start of `text` has; 0 when there is none: overlong forms,
// surrogates, values over U+10FFFF and cut ones are none (RFC 3629).
size_t CharacterAt(absl::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = lead == 0xE0 ? byte(1) >= 0xA0 : lead == 0xED ? byte(1) <= 0x9F : true;
    return second && tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = lead == 0xF0 ? byte(1) >= 0x90 : lead == 0xF4 ? byte(1) <= 0x8F : true;
    return second && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void AppendEscaped(std::string* out, char c) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) {
    absl::StrAppendFormat(out, "\\u%04x", byte);
  } else {
    out->push_back(c);
  }
}

std::string Timestamp(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string Member(absl::string_view name, absl::string_view json) {
  return absl::StrCat(QuoteJson(name), ":", json);
}

std::string Seconds(absl::Duration duration) {
  if (duration == absl::InfiniteDuration() || duration == -absl::InfiniteDuration()) return "null";
  const absl::Duration magnitude = absl::AbsDuration(duration);
  absl::Duration rest;
  const int64_t seconds = absl::IDivDuration(magnitude, absl::Seconds(1), &rest);
  return absl::StrFormat("%s%d.%06d", duration < absl::ZeroDuration() ? "-" : "", seconds,
                         absl::ToInt64Microseconds(rest));
}

}  // namespace

absl::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      break;
  }
  return "ERROR";
}

std::string QuoteJson(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t size = CharacterAt(text);
    if (size == 0) {
      quoted.append("\xEF\xBF\xBD");
    } else if (size == 1) {
      AppendEscaped(&quoted, text[0]);
    } else {
      quoted.append(text.data(), size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  quoted.push_back('"');
  return quoted;
}

LogField::LogField(absl::string_view name, absl::string_view text) : json_(Member(name, QuoteJson(text))) {}

LogField::LogField(absl::string_view name, bool value) : json_(Member(name, value ? "true" : "false")) {}

LogField::LogField(absl::string_view name, int64_t value, int) : json_(Member(name, absl::StrCat(value))) {}

LogField::LogField(absl::string_view name, absl::Duration duration)
    : json_(Member(name, Seconds(duration))) {}

LogField::LogField(absl::string_view name, absl::Time time)
    : json_(Member(name, QuoteJson(Timestamp(time)))) {}

Logger::Logger(const Clock& clock, Sink sink, Severity least)
    : clock_(clock), least_(least), sink_(std::move(sink)) {}

void Logger::Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields) {
  if (severity < least_) return;
  std::string line =
      absl::StrCat("{", LogField("time", clock_.Now()).json(), ",",
                   LogField("severity", NameOf(severity)).json(), ",", LogField("event", event).json());
  for (const LogField& field : fields) absl::StrAppend(&line, ",", field.json());
  line.push_back('}');
  const std::lock_guard<std::mutex> lock(mutex_);
  sink_(line);
}

Logger::Sink StderrSink() {
  return [](absl::string_view line) {
    // One write a line: other processes may share the stream.
    const std::string whole = absl::StrCat(line, "\n");
    std::fwrite(whole.data(), 1, whole.size(), stderr);
  };
}

}  // namespace kasa
