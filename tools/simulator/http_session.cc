#include "tools/simulator/http_session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace kasa::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr uint64_t kLargestBody = 16u << 20;

std::string ToText(boost::beast::string_view text) {
  return std::string(text.data(), text.size());
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, Cloud& cloud, const HttpServer::AdminHandler& admin)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), cloud_(cloud), admin_(admin) {
  error_code ignored;  // only a matter of speed
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  // The peek of WatchForDeparture() must never block: what woke it may have been read by then.
  socket_.non_blocking(true, ignored);
}

HttpSession::~HttpSession() {
  FinishTicket();
}

void HttpSession::Read() {
  parser_.emplace();
  parser_->body_limit(kLargestBody);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, size_t) { self->OnRead(error); });
}

void HttpSession::OnRead(error_code error) {
  if (error) return Close();
  http::request<http::string_body> message = parser_->release();
  keep_alive_ = message.keep_alive();
  answered_ = false;
  HttpRequest request;
  request.method = ToText(message.method_string());
  request.target = ToText(message.target());
  request.authorization = ToText(message[http::field::authorization]);
  request.body = std::move(message.body());
  request.warm = requests_++ > 0;

  if (request.target.starts_with("/simulator/")) {
    error_code failed;
    const auto peer = socket_.remote_endpoint(failed);
    if (!failed && peer.address().is_loopback()) return Leave(admin_(request));
    HttpReply refusal;
    refusal.status = 403;
    return Leave(std::move(refusal));
  }
  // The reply may come before Handle() returns; the ticket is then finished right here.
  const uint64_t ticket = cloud_.Handle(std::move(request), [self = shared_from_this()](HttpReply reply) {
    // The client may have gone meanwhile: then nobody is left to be answered.
    if (self->closed_ || self->answered_) return;
    self->Leave(std::move(reply));
  });
  ticket_ = ticket;
  if (closed_) return FinishTicket();
  if (!answered_) WatchForDeparture();
}

void HttpSession::WatchForDeparture() {
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    if (error || self->closed_) return;
    char byte = 0;
    error_code peeked;
    const size_t size =
        self->socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, peeked);
    // Data would be a pipelined request, which waits its turn: read after this answer.
    if (peeked == asio::error::would_block) return;
    if (peeked || size == 0) self->Close();
  });
}

std::string HttpSession::Serialize(const HttpReply& reply) const {
  std::string out =
      absl::StrCat("HTTP/1.1 ", reply.status, " ",
                   ToText(http::obsolete_reason(static_cast<http::status>(reply.status))), "\r\n");
  absl::StrAppend(&out, "Content-Type: ", reply.content_type, "\r\nContent-Length: ", reply.body.size(),
                  "\r\n");
  if (!keep_alive_) absl::StrAppend(&out, "Connection: close\r\n");
  for (const auto& [name, value] : reply.headers) absl::StrAppend(&out, name, ": ", value, "\r\n");
  absl::StrAppend(&out, "\r\n", reply.body);
  return out;
}

void HttpSession::Leave(HttpReply reply) {
  answered_ = true;
  reply_ = std::move(reply);
  out_ = Serialize(reply_);
  switch (reply_.delivery) {
    case Delivery::kWhole:
      return LeaveWhole();
    case Delivery::kCut:
      return Close();
    case Delivery::kCutMidAnswer:
      return LeavePart();
    case Delivery::kDrip:
      dripped_ = 0;
      WatchForDeparture();
      return LeaveDripping();
    case Delivery::kSilence:
      return StaySilent(reply_.silence);
  }
}

void HttpSession::LeaveWhole() {
  // A client that has the answer may send the next request before our write is reported back: the request is
  // off the wire from here on.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->closed_) return;
    self->FinishTicket();
    asio::async_write(self->socket_, asio::buffer(self->out_), [self](error_code error, size_t) {
      if (error || !self->keep_alive_) return self->Close();
      self->Read();
    });
  });
}

void HttpSession::LeavePart() {
  out_.resize(out_.size() - reply_.body.size() / 2 - 1);
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](error_code, size_t) { self->Close(); });
}

void HttpSession::LeaveDripping() {
  const size_t size = std::min(static_cast<size_t>(reply_.bytes_per_interval), out_.size() - dripped_);
  if (dripped_ + size == out_.size()) FinishTicket();
  asio::async_write(socket_, asio::buffer(out_.data() + dripped_, size),
                    [self = shared_from_this()](error_code error, size_t written) {
                      if (error || self->closed_) return self->Close();
                      self->dripped_ += written;
                      if (self->dripped_ == self->out_.size())
                        return self->keep_alive_ ? self->Read() : self->Close();
                      self->timer_.expires_after(absl::ToChronoNanoseconds(self->reply_.interval));
                      self->timer_.async_wait([self](error_code cancelled) {
                        if (!cancelled && !self->closed_) self->LeaveDripping();
                      });
                    });
}

void HttpSession::StaySilent(absl::Duration duration) {
  WatchForDeparture();
  timer_.expires_after(absl::ToChronoNanoseconds(duration));
  timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->Close();
  });
}

void HttpSession::Close() {
  if (closed_) return;
  closed_ = true;
  timer_.cancel();
  error_code ignored;  // it is going away, whatever the socket says
  socket_.close(ignored);
  FinishTicket();
}

void HttpSession::FinishTicket() {
  if (ticket_.has_value()) cloud_.Finished(*std::exchange(ticket_, std::nullopt));
}

}  // namespace kasa::simulator
