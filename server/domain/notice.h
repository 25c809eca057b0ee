#ifndef KASA_SERVER_DOMAIN_NOTICE_H_
#define KASA_SERVER_DOMAIN_NOTICE_H_

#include <optional>
#include <string>
#include <utility>

#include "common/reason.h"

namespace kasa::domain {

// Something worth saying that stopped nothing: a reason of the published list for a program, and a sentence
// for a person. Reads as its sentence wherever a text is wanted.
struct Notice {
  Notice(Reason why, std::string words, std::string where = "")
      : reason(why), field(std::move(where)), message(std::move(words)) {}

  // One that was stored before warnings had reasons.
  static Notice WithoutReason(std::string words) {
    Notice notice(Reason::kInternal, std::move(words));
    notice.reason.reset();
    return notice;
  }

  operator const std::string&() const { return message; }  // NOLINT(google-explicit-constructor): reads as it
  friend bool operator==(const Notice&, const Notice&) = default;

  std::optional<Reason> reason;  // unset only when it was stored before warnings had reasons
  std::string field;             // the first field it is about, as a path in the request; empty: none
  std::string message;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_NOTICE_H_
