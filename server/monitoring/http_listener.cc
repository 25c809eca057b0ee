#include "server/monitoring/http_listener.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/monitoring/http_connection.h"

namespace kasa::monitoring {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// "127.0.0.1", "[::1]" and "localhost" as an address.
absl::StatusOr<asio::ip::address> AddressOf(const std::string& host) {
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  error_code error;
  const auto address = asio::ip::make_address(
      host == "localhost" ? "127.0.0.1" : (brackets ? host.substr(1, host.size() - 2) : host), error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("\"", host, "\" is no address"));
  return address;
}

}  // namespace

class HttpListener::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(std::map<std::string, HttpPage> pages, const Limits& limits)
      : pages_(std::move(pages)), limits_(limits), acceptor_(context_), retry_(context_) {}

  // The port.
  absl::StatusOr<int> Listen(const std::string& host, int port) {
    const absl::StatusOr<asio::ip::address> address = AddressOf(host);
    if (!address.ok()) return address.status();
    const asio::ip::tcp::endpoint endpoint(*address, static_cast<uint16_t>(port));
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    const int bound = error ? 0 : acceptor_.local_endpoint(error).port();
    if (error) {
      return absl::UnavailableError(absl::StrCat("can't listen on ", host, ":", port, ": ", error.message()));
    }
    Accept();
    thread_ = std::thread([this] { context_.run(); });
    return bound;
  }

  void Stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        Take(std::move(socket));
        return Accept();
      }
      // Out of descriptors, say: try again soon rather than spin.
      retry_.expires_after(std::chrono::milliseconds(50));
      retry_.async_wait([this](error_code cancelled) {
        if (!cancelled) Accept();
      });
    });
  }

  void Take(asio::ip::tcp::socket socket) {
    connections_.remove_if([](const std::weak_ptr<HttpConnection>& gone) { return gone.expired(); });
    if (connections_.size() >= limits_.connections) MakeRoom();
    auto connection = std::make_shared<HttpConnection>(std::move(socket), weak_from_this(), pages_, limits_);
    connections_.push_back(connection);
    connection->Serve();
  }

  // Cuts the oldest that still owes its request, else the oldest of all.
  void MakeRoom() {
    auto victim = std::find_if(connections_.begin(), connections_.end(), [](const auto& weak) {
      const auto connection = weak.lock();
      return connection != nullptr && connection->OwesRequest();
    });
    if (victim == connections_.end()) victim = connections_.begin();
    if (const auto connection = victim->lock()) connection->Cut();
    connections_.erase(victim);
  }

  const std::map<std::string, HttpPage> pages_;
  const Limits limits_;
  std::list<std::weak_ptr<HttpConnection>> connections_;  // oldest first
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(const std::string& host, int port,
                                                                  std::map<std::string, HttpPage> pages,
                                                                  const Limits& limits) {
  auto loop = std::make_shared<Loop>(std::move(pages), limits);
  const absl::StatusOr<int> bound = loop->Listen(host, port);
  if (!bound.ok()) return bound.status();
  return std::unique_ptr<HttpListener>(
      new HttpListener(std::move(loop), *bound));  // the constructor is private
}

HttpListener::HttpListener(std::shared_ptr<Loop> loop, int port) : loop_(std::move(loop)), port_(port) {}

HttpListener::~HttpListener() {
  loop_->Stop();
}

}  // namespace kasa::monitoring
