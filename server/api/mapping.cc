#include "server/api/mapping.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
#include "server/api/times.h"
#include "server/domain/catalogue.h"
#include "server/domain/integration_checks.h"

namespace kasa::api {
namespace {

// What happens to one of the two lists.
struct ListChange {
  bool changed = false;
  std::map<std::string, int> entries;
  std::vector<std::string> removed;

  void Apply(bool merge, std::map<std::string, int>& current) const {
    if (changed && !merge) current.clear();
    if (changed) {
      for (const auto& [id, code] : entries) current[id] = code;
    }
    for (const std::string& id : removed) current.erase(id);
  }
};

// The entries of one list as they were received, and what they do to the list; of one that is too long, as
// many as the check needs to refuse it.
template <typename Entries, typename Entry>
ListChange DecodeList(const Entries& entries, Entry entry, std::vector<domain::MappingEntry>& received) {
  ListChange list;
  const int decoded = ItemsToDecode(entries.size(), domain::kMaxMappingEntries);
  for (int i = 0; i < decoded; ++i) {
    received.push_back(entry(entries[i]));
    list.entries.emplace(received.back().id, received.back().code);
  }
  return list;
}

// The ids of entries to be removed: a mapping has no more than these.
std::vector<std::string> DecodeRemoved(const google::protobuf::RepeatedPtrField<std::string>& ids,
                                       absl::string_view field, RequestCheck& check) {
  if (check.TooMany(field, ids.size(), domain::kMaxMappingEntries)) return {};
  return {ids.begin(), ids.end()};
}

std::string NameOfTaxGroup(int number) {
  for (const domain::TaxGroupInfo& group : domain::KnownTaxGroups()) {
    if (group.number == number) return std::string(group.name);
  }
  return "";
}

std::string NameOfPaymentType(int code) {
  for (const domain::PaymentTypeInfo& type : domain::KnownPaymentTypes()) {
    if (type.code == code) return std::string(type.name);
  }
  return "";
}

v1::MappingEntryState StateOf(int code, const std::map<int, domain::CodeState>& states) {
  const auto state = states.find(code);
  if (state == states.end()) return v1::MAPPING_ENTRY_STATE_UNSPECIFIED;
  return state->second == domain::CodeState::kConfirmed ? v1::MAPPING_ENTRY_STATE_CONFIRMED
                                                        : v1::MAPPING_ENTRY_STATE_NOT_ENABLED;
}

v1::CoverageState EncodeState(domain::CoverageState state) {
  switch (state) {
    case domain::CoverageState::kMapped:
      return v1::COVERAGE_STATE_MAPPED;
    case domain::CoverageState::kUnmapped:
      return v1::COVERAGE_STATE_UNMAPPED;
    case domain::CoverageState::kNotEnabled:
      return v1::COVERAGE_STATE_NOT_ENABLED;
  }
  return v1::COVERAGE_STATE_UNSPECIFIED;
}

void EncodeEntries(const std::vector<domain::CoverageEntry>& entries, bool only_gaps,
                   google::protobuf::RepeatedPtrField<v1::CoverageEntry>* out) {
  for (const domain::CoverageEntry& entry : entries) {
    if (only_gaps && entry.state == domain::CoverageState::kMapped) continue;
    v1::CoverageEntry& encoded = *out->Add();
    encoded.set_id(entry.seen.id);
    encoded.set_state(EncodeState(entry.state));
    if (entry.mapped_to) encoded.set_mapped_to(*entry.mapped_to);
    encoded.set_document_count(entry.seen.documents);
    EncodeTime(entry.seen.last_seen_time, encoded.mutable_last_seen_time());
  }
}

}  // namespace

absl::AnyInvocable<void(domain::Mapping&)> DecodeMappingChange(const v1::UpdateMappingRequest& request,
                                                               RequestCheck& check) {
  std::vector<domain::MappingEntry> received_taxes;
  ListChange taxes = DecodeList(
      request.mapping().taxes(),
      [](const v1::TaxMapping& tax) {
        return domain::MappingEntry{.id = tax.tax_id(), .code = tax.tax_group()};
      },
      received_taxes);
  taxes.removed = DecodeRemoved(request.remove_tax_ids(), "remove_tax_ids", check);
  std::vector<domain::MappingEntry> received_methods;
  ListChange methods = DecodeList(
      request.mapping().payment_methods(),
      [](const v1::PaymentMethodMapping& method) {
        return domain::MappingEntry{.id = method.payment_method_id(), .code = method.payment_type()};
      },
      received_methods);
  methods.removed = DecodeRemoved(request.remove_payment_method_ids(), "remove_payment_method_ids", check);
  // What is checked here is the request's entries, where an id may be there twice; the whole mapping that
  // comes out of it is checked where it is stored.
  check.AddAll(domain::CheckMapping(received_taxes, received_methods, "mapping").violations);
  if (request.update_mask().paths_size() == 0) {
    taxes.changed = request.mapping().taxes_size() > 0;
    methods.changed = request.mapping().payment_methods_size() > 0;
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "taxes") {
      taxes.changed = true;
    } else if (path == "payment_methods") {
      methods.changed = true;
    } else {
      check.Add("update_mask", Reason::kFieldMaskInvalid,
                absl::StrCat("\"", CutUtf8(path, 100), "\" is neither \"taxes\" nor \"payment_methods\""));
    }
  }
  return [taxes = std::move(taxes), methods = std::move(methods),
          merge = request.merge()](domain::Mapping& mapping) {
    taxes.Apply(merge, mapping.tax_groups);
    methods.Apply(merge, mapping.payment_types);
  };
}

void EncodeMapping(const std::string& integration_id, const domain::Mapping& mapping,
                   const domain::Experience& experience, v1::Mapping* out) {
  out->set_integration_id(integration_id);
  for (const auto& [id, group] : mapping.tax_groups) {
    v1::TaxMapping& tax = *out->add_taxes();
    tax.set_tax_id(id);
    tax.set_tax_group(group);
    tax.set_tax_group_name(NameOfTaxGroup(group));
    tax.set_state(StateOf(group, experience.tax_groups));
  }
  for (const auto& [id, type] : mapping.payment_types) {
    v1::PaymentMethodMapping& method = *out->add_payment_methods();
    method.set_payment_method_id(id);
    method.set_payment_type(type);
    method.set_payment_type_name(NameOfPaymentType(type));
    method.set_state(StateOf(type, experience.payment_types));
  }
  out->set_etag(EncodeEtag(mapping.revision));
  EncodeTime(mapping.update_time, out->mutable_update_time());
}

void EncodeCoverage(const domain::Coverage& coverage, bool only_gaps, v1::GetMappingCoverageResponse* out) {
  EncodeEntries(coverage.taxes, only_gaps, out->mutable_taxes());
  EncodeEntries(coverage.payment_methods, only_gaps, out->mutable_payment_methods());
}

void EncodeCatalogue(v1::GetCatalogueResponse* out) {
  for (const domain::TaxGroupInfo& group : domain::KnownTaxGroups()) {
    v1::TaxGroup& encoded = *out->add_tax_groups();
    encoded.set_tax_group(group.number);
    encoded.set_name(std::string(group.name));
    encoded.set_letter(std::string(group.letter));
    encoded.set_excise(group.excise);
  }
  for (const domain::PaymentTypeInfo& type : domain::KnownPaymentTypes()) {
    v1::PaymentType& encoded = *out->add_payment_types();
    encoded.set_payment_type(type.code);
    encoded.set_name(std::string(type.name));
    encoded.set_chain(type.chain);
  }
}

}  // namespace kasa::api
