#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "server/vchasno/curl_transport.h"
#include "tests/vchasno/tls_server.h"

// Tokens go only to who can prove to be the server that was named.
namespace kasa::vchasno {
namespace {

using testing::MakeCertificate;
using testing::TestCertificate;
using testing::TlsServer;

// A file that is gone when the test is over.
class PemFile {
 public:
  explicit PemFile(const std::string& text) {
    const int file = mkstemp(path_.data());
    EXPECT_GE(file, 0);
    EXPECT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(file);
  }
  ~PemFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = ::testing::TempDir() + "kasa-ca-XXXXXX";
};

HttpResult Post(const std::string& ca_file, const std::string& host, uint16_t port) {
  const SystemClock clock;
  auto transport = CurlTransport::Create({.total_timeout = absl::Seconds(20), .ca_file = ca_file}, clock);
  EXPECT_TRUE(transport.ok()) << transport.status();
  std::promise<HttpResult> promise;
  (*transport)
      ->Send({HttpMethod::kPost, absl::StrCat("https://", host, ":", port), Secret("token"), "{}"},
             [&](HttpResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

TEST(Tls, SpeaksToAServerThatTheGivenCertificatesVouchFor) {
  const TestCertificate certificate = MakeCertificate("IP:127.0.0.1", 1);
  const PemFile trusted(certificate.certificate_pem);
  TlsServer server(certificate);
  const HttpResult result = Post(trusted.path(), "127.0.0.1", server.port());
  EXPECT_EQ(result.outcome, HttpOutcome::kAnswered) << result.trouble;
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(server.requests(), 1);
}

TEST(Tls, SendsNothingToAServerThatNobodyVouchesFor) {
  TlsServer server(MakeCertificate("IP:127.0.0.1", 1));
  const HttpResult result = Post("", "127.0.0.1", server.port());
  EXPECT_EQ(result.outcome, HttpOutcome::kNeverConnected);
  EXPECT_NE(result.trouble, "");
  EXPECT_EQ(server.requests(), 0);
}

TEST(Tls, SendsNothingToAServerOfAnotherName) {
  const TestCertificate certificate = MakeCertificate("DNS:kasa.test", 1);
  const PemFile trusted(certificate.certificate_pem);
  TlsServer server(certificate);
  EXPECT_EQ(Post(trusted.path(), "127.0.0.1", server.port()).outcome, HttpOutcome::kNeverConnected);
  EXPECT_EQ(server.requests(), 0);
}

TEST(Tls, SendsNothingToAServerWhoseCertificateIsOver) {
  const TestCertificate certificate = MakeCertificate("IP:127.0.0.1", -1);
  const PemFile trusted(certificate.certificate_pem);
  TlsServer server(certificate);
  EXPECT_EQ(Post(trusted.path(), "127.0.0.1", server.port()).outcome, HttpOutcome::kNeverConnected);
  EXPECT_EQ(server.requests(), 0);
}

TEST(Tls, SendsNothingWhenTheCertificatesCantBeRead) {
  const TestCertificate certificate = MakeCertificate("IP:127.0.0.1", 1);
  TlsServer server(certificate);
  EXPECT_EQ(Post("/nonexistent/ca.pem", "127.0.0.1", server.port()).outcome, HttpOutcome::kNeverConnected);
  EXPECT_EQ(server.requests(), 0);
}

}  // namespace
}  // namespace kasa::vchasno
