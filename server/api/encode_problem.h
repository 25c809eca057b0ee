#ifndef KASA_SERVER_API_ENCODE_PROBLEM_H_
#define KASA_SERVER_API_ENCODE_PROBLEM_H_

#include <string>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "kasa/v1/problem.pb.h"
#include "server/domain/failure.h"
#include "server/domain/notice.h"
#include "server/domain/violation.h"

// Failures, warnings and violations as the contract tells them. Pure functions.
namespace kasa::api {

v1::FailureClass EncodeClass(FailureClass failure_class);
void EncodeUpstream(const domain::Upstream& upstream, v1::Upstream* out);
void EncodeFailure(const domain::Failure& failure, v1::Failure* out);

// A plain text is for a person: it has no reason of its own.

void EncodeWarnings(const std::vector<domain::Notice>& warnings,
                    google::protobuf::RepeatedPtrField<v1::Warning>* out);

void EncodeViolations(const domain::Violations& violations,
                      google::protobuf::RepeatedPtrField<v1::Violation>* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_PROBLEM_H_
