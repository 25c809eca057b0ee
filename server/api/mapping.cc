#include "server/api/mapping.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
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

// The entries of one list as they were received, and what they do to the list.
template <typename Entries, typename Entry>
ListChange DecodeList(const Entries& entries, Entry entry, std::vector<domain::MappingEntry>& received) {
  ListChange list;
  for (const auto& each : entries) {
    received.push_back(entry(each));
    list.entries.emplace(received.back().id, received.back().code);
  }
  return list;
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
  taxes.removed.assign(request.remove_tax_ids().begin(), request.remove_tax_ids().end());
  std::vector<domain::MappingEntry> received_methods;
  ListChange methods = DecodeList(
      request.mapping().payment_methods(),
      [](const v1::PaymentMethodMapping& method) {
        return domain::MappingEntry{.id = method.payment_method_id(), .code = method.payment_type()};
      },
      received_methods);
  methods.removed.assign(request.remove_payment_method_ids().begin(),
                         request.remove_payment_method_ids().end());
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

void EncodeMapping(const std::string& integration_id, const domain::Mapping& mapping, v1::Mapping* out) {
  out->set_integration_id(integration_id);
  for (const auto& [id, group] : mapping.tax_groups) {
    v1::TaxMapping& tax = *out->add_taxes();
    tax.set_tax_id(id);
    tax.set_tax_group(group);
    tax.set_tax_group_name(NameOfTaxGroup(group));
  }
  for (const auto& [id, type] : mapping.payment_types) {
    v1::PaymentMethodMapping& method = *out->add_payment_methods();
    method.set_payment_method_id(id);
    method.set_payment_type(type);
    method.set_payment_type_name(NameOfPaymentType(type));
  }
  out->set_etag(EncodeEtag(mapping.revision));
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
