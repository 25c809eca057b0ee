#ifndef KASA_SERVER_API_MAPPING_H_
#define KASA_SERVER_API_MAPPING_H_

#include <string>

#include "kasa/v1/mapping.pb.h"
#include "server/api/request_check.h"
#include "server/domain/coverage.h"
#include "server/domain/experience.h"
#include "server/domain/integration.h"
#include "server/engine/integration_desk.h"

// Mappings and the catalogue of the contract, both ways. Pure functions.
namespace kasa::api {

// What an update changes: the lists that the mask names or, without a mask, those that have entries; entries
// are added or replaced with `merge`, else each changed list is replaced. Then the entries that the request
// names are removed. An entry that is there twice is FIELD_INVALID, a tax group that the catalogue does not
// have TAX_GROUP_UNKNOWN, a payment type out of range PAYMENT_TYPE_INVALID.
absl::AnyInvocable<void(domain::Mapping&)> DecodeMappingChange(const v1::UpdateMappingRequest& request,
                                                               RequestCheck& check);

// `experience` tells the state of the entries.
void EncodeMapping(const std::string& integration_id, const domain::Mapping& mapping,
                   const domain::Experience& experience, v1::Mapping* out);

void EncodeCoverage(const domain::Coverage& coverage, bool only_gaps, v1::GetMappingCoverageResponse* out);

void EncodeCatalogue(v1::GetCatalogueResponse* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_MAPPING_H_
