#ifndef KASA_TESTS_SIMULATOR_RAW_CLIENT_H_
#define KASA_TESTS_SIMULATOR_RAW_CLIENT_H_

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace kasa::simulator::testing {

// One connection, seen byte by byte: what a library's client would hide (a cut, silence, half an answer).
class RawClient {
 public:
  struct Answer {
    int status = 0;       // 0: not even a status line
    std::string headers;  // with the status line
    std::string body;
    size_t promised = 0;  // Content-Length
    bool closed = false;  // the connection ended
    bool silent = false;  // nothing more came within the time given
  };

  explicit RawClient(uint16_t port) { socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port}); }

  void Send(std::string_view method, std::string_view target, std::string_view token, std::string_view body) {
    std::string request;
    request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: simulator\r\n");
    if (!token.empty()) request.append("Authorization: ").append(token).append("\r\n");
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    boost::asio::write(socket_, boost::asio::buffer(request));
  }

  // One answer: whole, or as far as it comes before the connection ends or `milliseconds` pass without a
  // byte.
  Answer Receive(int milliseconds = 10'000) {
    Answer answer;
    std::string in;
    size_t head = std::string::npos;
    while (head == std::string::npos || in.size() < head + answer.promised) {
      char chunk[65536];
      const int got = Wait(milliseconds, chunk, sizeof chunk);
      if (got <= 0) {
        (got == 0 ? answer.closed : answer.silent) = true;
        break;
      }
      in.append(chunk, static_cast<size_t>(got));
      if (head == std::string::npos && in.find("\r\n\r\n") != std::string::npos) {
        head = in.find("\r\n\r\n") + 4;
        answer.headers = in.substr(0, head);
        answer.status = std::stoi(answer.headers.substr(9, 3));
        const size_t length = answer.headers.find("Content-Length: ");
        if (length != std::string::npos) answer.promised = std::stoul(answer.headers.substr(length + 16));
      }
    }
    if (head != std::string::npos) answer.body = in.substr(head);
    return answer;
  }

  Answer Call(std::string_view method, std::string_view target, std::string_view token,
              std::string_view body) {
    Send(method, target, token, body);
    return Receive();
  }

  void Close() { socket_.close(); }

 private:
  // Bytes read; 0 at the connection's end (or its reset), -1 when the time is over.
  int Wait(int milliseconds, char* chunk, size_t size) {
    int result = -1;
    context_.restart();
    socket_.async_receive(boost::asio::buffer(chunk, size),
                          [&result](boost::system::error_code error, size_t got) {
                            if (error != boost::asio::error::operation_aborted)
                              result = error ? 0 : static_cast<int>(got);
                          });
    context_.run_for(std::chrono::milliseconds(milliseconds));
    if (!context_.stopped()) {
      socket_.cancel();
      context_.run();
    }
    return result;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
};

}  // namespace kasa::simulator::testing

#endif  // KASA_TESTS_SIMULATOR_RAW_CLIENT_H_
