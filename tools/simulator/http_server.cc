#include "tools/simulator/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/simulator/http_session.h"

namespace kasa::simulator {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

struct HttpServer::Running {
  Running(Cloud& served, AdminHandler admin_handler)
      : cloud(served), admin(std::move(admin_handler)), acceptor(context), retry(context) {}

  void Accept() {
    acceptor.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
      if (!error) {
        std::make_shared<HttpSession>(std::move(socket), cloud, admin)->Read();
        return Accept();
      }
      // Out of descriptors, say: try again soon rather than spin.
      retry.expires_after(std::chrono::milliseconds(50));
      retry.async_wait([this](error_code cancelled) {
        if (!cancelled) Accept();
      });
    });
  }

  Cloud& cloud;
  const AdminHandler admin;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer retry;
  std::thread thread;
};

HttpServer::HttpServer() = default;

HttpServer::~HttpServer() {
  Stop();
}

absl::Status HttpServer::Start(const std::string& host, uint16_t port, Cloud& cloud, AdminHandler admin) {
  if (running_ != nullptr) return absl::FailedPreconditionError("it is running");
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("not an address: ", host));
  auto running = std::make_unique<Running>(cloud, std::move(admin));
  const asio::ip::tcp::endpoint endpoint(address, port);
  auto& acceptor = running->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("can't listen on ", host, ":", port, ": ", error.message()));
  }
  port_ = acceptor.local_endpoint(error).port();
  running->Accept();
  const std::lock_guard lock(mutex_);
  running_ = std::move(running);
  // Only now: what the thread does may call After().
  running_->thread = std::thread([context = &running_->context] { context->run(); });
  return absl::OkStatus();
}

void HttpServer::Stop() {
  if (running_ == nullptr) return;
  running_->context.stop();
  running_->thread.join();
  running_->cloud.Drop();
  std::unique_ptr<Running> ending;
  {
    const std::lock_guard lock(mutex_);
    ending = std::move(running_);
  }
  // Its handlers hold the sessions, which say goodbye to the Cloud as they go: outside the lock.
}

uint16_t HttpServer::port() const {
  return port_;
}

void HttpServer::After(absl::Duration delay, std::function<void()> run) {
  const std::lock_guard lock(mutex_);
  if (running_ == nullptr) return;
  asio::post(running_->context, [context = &running_->context, delay, run = std::move(run)] {
    if (delay <= absl::ZeroDuration()) return run();
    auto timer = std::make_shared<asio::steady_timer>(*context);
    timer->expires_after(absl::ToChronoNanoseconds(delay));
    timer->async_wait([timer, run](error_code cancelled) {
      if (!cancelled) run();
    });
  });
}

}  // namespace kasa::simulator
