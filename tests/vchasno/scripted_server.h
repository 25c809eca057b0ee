#ifndef KASA_TESTS_VCHASNO_SCRIPTED_SERVER_H_
#define KASA_TESTS_VCHASNO_SCRIPTED_SERVER_H_

// clang-format off
#include <utility>  // Boost 1.74 forgets to include it
#include <boost/asio.hpp>
// clang-format on

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace kasa::vchasno::testing {

// A request as it came over the wire, whole.
struct SeenRequest {
  std::string head;       // request line and headers
  std::string body;       // as long as Content-Length says
  int connection = 0;     // which connection it came on, from 1
  int on_connection = 0;  // the how manieth of its connection, from 1
};

// What the server does with a request.
struct Reaction {
  std::string bytes;   // written as they are, may be empty
  bool close = false;  // then the connection is closed; else the next request is awaited
  bool drip = false;   // one byte every `interval`, until the client goes away
  absl::Duration interval = absl::Milliseconds(20);
  bool hold = false;  // nothing is written, and nothing more is read, until the client goes away
};

inline Reaction Reply(absl::string_view body, absl::string_view status = "200 OK",
                      absl::string_view headers = "") {
  return {.bytes = absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(), "\r\n", headers,
                                "\r\n", body)};
}

// A small HTTP server on a port of 127.0.0.1 that reads whole requests and reacts as a script says: for
// faults that no well-meant server makes. Counts what it sees. One thread; the script is called on it.
class ScriptedServer {
 public:
  using Script = std::function<Reaction(const SeenRequest&)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)),
        acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] {
          Accept();
          io_.run();
        }) {}

  ~ScriptedServer() {
    io_.stop();
    thread_.join();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port()); }
  uint16_t port() const { return port_; }

  std::vector<SeenRequest> seen() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
  }
  int connections() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return connections_;
  }
  // Waits until that many requests came whole. False when a minute passed first.
  bool AwaitRequests(size_t count) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return seen_.size() >= count; });
  }

 private:
  struct Connection {
    explicit Connection(boost::asio::io_context& io) : socket(io), timer(io) {}
    boost::asio::ip::tcp::socket socket;
    boost::asio::steady_timer timer;
    std::string buffer;
    std::string out;
    int number = 0;
    int requests = 0;
  };
  using Shared = std::shared_ptr<Connection>;
  using Error = boost::system::error_code;

  void Accept() {
    auto connection = std::make_shared<Connection>(io_);
    acceptor_.async_accept(connection->socket, [this, connection](const Error& error) {
      if (error) return;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        connection->number = ++connections_;
      }
      connection->socket.set_option(boost::asio::ip::tcp::no_delay(true));
      Read(connection);
      Accept();
    });
  }

  void Read(const Shared& connection) {
    const size_t end = connection->buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::string head = connection->buffer.substr(0, end + 4);
      const size_t length = ContentLength(head);
      if (connection->buffer.size() >= head.size() + length) {
        SeenRequest request{head, connection->buffer.substr(head.size(), length), connection->number,
                            ++connection->requests};
        connection->buffer.erase(0, head.size() + length);
        React(connection, std::move(request));
        return;
      }
    }
    ReadMore(connection, [this, connection] { Read(connection); });
  }

  // A garbled start, such as a TLS hello, is never a whole request: it is answered by closing.
  void ReadMore(const Shared& connection, std::function<void()> next) {
    auto chunk = std::make_shared<std::string>(size_t{64} << 10, '\0');
    connection->socket.async_read_some(
        boost::asio::buffer(*chunk),
        [connection, chunk, next = std::move(next)](const Error& error, size_t bytes) {
          if (error) return;
          connection->buffer.append(*chunk, 0, bytes);
          if (connection->buffer[0] != 'G' && connection->buffer[0] != 'P') {
            Error ignored;
            connection->socket.close(ignored);
            return;
          }
          next();
        });
  }

  void React(const Shared& connection, SeenRequest request) {
    Reaction reaction = script_(request);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      seen_.push_back(std::move(request));
    }
    changed_.notify_all();
    connection->out = std::move(reaction.bytes);
    if (reaction.hold) {
      ReadMore(connection, [] {});  // ends when the client goes away
    } else if (reaction.drip) {
      Drip(connection, 0, reaction.interval);
    } else {
      boost::asio::async_write(connection->socket, boost::asio::buffer(connection->out),
                               [this, connection, close = reaction.close](const Error& error, size_t) {
                                 if (error) return;
                                 if (!close) {
                                   Read(connection);
                                   return;
                                 }
                                 Error ignored;
                                 connection->socket.shutdown(boost::asio::socket_base::shutdown_both,
                                                             ignored);
                                 connection->socket.close(ignored);
                               });
    }
  }

  void Drip(const Shared& connection, size_t at, absl::Duration interval) {
    if (at >= connection->out.size()) return;
    connection->timer.expires_after(absl::ToChronoMilliseconds(interval));
    connection->timer.async_wait([this, connection, at, interval](const Error& stopped) {
      if (stopped) return;
      boost::asio::async_write(connection->socket, boost::asio::buffer(connection->out.data() + at, 1),
                               [this, connection, at, interval](const Error& error, size_t) {
                                 if (!error) Drip(connection, at + 1, interval);
                               });
    });
  }

  static size_t ContentLength(const std::string& head) {
    const std::string lower = absl::AsciiStrToLower(head);
    const size_t at = lower.find("\r\ncontent-length:");
    if (at == std::string::npos) return 0;
    const size_t start = at + 17;
    size_t length = 0;
    // A request without a readable length has no body.
    if (!absl::SimpleAtoi(lower.substr(start, lower.find("\r\n", start) - start), &length)) return 0;
    return length;
  }

  const Script script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const uint16_t port_ = acceptor_.local_endpoint().port();
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<SeenRequest> seen_;  // guarded by mutex_
  int connections_ = 0;            // guarded by mutex_
  std::thread thread_;
};

}  // namespace kasa::vchasno::testing

#endif  // KASA_TESTS_VCHASNO_SCRIPTED_SERVER_H_
