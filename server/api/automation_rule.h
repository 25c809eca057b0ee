#ifndef KASA_SERVER_API_AUTOMATION_RULE_H_
#define KASA_SERVER_API_AUTOMATION_RULE_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "kasa/v1/automation.pb.h"
#include "server/api/request_check.h"
#include "server/domain/automation.h"

// Automation rules of the contract as values of the domain, and back. Only what would be lost on the way is
// checked here. Pure functions.
namespace kasa::api {

// `path` is the rule's place in its request: "rule". Fields that are output only are ignored.
domain::AutomationRule DecodeRule(const v1::AutomationRule& rule, absl::string_view path,
                                  RequestCheck& check);

// What an update changes: the fields of the mask, or, when that is empty, those that are not empty in `rule`.
// Tells what it can't do to the rule as it is now, which it then leaves half changed.
using RuleUpdate = std::function<void(domain::AutomationRule& current, RequestCheck& check)>;
RuleUpdate DecodeRuleUpdate(const v1::AutomationRule& rule, const google::protobuf::FieldMask& mask,
                            RequestCheck& check);

void EncodeRule(const domain::AutomationRule& rule, v1::AutomationRule* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_AUTOMATION_RULE_H_
