#ifndef KASA_SERVER_API_INTEGRATION_SETTINGS_H_
#define KASA_SERVER_API_INTEGRATION_SETTINGS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "kasa/v1/integration.pb.h"
#include "kasa/v1/register.pb.h"
#include "server/api/request_check.h"
#include "server/domain/integration.h"
#include "server/engine/integration_desk.h"
#include "server/store/store.h"

// Integrations of the contract and of the domain, both ways. Only what would be lost on the way is checked
// here (values of enums that the contract does not have, times of the day, the mask, and what this version
// does not have); the rest is the domain's to judge. Pure functions.
namespace kasa::api {

// The settings of an integration that is to be created; what is not stated has its default. Fields that are
// output only are ignored. `path` is its place in the request: "integration".
domain::Integration DecodeIntegration(const v1::Integration& integration, absl::string_view path,
                                      RequestCheck& check);

// What an update changes: the fields that the mask names or, without a mask, those that have a value. A field
// that is named and has none gets its default again. "*", output-only and unknown paths, and paths into a
// message ("quiet_window.start") are FIELD_MASK_INVALID.
engine::SettingsChange DecodeSettingsChange(const v1::Integration& integration,
                                            const google::protobuf::FieldMask& mask, RequestCheck& check);

// Test or real as an operator states it; nothing when not stated.
std::optional<domain::RegisterMode> DecodeMode(v1::RegisterMode mode, absl::string_view path,
                                               RequestCheck& check);

// All but what the register last said of itself, and its lane.
void EncodeIntegration(const domain::Integration& integration, v1::Integration* out);

void EncodeProof(const domain::TagMemoryProof& proof, v1::TagMemoryProof* out);

// "HH:MM", up to "24:00", as minutes after midnight; nothing for anything else.
std::optional<int> ParseMinute(absl::string_view text);
std::string FormatMinute(int minute);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_INTEGRATION_SETTINGS_H_
