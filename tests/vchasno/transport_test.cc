#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "server/vchasno/curl_transport.h"
#include "tests/vchasno/scripted_server.h"

// The transport against a server that misbehaves on purpose. Time-outs here are libcurl's own and run in real
// time, so they are short.
namespace kasa::vchasno {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reaction;
using testing::Reply;
using testing::ScriptedServer;
using testing::SeenRequest;
using ::testing::StartsWith;

constexpr char kToken[] = "token-never-to-be-shown";

const SystemClock kClock;

std::unique_ptr<CurlTransport> Start(TransportOptions options = {}) {
  auto transport = CurlTransport::Create(options, kClock);
  EXPECT_TRUE(transport.ok()) << transport.status();
  return *std::move(transport);
}

std::future<HttpResult> SendLater(Transport& transport, HttpRequest request) {
  std::promise<HttpResult> promise;
  std::future<HttpResult> future = promise.get_future();
  transport.Send(std::move(request), [promise = std::move(promise)](HttpResult result) mutable {
    promise.set_value(std::move(result));
  });
  return future;
}

HttpResult Send(Transport& transport, HttpRequest request) {
  return SendLater(transport, std::move(request)).get();
}

HttpRequest Post(const std::string& url, std::string body = R"({"tag":"t"})") {
  return {HttpMethod::kPost, absl::StrCat(url, "/api/v3/fiscal/execute"), Secret(kToken), std::move(body)};
}

TEST(CurlTransport, SendsOnePlainHttp11Request) {
  ScriptedServer server(
      [](const SeenRequest&) { return Reply(R"({"res":0})", "200 OK", "Retry-After: 7\r\n"); });
  const auto transport = Start();
  const absl::Time before = absl::Now();
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.outcome, HttpOutcome::kAnswered);
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, R"({"res":0})");
  EXPECT_EQ(result.retry_after, "7");
  EXPECT_EQ(result.trouble, "");
  EXPECT_LE(before, result.start_time);
  EXPECT_LE(result.start_time, result.end_time);
  const std::vector<SeenRequest> seen = server.seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_THAT(seen[0].head, StartsWith("POST /api/v3/fiscal/execute HTTP/1.1\r\n"));
  EXPECT_THAT(seen[0].head, HasSubstr("\r\nAuthorization: token-never-to-be-shown\r\n"));
  EXPECT_THAT(seen[0].head, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(seen[0].head, HasSubstr("\r\nContent-Length: 11\r\n"));
  EXPECT_THAT(seen[0].head, Not(AnyOf(HasSubstr("Expect"), HasSubstr("Cookie"), HasSubstr("chunked"))));
  EXPECT_EQ(seen[0].body, R"({"tag":"t"})");
}

TEST(CurlTransport, SendsAGetWithoutABody) {
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  const auto transport = Start();
  HttpRequest request{HttpMethod::kGet, absl::StrCat(server.url(), "/api/v3/check-task/a%2F..%2Fb/.."),
                      Secret(kToken), ""};
  EXPECT_EQ(Send(*transport, request).outcome, HttpOutcome::kAnswered);
  EXPECT_THAT(server.seen()[0].head, StartsWith("GET /api/v3/check-task/a%2F..%2Fb/.. HTTP/1.1\r\n"));
}

TEST(CurlTransport, NeverAsksForContinueAndNeverSendsAgainWhateverTheSize) {
  const std::string large(size_t{3} << 20, 'x');  // over 1 MiB libcurl would ask for 100-continue
  ScriptedServer server([](const SeenRequest&) { return Reply("no", "417 Expectation Failed"); });
  const auto transport = Start();
  const HttpResult result = Send(*transport, Post(server.url(), large));
  EXPECT_EQ(result.outcome, HttpOutcome::kAnswered);
  EXPECT_EQ(result.status, 417);
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_EQ(server.seen()[0].body, large);
  EXPECT_THAT(server.seen()[0].head, Not(HasSubstr("Expect")));
}

// What libcurl would do by itself: send the POST again on a new connection.
TEST(CurlTransport, AWarmConnectionCutAfterTheBodyGivesOnePostAndDoubt) {
  ScriptedServer server([](const SeenRequest& request) {
    return request.on_connection == 1 ? Reply("{}") : Reaction{.close = true};
  });
  const auto transport = Start();
  ASSERT_EQ(Send(*transport, Post(server.url(), "first")).outcome, HttpOutcome::kAnswered);
  const HttpResult result = Send(*transport, Post(server.url(), "second"));
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.trouble, "");
  // A third shows that the transport goes on, and that nothing of the second came in between.
  ASSERT_EQ(Send(*transport, Post(server.url(), "third")).outcome, HttpOutcome::kAnswered);
  const std::vector<SeenRequest> seen = server.seen();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[1].body, "second");
  EXPECT_EQ(seen[1].connection, seen[0].connection) << "the connection was not warm";
  EXPECT_EQ(seen[2].body, "third");
}

// The same for a GET and for a body of no bytes, where there is nothing to rewind: only the hook before
// sending stops libcurl.
TEST(CurlTransport, AWarmConnectionCutUnderARequestWithoutABodyGivesOneRequest) {
  for (const HttpMethod method : {HttpMethod::kGet, HttpMethod::kPost}) {
    ScriptedServer server([](const SeenRequest& request) {
      return request.on_connection == 1 ? Reply("{}") : Reaction{.close = true};
    });
    const auto transport = Start();
    HttpRequest request{method, server.url() + "/x", Secret(kToken), ""};
    ASSERT_EQ(Send(*transport, request).outcome, HttpOutcome::kAnswered);
    const HttpResult result = Send(*transport, request);
    EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
    ASSERT_EQ(Send(*transport, request).outcome, HttpOutcome::kAnswered);
    EXPECT_EQ(server.seen().size(), 3u);
  }
}

TEST(CurlTransport, AColdConnectionCutAfterTheBodyGivesOnePostAndDoubt) {
  ScriptedServer server([](const SeenRequest&) { return Reaction{.close = true}; });
  const auto transport = Start();
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  EXPECT_EQ(result.what_happened, "the connection was cut before an answer came");
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST(CurlTransport, AnAnswerCutInTheMiddleIsNoAnswer) {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200"), std::string("HTTP/1.1 200 OK\r\nContent-Le"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"res\":0"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"res\":0}\r\n"),
        std::string("HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\n"), std::string("HTTP/1.1 401 "),
        std::string("HTTP/1.1 100 Continue\r\n\r\n")}) {
    ScriptedServer server([&](const SeenRequest&) { return Reaction{.bytes = bytes, .close = true}; });
    const auto transport = Start();
    const HttpResult result = Send(*transport, Post(server.url()));
    EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft) << bytes;
    EXPECT_EQ(server.seen().size(), 1u) << bytes;
  }
}

TEST(CurlTransport, KeepsWhatCameOfACutAnswerForTheAudit) {
  ScriptedServer server([&](const SeenRequest&) {
    return Reaction{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"res\":0", .close = true};
  });
  const auto transport = Start();
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, "{\"res\":0");
  EXPECT_EQ(result.what_happened, "the connection was cut amid the answer");
}

TEST(CurlTransport, WhatIsNoHttpIsNoAnswer) {
  for (const char* bytes :
       {"garbage\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n{}"}) {
    ScriptedServer server([&](const SeenRequest&) { return Reaction{.bytes = bytes, .close = true}; });
    const auto transport = Start();
    const HttpResult result = Send(*transport, Post(server.url()));
    EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft) << bytes;
    EXPECT_THAT(result.what_happened,
                AnyOf("what came back is no HTTP answer", "the connection was cut before an answer came",
                      "the connection was cut amid the answer"))
        << bytes;
  }
}

TEST(CurlTransport, BoundsTheAnswer) {
  const auto answer_of = [](size_t size) {
    ScriptedServer server([&](const SeenRequest&) { return Reply(std::string(size, 'x')); });
    const auto transport = Start({.max_answer_bytes = 1000});
    return Send(*transport, Post(server.url()));
  };
  EXPECT_EQ(answer_of(1000).outcome, HttpOutcome::kAnswered);
  const HttpResult over = answer_of(1001);
  EXPECT_EQ(over.outcome, HttpOutcome::kRequestLeft);
  EXPECT_EQ(over.body.size(), 1000u);
  EXPECT_EQ(over.what_happened, "the answer is longer than allowed");
  EXPECT_EQ(answer_of(size_t{16} << 20).outcome, HttpOutcome::kRequestLeft);
}

TEST(CurlTransport, BoundsTheHeaders) {
  std::string headers;
  for (int i = 0; i < 2000; ++i)
    absl::StrAppend(&headers, "X-Padding-", i, ": ", std::string(50, 'x'), "\r\n");
  ScriptedServer server([&](const SeenRequest&) { return Reply("{}", "200 OK", headers); });
  const auto transport = Start();
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  EXPECT_EQ(result.what_happened, "the answer is longer than allowed");
}

TEST(CurlTransport, ASlowDripEndsByTheTotalTimeout) {
  ScriptedServer server([](const SeenRequest&) {
    Reaction drip = Reply(std::string(10'000, 'x'));
    drip.drip = true;
    return drip;
  });
  const auto transport = Start({.total_timeout = absl::Seconds(1)});
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  // How long it was waited for is measured: 1 s, or a moment less.
  EXPECT_THAT(result.what_happened, StartsWith("the answer was not whole within "));
  EXPECT_THAT(result.trouble, HasSubstr("timed out"));
  EXPECT_GE(result.end_time - result.start_time, absl::Milliseconds(990));
}

TEST(CurlTransport, ASilentServerEndsByTheTotalTimeout) {
  ScriptedServer server([](const SeenRequest&) { return Reaction{.hold = true}; });
  const auto transport = Start({.total_timeout = absl::Seconds(1)});
  const HttpResult result = Send(*transport, Post(server.url()));
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  EXPECT_THAT(result.what_happened, StartsWith("no answer came within "));
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST(CurlTransport, FollowsNoRedirect) {
  for (const char* status : {"301 Moved", "302 Found", "307 Temporary", "308 Permanent"}) {
    ScriptedServer target([](const SeenRequest&) { return Reply("{}"); });
    ScriptedServer server([&](const SeenRequest&) {
      return Reply("", status, absl::StrCat("Location: ", target.url(), "/\r\n"));
    });
    const auto transport = Start();
    const HttpResult result = Send(*transport, Post(server.url()));
    EXPECT_EQ(result.outcome, HttpOutcome::kAnswered);
    EXPECT_GE(result.status, 301);
    EXPECT_EQ(server.seen().size(), 1u);
    EXPECT_EQ(target.connections(), 0);
  }
}

TEST(CurlTransport, KeepsNoCookie) {
  ScriptedServer server([](const SeenRequest&) { return Reply("{}", "200 OK", "Set-Cookie: a=b\r\n"); });
  const auto transport = Start();
  Send(*transport, Post(server.url()));
  Send(*transport, Post(server.url()));
  EXPECT_THAT(server.seen()[1].head, Not(HasSubstr("Cookie")));
}

TEST(CurlTransport, TakesNoProxyFromTheEnvironment) {
  ScriptedServer proxy([](const SeenRequest&) { return Reply("{}"); });
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  ASSERT_EQ(setenv("http_proxy", proxy.url().c_str(), 1), 0);
  ASSERT_EQ(setenv("ALL_PROXY", proxy.url().c_str(), 1), 0);
  {
    const auto transport = Start();
    EXPECT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  }
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST(CurlTransport, UsesAConnectionAgainWithinItsIdleAge) {
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  const auto transport = Start();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, NeverUsesAConnectionAgainWithAnIdleAgeUnderASecond) {
  for (const absl::Duration age : {absl::ZeroDuration(), absl::Milliseconds(999)}) {
    ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
    const auto transport = Start({.idle_age = age});
    for (int i = 0; i < 5; ++i) {
      ASSERT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
    }
    EXPECT_EQ(server.connections(), 5);
  }
}

// libcurl measures the age by its own clock, so this one test has to let two seconds pass: by a request that
// the other server never answers.
TEST(CurlTransport, DoesNotUseAConnectionThatWasIdleForLonger) {
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  ScriptedServer silent([](const SeenRequest&) { return Reaction{.hold = true}; });
  const auto transport = Start({.total_timeout = absl::Milliseconds(2100), .idle_age = absl::Seconds(2)});
  ASSERT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  ASSERT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  EXPECT_EQ(server.connections(), 1);
  ASSERT_EQ(Send(*transport, Post(silent.url())).outcome, HttpOutcome::kRequestLeft);
  ASSERT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  EXPECT_EQ(server.connections(), 2);
}

TEST(CurlTransport, NothingLeavesWhenThereIsNoConnection) {
  uint16_t closed_port = 0;
  {
    ScriptedServer gone([](const SeenRequest&) { return Reply("{}"); });
    closed_port = gone.port();
  }
  ScriptedServer plaintext([](const SeenRequest&) { return Reply("{}"); });
  const auto transport = Start({.total_timeout = absl::Seconds(5), .connect_timeout = absl::Seconds(2)});
  struct Case {
    std::string url;
    std::string what_happened;
  };
  const Case cases[] = {
      {absl::StrCat("http://127.0.0.1:", closed_port), "the host takes no connection there"},
      {"http://no-such-host.invalid", "the host's name was not found"},
      // TLS to a port that speaks none, and protocols that are not allowed.
      {absl::StrCat("https://127.0.0.1:", plaintext.port()),
       "no secure (TLS) connection to the host could be made"},
      {"ftp://127.0.0.1", "the address is none that can be asked"},
      {"file:///etc/hostname", "the address is none that can be asked"},
      {"http://", "the address is none that can be asked"},
      {"", "the address is none that can be asked"},
  };
  for (const auto& [url, what_happened] : cases) {
    const HttpResult result = Send(*transport, {HttpMethod::kPost, url, Secret(kToken), "body"});
    EXPECT_EQ(result.outcome, HttpOutcome::kNeverConnected) << url;
    EXPECT_EQ(result.what_happened, what_happened) << url;
    EXPECT_NE(result.trouble, "") << url;
    EXPECT_THAT(result.trouble, Not(HasSubstr(kToken)));
  }
  EXPECT_EQ(plaintext.seen().size(), 0u);
}

TEST(CurlTransport, CarriesAThousandRequestsAtOnce) {
  std::atomic<int> held = 0;
  ScriptedServer server([&](const SeenRequest& request) {
    ++held;
    return Reply(request.body);
  });
  const auto transport = Start();
  std::vector<std::future<HttpResult>> results;
  std::vector<std::thread> callers;
  callers.reserve(10);
  std::mutex mutex;
  for (int t = 0; t < 10; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        auto result = SendLater(*transport, Post(server.url(), absl::StrCat("body ", t * 100 + i)));
        const std::lock_guard<std::mutex> lock(mutex);
        results.push_back(std::move(result));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  std::set<std::string> bodies;
  for (auto& future : results) {
    const HttpResult result = future.get();
    ASSERT_EQ(result.outcome, HttpOutcome::kAnswered) << result.trouble;
    EXPECT_TRUE(bodies.insert(result.body).second);
  }
  EXPECT_EQ(bodies.size(), 1000u);
  EXPECT_EQ(server.seen().size(), 1000u);
}

TEST(CurlTransport, ASlowServerHoldsUpNoOther) {
  ScriptedServer silent([](const SeenRequest&) { return Reaction{.hold = true}; });
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  auto transport = Start();
  std::vector<std::future<HttpResult>> held;
  for (int i = 0; i < 50; ++i) held.push_back(SendLater(*transport, Post(silent.url())));
  ASSERT_TRUE(silent.AwaitRequests(50));
  EXPECT_EQ(Send(*transport, Post(server.url())).outcome, HttpOutcome::kAnswered);
  transport.reset();
  for (auto& future : held) EXPECT_EQ(future.get().outcome, HttpOutcome::kRequestLeft);
}

TEST(CurlTransport, EndsWhatIsInFlightWhenItIsDestroyed) {
  ScriptedServer silent([](const SeenRequest&) { return Reaction{.hold = true}; });
  auto transport = Start();
  std::future<HttpResult> sent = SendLater(*transport, Post(silent.url()));
  ASSERT_TRUE(silent.AwaitRequests(1));
  transport.reset();
  const HttpResult result = sent.get();
  EXPECT_EQ(result.outcome, HttpOutcome::kRequestLeft);
  EXPECT_EQ(result.trouble, "the gateway is stopping");
}

TEST(CurlTransport, AnswersWhatIsAskedOfItWhileItStops) {
  ScriptedServer silent([](const SeenRequest&) { return Reaction{.hold = true}; });
  auto transport = Start();
  Transport* const raw = transport.get();
  std::promise<HttpResult> late;
  raw->Send(Post(silent.url()), [&](HttpResult) {
    raw->Send(Post(silent.url()), [&](HttpResult result) { late.set_value(std::move(result)); });
  });
  ASSERT_TRUE(silent.AwaitRequests(1));
  transport.reset();
  EXPECT_EQ(late.get_future().get().outcome, HttpOutcome::kNeverConnected);
  EXPECT_EQ(silent.seen().size(), 1u);
}

TEST(CurlTransport, CallsBackOnItsOwnThread) {
  ScriptedServer server([](const SeenRequest&) { return Reply("{}"); });
  const auto transport = Start();
  std::promise<std::thread::id> called;
  transport->Call([&] { called.set_value(std::this_thread::get_id()); });
  std::promise<std::thread::id> answered;
  transport->Send(Post(server.url()), [&](HttpResult) { answered.set_value(std::this_thread::get_id()); });
  const std::thread::id thread = called.get_future().get();
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_EQ(answered.get_future().get(), thread);
}

TEST(CurlTransport, RefusesOptionsThatMakeNoSense) {
  for (const TransportOptions& options :
       {TransportOptions{.total_timeout = absl::ZeroDuration()},
        TransportOptions{.total_timeout = absl::InfiniteDuration()},
        TransportOptions{.connect_timeout = -absl::Seconds(1)},
        TransportOptions{.idle_age = -absl::Seconds(1)},
        TransportOptions{.idle_age = absl::InfiniteDuration()}, TransportOptions{.max_answer_bytes = 0}}) {
    EXPECT_EQ(CurlTransport::Create(options, kClock).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace kasa::vchasno
