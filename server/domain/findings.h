#ifndef KASA_SERVER_DOMAIN_FINDINGS_H_
#define KASA_SERVER_DOMAIN_FINDINGS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/money.h"
#include "common/reason.h"
#include "server/domain/notice.h"
#include "server/domain/violation.h"

// What the checks of a request find, and the few checks that every kind of field shares. Plain values, used
// by one thread at a time.
namespace kasa::domain {

// Warnings of one request. Those about single fields are put together, one text a subject, because a document
// of a thousand lines may have the same fault in each.
class WarningList {
 public:
  void Add(Reason reason, std::string warning) { warnings_.emplace_back(reason, std::move(warning)); }

  // `field` has something that `subject` says: "cut to the register's length".
  void AddField(Reason reason, absl::string_view subject, std::string field);

  // All of them; what is about fields as "cut to the register's length: sale.lines[0].name, ... and 7 more".
  std::vector<Notice> Take() &&;

 private:
  struct Subject {
    Reason reason;
    std::string text;
    std::vector<std::string> fields;  // the first few
    size_t count = 0;
  };

  std::vector<Notice> warnings_;
  std::vector<Subject> subjects_;
};

struct Findings {
  Violations violations;
  WarningList warnings;
};

// A message of the request under check, known by its path. Cheap to make and to copy about; the findings must
// outlive it.
//
// The Is... checks add a violation when they return false.
class FieldScope {
 public:
  FieldScope(Findings& findings, std::string path) : findings_(&findings), path_(std::move(path)) {}

  FieldScope Item(absl::string_view list, size_t index) const;  // "sale" -> "sale.lines[3]"
  FieldScope Member(absl::string_view name) const;              // "sale" -> "sale.buyer"
  std::string PathOf(absl::string_view field) const;

  void Violate(absl::string_view field, Reason reason, std::string message) const;
  void Warn(Reason reason, absl::string_view subject, absl::string_view field) const;
  WarningList& warnings() const { return findings_->warnings; }
  size_t violation_count() const { return findings_->violations.size(); }  // of the whole request, so far

  // Not longer than `max_length` characters.
  bool IsShortEnough(absl::string_view field, absl::string_view value, size_t max_length) const;

  // Short enough and without control characters. Empty is fine.
  bool IsIdOrEmpty(absl::string_view field, absl::string_view value, size_t max_length) const;

  // The same, and not empty.
  bool IsId(absl::string_view field, absl::string_view value, size_t max_length) const;

  // Within limits.h, either sign.
  bool IsInRange(absl::string_view field, Money value) const;

  // `value` as the register takes it, with a warning when it was cleaned or cut.
  std::string Clean(absl::string_view field, absl::string_view value, size_t max_length) const;

 private:
  Findings* findings_;
  std::string path_;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_FINDINGS_H_
