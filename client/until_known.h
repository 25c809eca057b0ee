#ifndef KASA_CLIENT_UNTIL_KNOWN_H_
#define KASA_CLIENT_UNTIL_KNOWN_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kasa/client/options.h"
#include "kasa/client/time_source.h"
#include "kasa/v1/fiscalization_service.pb.h"

// Repeating a document until its outcome is known. Internal to the library.
//
//   end of a try                                   what follows
//   OK, FISCALIZED | FAILED | CANCELLED            the answer
//   OK, any other state                            again, to wait on
//   our ErrorInfo, UNAVAILABLE or with RetryInfo   again, not before the delay that was asked for
//   our ErrorInfo, any other                       the error, if no try before may have stored anything; else
//                                                  what is stored is looked up: nothing -> the error,
//                                                  something or not known -> again
//   no ErrorInfo, the other end is no gateway      the error (UNIMPLEMENTED, UNAUTHENTICATED and the like)
//   no ErrorInfo, any other                        again: not known
namespace kasa::client::internal {

// The two calls it makes, each within a time-out.
struct SaleCalls {
  std::function<absl::StatusOr<v1::FiscalizeSaleResponse>(const v1::FiscalizeSaleRequest&, absl::Duration)>
      fiscalize;
  std::function<absl::StatusOr<v1::GetFiscalizationResponse>(const v1::GetFiscalizationRequest&,
                                                             absl::Duration)>
      look;
};

// Client::FiscalizeSaleUntilKnown.
absl::StatusOr<v1::FiscalizeSaleResponse> FiscalizeUntilKnown(v1::FiscalizeSaleRequest request,
                                                              absl::Duration give_up_after,
                                                              const ClientOptions& options, TimeSource& time,
                                                              const SaleCalls& calls);

}  // namespace kasa::client::internal

#endif  // KASA_CLIENT_UNTIL_KNOWN_H_
