#include "tests/simulation/accepted_content.h"

#include <algorithm>

#include "absl/strings/str_replace.h"

namespace kasa::simulation {
namespace {

const std::set<int> kAnyMapping = {0, 1};

bool IsMappedBy(const TaskRequest& request, int version) {
  for (const TaskRow& row : request.rows) {
    const bool untaxed = row.code == "c-3" || row.code == "c-5";
    const int expected = row.code == "c-4" ? 4 : !untaxed ? 1 : version == 0 ? 2 : 7;
    if (row.tax_group != expected) return false;
  }
  const int card = version == 0 ? 2 : 1;
  return std::all_of(request.payments.begin(), request.payments.end(),
                     [&](const TaskPayment& one) { return one.type == 0 || one.type == card; });
}

}  // namespace

domain::Mapping MappingOfEach(int version) {
  domain::Mapping mapping;
  mapping.tax_groups = {{"vat20", 1}, {"none", version == 0 ? 2 : 7}, {"vat7", 4}};
  mapping.payment_types = {{"cash", 0}, {"card", version == 0 ? 2 : 1}};
  return mapping;
}

AcceptedContent::Versions& AcceptedContent::InForce(int at_register) {
  return in_force_.try_emplace(at_register, Versions{0}).first->second;
}

void AcceptedContent::MappingMayBe(int at_register, int version) {
  InForce(at_register).insert(version);
  for (auto& [document, content] : contents_) {
    if (content.open && content.at_register == at_register) content.mapped_by.insert(version);
  }
}

void AcceptedContent::MappingIs(int at_register, int version) {
  InForce(at_register) = {version};
}

void AcceptedContent::MayBeMapped(const std::string& document, int at_register) {
  Content& content = contents_[document];
  content.at_register = at_register;
  content.open = true;
  content.sent_last.clear();
  content.mapped_by.insert(InForce(at_register).begin(), InForce(at_register).end());
}

void AcceptedContent::IsMapped(const std::string& document) {
  contents_[document].open = false;
}

void AcceptedContent::StoreWasPutBack() {
  for (auto& [at_register, versions] : in_force_) versions = kAnyMapping;
  for (auto& [document, content] : contents_) {
    content.mapped_by = kAnyMapping;
    content.sent_last.clear();
  }
}

bool AcceptedContent::MaySend(const std::string& document, const std::string& original,
                              const TaskRequest& request, const std::string& body) {
  Content& content = contents_[document];
  Versions versions = content.mapped_by;
  if (const auto returned = contents_.find(original); returned != contents_.end()) {
    versions.insert(returned->second.mapped_by.begin(), returned->second.mapped_by.end());
  }
  const std::string but_for_tag = absl::StrReplaceAll(body, {{request.tag, ""}});
  const bool same = content.sent_last.empty() || content.sent_last == but_for_tag;
  content.sent_last = content.open ? "" : but_for_tag;
  return same && std::any_of(versions.begin(), versions.end(),
                             [&](int version) { return IsMappedBy(request, version); });
}

}  // namespace kasa::simulation
