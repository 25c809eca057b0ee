#ifndef KASA_TESTS_VCHASNO_TLS_SERVER_H_
#define KASA_TESTS_VCHASNO_TLS_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/string_view.h"

namespace kasa::vchasno::testing {

// A certificate that signs itself, and its key, made anew for each test run.
struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// For the server of that name, e.g. "IP:127.0.0.1" or "DNS:kasa.test". Valid from yesterday for `days`; none
// are left when negative.
TestCertificate MakeCertificate(const std::string& subject_alt_name, int days);

// An HTTPS server on a port of 127.0.0.1 that answers each connection's one request with 200 and "{}". One
// thread, one connection at a time.
class TlsServer {
 public:
  explicit TlsServer(const TestCertificate& certificate);
  ~TlsServer();

  uint16_t port() const { return port_; }
  // Requests that came whole, through TLS.
  int requests() const { return requests_; }

 private:
  struct Impl;
  void Serve();

  std::unique_ptr<Impl> impl_;
  uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace kasa::vchasno::testing

#endif  // KASA_TESTS_VCHASNO_TLS_SERVER_H_
