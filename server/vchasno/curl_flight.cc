#include "server/vchasno/curl_flight.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/vchasno/trouble_words.h"

namespace kasa::vchasno {
namespace {

constexpr size_t kMaxHeaderBytes = size_t{64} << 10;

using CurlLong = long;  // NOLINT(google-runtime-int): what libcurl takes

// libcurl takes 0 for "no limit".
CurlLong Milliseconds(absl::Duration duration) {
  return static_cast<CurlLong>(std::max<int64_t>(1, absl::ToInt64Milliseconds(duration)));
}

// Sets options until one is refused.
class Setter {
 public:
  explicit Setter(CURL* easy) : easy_(easy) {}

  template <typename T>
  Setter& Set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = (curl_easy_setopt)(easy_, option, value);
    return *this;
  }
  CURLcode code() const { return code_; }

 private:
  CURL* easy_;
  CURLcode code_ = CURLE_OK;
};

}  // namespace

CurlFlight::CurlFlight(HttpRequest request, Callback done, const TransportOptions& options,
                       const Clock& clock)
    : request_(std::move(request)),
      done_(std::move(done)),
      options_(options),
      clock_(clock),
      easy_(curl_easy_init()) {
  result_.start_time = clock_.Now();
}

CURLcode CurlFlight::Prepare() {
  if (easy_ == nullptr) return CURLE_OUT_OF_MEMORY;
  // An empty "Expect:" keeps libcurl from asking for 100-continue, which it would answer to 417 by sending
  // again.
  std::vector<std::string> lines = {"Accept: application/json", "Content-Type: application/json", "Expect:"};
  if (!request_.token.empty()) lines.push_back(absl::StrCat("Authorization: ", request_.token.Reveal()));
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return CURLE_OUT_OF_MEMORY;
    if (headers_ == nullptr) headers_.reset(longer);  // else it begins as it did
  }
  const CURLcode code = SetRequest();
  return code == CURLE_OK ? SetConnection() : code;
}

CURLcode CurlFlight::SetRequest() {
  Setter setter(easy());
  setter.Set(CURLOPT_URL, request_.url.c_str())
      .Set(CURLOPT_PATH_AS_IS, 1L)
      .Set(CURLOPT_HTTPHEADER, headers_.get())
      .Set(CURLOPT_USERAGENT, "kasa-gateway")
      .Set(CURLOPT_ERRORBUFFER, error_.data())
      .Set(CURLOPT_PREREQFUNCTION, &CurlFlight::BeforeSending)
      .Set(CURLOPT_PREREQDATA, this)
      .Set(CURLOPT_HEADERFUNCTION, &CurlFlight::TakeHeader)
      .Set(CURLOPT_HEADERDATA, this)
      .Set(CURLOPT_WRITEFUNCTION, &CurlFlight::TakeBody)
      .Set(CURLOPT_WRITEDATA, this)
      .Set(CURLOPT_PRIVATE, this);
  if (request_.method == HttpMethod::kPost && KASA_MUTANT("transport-sends-again")) {
    setter.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()))
        .Set(CURLOPT_POSTFIELDS, request_.body.data());
  } else if (request_.method == HttpMethod::kPost) {
    // A read callback and no seek callback: libcurl has no way to start the body again.
    setter.Set(CURLOPT_POST, 1L)
        .Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()))
        .Set(CURLOPT_READFUNCTION, &CurlFlight::ReadBody)
        .Set(CURLOPT_READDATA, this);
  }
  return setter.code();
}

CURLcode CurlFlight::SetConnection() {
  const absl::Duration timeout =
      std::min(options_.total_timeout, request_.timeout.value_or(options_.total_timeout));
  Setter setter(easy());
  setter.Set(CURLOPT_PROTOCOLS_STR, "http,https")
      .Set(CURLOPT_HTTP_VERSION, static_cast<CurlLong>(CURL_HTTP_VERSION_1_1))
      .Set(CURLOPT_FOLLOWLOCATION, KASA_MUTANT("transport-follows-redirects") ? 1L : 0L)
      .Set(CURLOPT_PROXY, "")
      .Set(CURLOPT_NETRC, static_cast<CurlLong>(CURL_NETRC_IGNORED))
      .Set(CURLOPT_SSLVERSION, static_cast<CurlLong>(CURL_SSLVERSION_TLSv1_2))
      .Set(CURLOPT_SSL_VERIFYPEER, 1L)
      .Set(CURLOPT_SSL_VERIFYHOST, 2L)
      .Set(CURLOPT_TCP_NODELAY, 1L)
      .Set(CURLOPT_NOSIGNAL, 1L)
      .Set(CURLOPT_TIMEOUT_MS, Milliseconds(timeout))
      .Set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(options_.connect_timeout));
  if (!options_.ca_file.empty()) setter.Set(CURLOPT_CAINFO, options_.ca_file.c_str());
  const int64_t idle_seconds = absl::ToInt64Seconds(options_.idle_age);
  if (idle_seconds < 1) {
    setter.Set(CURLOPT_FRESH_CONNECT, 1L).Set(CURLOPT_FORBID_REUSE, 1L);
  } else {
    // libcurl compares whole seconds, and lets the last one run to its end.
    setter.Set(CURLOPT_MAXAGE_CONN, static_cast<CurlLong>(idle_seconds - 1));
  }
  return setter.code();
}

int CurlFlight::BeforeSending(void* self, char*, char*, int, int) noexcept {
  return ++static_cast<CurlFlight*>(self)->starts_ == 1 || KASA_MUTANT("transport-sends-again")
             ? CURL_PREREQFUNC_OK
             : CURL_PREREQFUNC_ABORT;
}

size_t CurlFlight::ReadBody(char* out, size_t size, size_t count, void* self) noexcept {
  CurlFlight& flight = *static_cast<CurlFlight*>(self);
  if (flight.starts_ != 1) return CURL_READFUNC_ABORT;
  const size_t part = std::min(size * count, flight.request_.body.size() - flight.body_offset_);
  std::copy_n(flight.request_.body.data() + flight.body_offset_, part, out);
  flight.body_offset_ += part;
  return part;
}

size_t CurlFlight::TakeHeader(char* data, size_t size, size_t count, void* self) noexcept {
  CurlFlight& flight = *static_cast<CurlFlight*>(self);
  const absl::string_view line(data, size * count);
  flight.header_bytes_ += line.size();
  if (flight.header_bytes_ > kMaxHeaderBytes) {
    flight.answer_too_long_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  // Each status line begins anew: an interim answer (1xx) may come before the real one.
  if (absl::StartsWith(line, "HTTP/")) flight.result_.retry_after.clear();
  flight.headers_whole_ = line == "\r\n" || line == "\n";
  constexpr absl::string_view kRetryAfter = "retry-after:";
  if (absl::StartsWithIgnoreCase(line, kRetryAfter)) {
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(kRetryAfter.size()));
    flight.result_.retry_after.assign(value.data(), value.size());
  }
  return line.size();
}

size_t CurlFlight::TakeBody(char* data, size_t size, size_t count, void* self) noexcept {
  CurlFlight& flight = *static_cast<CurlFlight*>(self);
  const size_t bytes = size * count;
  const size_t room = flight.options_.max_answer_bytes - flight.result_.body.size();
  flight.result_.body.append(data, std::min(bytes, room));
  if (bytes > room) {
    flight.answer_too_long_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  return bytes;
}

void CurlFlight::TellTrouble(CURLcode code) {
  if (answer_too_long_) {
    result_.what_happened = "the answer is longer than allowed";
  } else if (code == CURLE_OK) {
    result_.what_happened = "the connection ended amid the headers of the answer";
  } else if (starts_ > 1) {
    result_.what_happened = "the connection died while the request was sent; it was not sent again";
  } else {
    result_.what_happened = WordsForTrouble(code, {.request_left = starts_ > 0,
                                                   .answer_begun = header_bytes_ > 0,
                                                   .elapsed = clock_.Now() - result_.start_time});
  }
  result_.trouble = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
}

void CurlFlight::End(CURLcode code) {
  CurlLong status = 0;
  if (curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status) == CURLE_OK) {
    result_.status = static_cast<int>(status);
  }
  // libcurl is content when the connection ends amid the headers; a status line alone is no answer to us.
  if (code == CURLE_OK && headers_whole_ && result_.status >= 200) {
    result_.outcome = HttpOutcome::kAnswered;
  } else {
    result_.outcome = starts_ == 0 ? HttpOutcome::kNeverConnected : HttpOutcome::kRequestLeft;
    TellTrouble(code);
  }
  Finish();
}

void CurlFlight::End(absl::string_view what_happened, absl::string_view trouble) {
  result_.outcome = starts_ == 0 ? HttpOutcome::kNeverConnected : HttpOutcome::kRequestLeft;
  result_.what_happened = std::string(what_happened);
  result_.trouble = std::string(trouble.empty() ? what_happened : trouble);
  Finish();
}

void CurlFlight::Finish() {
  result_.end_time = clock_.Now();
  std::move(done_)(std::move(result_));
}

}  // namespace kasa::vchasno
