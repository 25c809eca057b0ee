#ifndef KASA_SERVER_DOMAIN_SEND_PERMIT_H_
#define KASA_SERVER_DOMAIN_SEND_PERMIT_H_

#include <cstdint>
#include <string>
#include <utility>

namespace kasa::domain {

// The right to put one request on the wire, once (architecture.md, rule 2): made by the store after the
// SENDING mark is durable, consumed by value by the one function that sends. Move-only; a moved-from permit
// is spent.
class SendPermit {
 public:
  SendPermit(SendPermit&& other) noexcept
      : exchange_id_(std::exchange(other.exchange_id_, 0)), body_(std::move(other.body_)) {}
  SendPermit& operator=(SendPermit&&) = delete;
  SendPermit(const SendPermit&) = delete;
  SendPermit& operator=(const SendPermit&) = delete;

  bool spent() const { return exchange_id_ == 0; }
  int64_t exchange_id() const { return exchange_id_; }

  // The exact bytes that are stored with the mark.
  const std::string& body() const { return body_; }

 private:
  friend class SendPermitIssuer;
  SendPermit(int64_t exchange_id, std::string body) : exchange_id_(exchange_id), body_(std::move(body)) {}

  int64_t exchange_id_;
  std::string body_;
};

// Makes permits. Only a store may use it, and only after the mark is durable; tests of the adapter stand in
// for one.
class SendPermitIssuer {
 public:
  static SendPermit IssueAfterDurableMark(int64_t exchange_id, std::string body) {
    return SendPermit(exchange_id, std::move(body));
  }
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_SEND_PERMIT_H_
