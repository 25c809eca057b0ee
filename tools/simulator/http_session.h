#ifndef KASA_TOOLS_SIMULATOR_HTTP_SESSION_H_
#define KASA_TOOLS_SIMULATOR_HTTP_SESSION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/simulator/cloud.h"
#include "tools/simulator/http_server.h"

namespace kasa::simulator {

// One connection, from accept to close: reads a request whole, hands it on, lets the answer leave the way it
// says, and notices when the client goes away meanwhile. Lives as long as an operation of its own or a reply
// to come holds it; runs on the server's thread only.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, Cloud& cloud, const HttpServer::AdminHandler& admin);
  ~HttpSession();

  void Read();

 private:
  void OnRead(boost::system::error_code error);
  void WatchForDeparture();
  void Leave(HttpReply reply);
  void LeaveWhole();
  void LeavePart();
  void LeaveDripping();
  void StaySilent(absl::Duration duration);
  void Close();
  // The request on the wire, if any, is over.
  void FinishTicket();
  std::string Serialize(const HttpReply& reply) const;

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Cloud& cloud_;
  const HttpServer::AdminHandler& admin_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::string out_;
  size_t dripped_ = 0;
  HttpReply reply_;
  uint64_t requests_ = 0;
  std::optional<uint64_t> ticket_;
  bool answered_ = false;  // the reply to the request at hand has come
  bool keep_alive_ = false;
  bool closed_ = false;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_HTTP_SESSION_H_
