#ifndef KASA_SERVER_DOMAIN_REFUSALS_ALIKE_H_
#define KASA_SERVER_DOMAIN_REFUSALS_ALIKE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace kasa::domain {

// Refusals of documents with one unknown code, in a row: when they are of three different documents, it is
// the register's trouble and not theirs (architecture.md, rule 6).
class RefusalsAlike {
 public:
  // Whether it is the register's trouble by now.
  bool Add(std::optional<int64_t> res, const std::string& document_id) {
    if (res_ != res) {
      res_ = res;
      documents_.clear();
    }
    documents_.insert(document_id);
    constexpr size_t kAlikeMeansTheRegister = 3;
    return documents_.size() >= kAlikeMeansTheRegister;
  }

  // The register took a document, or judged one by its content: those before are not in a row.
  void Clear() {
    res_.reset();
    documents_.clear();
  }

 private:
  std::optional<int64_t> res_;
  std::set<std::string> documents_;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_REFUSALS_ALIKE_H_
