#ifndef KASA_SERVER_DOMAIN_NOTICE_H_
#define KASA_SERVER_DOMAIN_NOTICE_H_

#include <optional>
#include <string>
#include <utility>

#include "common/reason.h"

namespace kasa::domain {

// Something worth saying that stopped nothing: a sentence for a person and, where a program may want to tell
// it apart, a reason of the published list. Reads as its sentence wherever a text is wanted.
struct Notice {
  Notice(std::string words) : message(std::move(words)) {}
  Notice(const char* words) : message(words) {}
  Notice(Reason why, std::string words) : message(std::move(words)), reason(why) {}

  operator const std::string&() const { return message; }
  friend bool operator==(const Notice&, const Notice&) = default;

  std::string message;
  std::optional<Reason> reason;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_NOTICE_H_
