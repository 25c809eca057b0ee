#include "server/monitoring/http_listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace kasa::monitoring {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Done = absl::AnyInvocable<void(HttpAnswer) &&>;

// A client that sends what no library would.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        socket_ >= 0 && ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(socket_); }

  bool connected() const { return connected_; }

  // False when the peer has cut the connection.
  bool Send(const std::string& text) const {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }

  // All that comes until the peer closes; nothing when it does not within `at_most`.
  std::optional<std::string> ReadAll(absl::Duration at_most = absl::Seconds(20)) {
    std::string all;
    std::vector<char> buffer(4096);
    while (true) {
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(at_most))) != 1) return std::nullopt;
      const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) return all;
      all.append(buffer.data(), static_cast<size_t>(size));
    }
  }

 private:
  int socket_;
  bool connected_ = false;
};

class HttpListenerTest : public testing::Test {
 protected:
  void Start(HttpListener::Limits limits = {}) {
    std::map<std::string, HttpPage> pages;
    pages["/page"] = [](Done done) { std::move(done)({.body = "hello\n"}); };
    pages["/large"] = [](Done done) { std::move(done)({.body = std::string(size_t{8} << 20, 'x')}); };
    pages["/later"] = [this](Done done) {
      const std::lock_guard<std::mutex> lock(mutex_);
      later_.push_back(std::move(done));
    };
    auto listener = HttpListener::Start("127.0.0.1", 0, std::move(pages), limits);
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }

  std::string Ask(const std::string& request) {
    RawClient client(listener_->port());
    client.Send(request);
    return client.ReadAll().value_or("nothing came");
  }
  std::string Get(const std::string& target) {
    return Ask(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }

  size_t later() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return later_.size();
  }

  std::unique_ptr<HttpListener> listener_;
  std::mutex mutex_;
  std::vector<Done> later_;  // guarded by mutex_
};

TEST_F(HttpListenerTest, ServesItsPagesAndCloses) {
  Start();
  const std::string answer = Get("/page?since=yesterday");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
  EXPECT_THAT(Get("/large"), EndsWith("xxxx"));
}

TEST_F(HttpListenerTest, TellsHeadWhatGetWouldSayWithoutIt) {
  Start();
  const std::string answer = Ask("HEAD /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("hello")));
}

TEST_F(HttpListenerTest, RefusesWhatItDoesNotServe) {
  Start();
  EXPECT_THAT(Get("/other"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/page/"), StartsWith("HTTP/1.1 404 "));
  const std::string posted = Ask("POST /page HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(posted, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(posted, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(HttpListenerTest, RefusesWhatIsNoRequest) {
  Start();
  for (const std::string& garbage : {std::string("hello there\r\n\r\n"), std::string("GET /page\r\n\r\n"),
                                     std::string("GET /page HTTP/9.9\r\n\r\n"),
                                     std::string("\x16\x03\x01\x02", 4) + std::string(200, '\0') + "\r\n\r\n",
                                     std::string("GET /page HTTP/1.1\r\nno colon here\r\n\r\n"),
                                     std::string("GET /page HTTP/1.1\r\nContent-Length: many\r\n\r\n")}) {
    EXPECT_THAT(Ask(garbage), StartsWith("HTTP/1.1 400 ")) << garbage;
  }
  EXPECT_THAT(Get("/page"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpListenerTest, RefusesAHeaderThatIsTooLarge) {
  Start();
  const std::string long_field =
      absl::StrCat("GET /page HTTP/1.1\r\nX: ", std::string(100'000, 'a'), "\r\n\r\n");
  EXPECT_THAT(Ask(long_field), StartsWith("HTTP/1.1 431 "));
  std::string many_fields = "GET /page HTTP/1.1\r\n";
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&many_fields, "X", i, ": y\r\n");
  EXPECT_THAT(Ask(many_fields + "\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask(absl::StrCat("GET /", std::string(100'000, 'a'), " HTTP/1.1\r\n\r\n")),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpListenerTest, CutsARequestThatDoesNotComeInTime) {
  Start({.request = absl::Milliseconds(200)});
  RawClient silent(listener_->port());
  RawClient slow(listener_->port());
  ASSERT_TRUE(slow.Send("GET /page HT"));
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(slow.ReadAll(), "");
}

TEST_F(HttpListenerTest, CutsAClientThatDoesNotTakeTheAnswer) {
  Start({.request = absl::Milliseconds(600), .answer = absl::Milliseconds(200)});
  RawClient deaf(listener_->port());
  ASSERT_TRUE(deaf.Send("GET /large HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(Get("/page"), StartsWith("HTTP/1.1 200 "));
  // By the time this one is cut, the deaf one was: eight megabytes wait for it, and the kernel has not taken
  // them all.
  EXPECT_EQ(RawClient(listener_->port()).ReadAll(), "");
  EXPECT_LT(deaf.ReadAll().value_or("").size(), size_t{8} << 20);
}

TEST_F(HttpListenerTest, CutsTheConnectionThatOwesItsRequestLongestWhenThereAreTooMany) {
  Start({.connections = 4, .request = absl::Seconds(60)});
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 4; ++i) idle.push_back(std::make_unique<RawClient>(listener_->port()));
  // Two whose pages are still being made: each took the room of one that owes its request.
  RawClient first(listener_->port());
  first.Send("GET /later HTTP/1.1\r\n\r\n");
  EXPECT_EQ(idle[0]->ReadAll(), "");
  RawClient second(listener_->port());
  second.Send("GET /later HTTP/1.1\r\n\r\n");
  EXPECT_EQ(idle[1]->ReadAll(), "");
  while (later() < 2) std::this_thread::yield();
  for (Done& answer : std::exchange(later_, {})) std::move(answer)({.body = "made\n"});
  EXPECT_THAT(first.ReadAll().value_or(""), EndsWith("made\n"));
  EXPECT_THAT(second.ReadAll().value_or(""), EndsWith("made\n"));
  ASSERT_TRUE(idle[3]->Send("GET /page HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(idle[3]->ReadAll().value_or(""), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpListenerTest, AnswersWhenThePageIsMadeAndNotAfterItIsGone) {
  Start();
  RawClient first(listener_->port());
  RawClient second(listener_->port());
  first.Send("GET /later HTTP/1.1\r\n\r\n");
  second.Send("GET /later HTTP/1.1\r\n\r\n");
  while (later() < 2) std::this_thread::yield();
  std::vector<Done> waiting = std::exchange(later_, {});
  std::move(waiting[0])({.status = 503, .body = "no\n"});
  EXPECT_THAT(first.ReadAll().value_or("") + second.ReadAll(absl::Milliseconds(1)).value_or(""),
              StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  listener_.reset();
  std::move(waiting[1])({.body = "too late\n"});
}

TEST_F(HttpListenerTest, SaysWhyItCantListen) {
  Start();
  const auto taken = HttpListener::Start("127.0.0.1", listener_->port(), {}, {});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(HttpListener::Start("kasa", 0, {}, {}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(HttpListener::Start("localhost", 0, {}, {}).ok());
}

}  // namespace
}  // namespace kasa::monitoring
