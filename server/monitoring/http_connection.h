#ifndef KASA_SERVER_MONITORING_HTTP_CONNECTION_H_
#define KASA_SERVER_MONITORING_HTTP_CONNECTION_H_

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <memory>
#include <string>

#include "server/monitoring/http_listener.h"

namespace kasa::monitoring {

// One connection of an HttpListener: reads the header of one request, answers it, and closes. Lives as long
// as an operation of its own holds it. On the listener's thread only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // `loop` owns `pages`, `limits` and what runs the socket. Whoever makes a page holds it with the
  // connection.
  HttpConnection(boost::asio::ip::tcp::socket socket, std::weak_ptr<void> loop,
                 const std::map<std::string, HttpPage>& pages, const HttpListener::Limits& limits);

  void Serve();
  // Whether its request is not there yet.
  bool OwesRequest() const { return owes_request_; }
  void Cut();

 private:
  struct Asked;

  void OnHeader(boost::system::error_code error);
  void Answer(HttpAnswer answer);
  void Refuse(int status, const std::string& why);
  // Reads what is still coming, for a moment: closing over unread data would take the answer back.
  void Linger();

  const std::weak_ptr<void> loop_;
  boost::beast::tcp_stream stream_;
  const std::map<std::string, HttpPage>& pages_;
  const HttpListener::Limits& limits_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> request_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::array<char, 1024> unread_{};
  size_t unread_bytes_ = 0;
  bool owes_request_ = true;
  bool without_body_ = false;  // HEAD
};

}  // namespace kasa::monitoring

#endif  // KASA_SERVER_MONITORING_HTTP_CONNECTION_H_
