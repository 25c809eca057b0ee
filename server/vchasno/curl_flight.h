#ifndef KASA_SERVER_VCHASNO_CURL_FLIGHT_H_
#define KASA_SERVER_VCHASNO_CURL_FLIGHT_H_

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "server/vchasno/curl_transport.h"
#include "server/vchasno/transport.h"

// One request in flight over libcurl. Used by curl_transport.cc only, on its thread only.
namespace kasa::vchasno {

struct CurlEasyCloser {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlHeadersFreer {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class CurlFlight {
 public:
  using Callback = absl::AnyInvocable<void(HttpResult) &&>;

  CurlFlight(HttpRequest request, Callback done, const TransportOptions& options, const Clock& clock);
  CurlFlight(const CurlFlight&) = delete;
  CurlFlight& operator=(const CurlFlight&) = delete;

  // Sets everything up. CURLE_OK, or why libcurl would not; then nothing was sent.
  CURLcode Prepare();

  CURL* easy() const { return easy_.get(); }

  // How it ended, when libcurl says so.
  void End(CURLcode code);
  // Ends it without libcurl's word: what happened, and what the log is to have where that is more.
  void End(absl::string_view what_happened, absl::string_view trouble = "");

 private:
  static int BeforeSending(void* self, char*, char*, int, int) noexcept;
  static size_t ReadBody(char* out, size_t size, size_t count, void* self) noexcept;
  static size_t TakeHeader(char* data, size_t size, size_t count, void* self) noexcept;
  static size_t TakeBody(char* data, size_t size, size_t count, void* self) noexcept;

  CURLcode SetRequest();
  CURLcode SetConnection();
  void Finish();
  void TellTrouble(CURLcode code);

  HttpRequest request_;
  Callback done_;
  const TransportOptions& options_;
  const Clock& clock_;
  std::unique_ptr<CURL, CurlEasyCloser> easy_;
  std::unique_ptr<curl_slist, CurlHeadersFreer> headers_;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
  int starts_ = 0;          // how often libcurl was about to send
  size_t body_offset_ = 0;  // how much of the body libcurl took; never goes back
  size_t header_bytes_ = 0;
  bool headers_whole_ = false;  // the last header line was the empty one
  bool answer_too_long_ = false;
  HttpResult result_;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_CURL_FLIGHT_H_
