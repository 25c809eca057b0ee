#include "server/monitoring/http_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace kasa::monitoring {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kMostUnread = size_t{64} << 10;

std::string PathOf(boost::beast::string_view target) {
  return std::string(target.substr(0, target.find('?')));
}

}  // namespace

// Who waits for a page. The connection goes before the loop.
struct HttpConnection::Asked {
  std::shared_ptr<void> loop;
  std::shared_ptr<HttpConnection> connection;
};

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, std::weak_ptr<void> loop,
                               const std::map<std::string, HttpPage>& pages,
                               const HttpListener::Limits& limits)
    : loop_(std::move(loop)),
      stream_(std::move(socket)),
      pages_(pages),
      limits_(limits),
      buffer_(size_t{limits.header_bytes} * 2) {
  request_.header_limit(limits.header_bytes);
}

void HttpConnection::Serve() {
  stream_.expires_after(absl::ToChronoNanoseconds(limits_.request));
  http::async_read_header(stream_, buffer_, request_,
                          [self = shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
}

void HttpConnection::Cut() {
  stream_.close();
}

void HttpConnection::OnHeader(error_code error) {
  owes_request_ = false;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse(431, "the request's header is too large");
  }
  // Gone, cut, or too slow: nobody is there to be answered.
  if (error == http::error::end_of_stream || error == http::error::partial_message) return Cut();
  if (error && error.category() == make_error_code(http::error::bad_method).category()) {
    return Refuse(400, "that is no HTTP request");
  }
  if (error) return Cut();
  const http::verb method = request_.get().method();
  without_body_ = method == http::verb::head;
  const auto page = pages_.find(PathOf(request_.get().target()));
  if (page == pages_.end()) return Refuse(404, "there is no such page");
  if (method != http::verb::get && method != http::verb::head) {
    response_.set(http::field::allow, "GET, HEAD");
    return Refuse(405, "only GET and HEAD");
  }
  stream_.expires_never();  // until the page is made
  page->second([asked = Asked{loop_.lock(), shared_from_this()}](HttpAnswer answer) {
    asio::post(asked.connection->stream_.get_executor(),
               [connection = asked.connection, answer = std::move(answer)]() mutable {
                 connection->Answer(std::move(answer));
               });
  });
}

void HttpConnection::Refuse(int status, const std::string& why) {
  Answer({.status = status, .body = absl::StrCat(why, "\n")});
}

void HttpConnection::Answer(HttpAnswer answer) {
  response_.version(11);
  response_.result(static_cast<unsigned>(answer.status));
  response_.set(http::field::content_type, answer.content_type);
  response_.set(http::field::cache_control, "no-store");
  response_.keep_alive(false);
  response_.content_length(answer.body.size());
  if (!without_body_) response_.body() = std::move(answer.body);
  stream_.expires_after(absl::ToChronoNanoseconds(limits_.answer));
  http::async_write(stream_, response_, [self = shared_from_this()](error_code error, size_t) {
    if (error) return self->Cut();
    error_code ignored;  // the peer may be gone: then reading says so
    self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    self->stream_.expires_after(absl::ToChronoNanoseconds(self->limits_.close));
    self->Linger();
  });
}

void HttpConnection::Linger() {
  stream_.async_read_some(asio::buffer(unread_), [self = shared_from_this()](error_code error, size_t size) {
    self->unread_bytes_ += size;
    if (error || self->unread_bytes_ > kMostUnread) return self->Cut();
    self->Linger();
  });
}

}  // namespace kasa::monitoring
