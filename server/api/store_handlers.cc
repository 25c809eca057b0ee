#include <string>
#include <utility>
#include <vector>

#include "server/api/errors.h"
#include "server/api/integration_handlers.h"
#include "server/api/request_check.h"

// The store as a whole: ending the pause of one that was restored or copied.
namespace kasa::api {
namespace {

constexpr size_t kMostNoteLength = 1000;
constexpr size_t kMostRegisters = 1000;

}  // namespace

void IntegrationHandlers::AdoptStore(v1::AdoptStoreRequest request, CallContext call,
                                     Done<v1::AdoptStoreResponse> done) {
  RequestCheck check;
  const auto& registers = request.register_fiscal_numbers();
  if (!check.TooMany("register_fiscal_numbers", registers.size(), kMostRegisters)) {
    for (int i = 0; i < registers.size(); ++i) {
      check.Required(ItemPath("register_fiscal_numbers", i), registers[i]);
    }
  }
  check.Required("principal", request.principal());
  check.Required("note", request.note(), kMostNoteLength);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  store::Adoption adoption{.registers = {registers.begin(), registers.end()},
                           .principal = request.principal(),
                           .note = request.note()};
  // What could not be read has to reach the caller who adopts all the same.
  auto is_over = [&clock = clock_, is_over = std::move(call.is_over),
                  until = clock_.Monotonic() + call.answer_within] {
    return is_over() || clock.Monotonic() >= until;
  };
  engine_.AdoptStore(std::move(adoption), std::move(is_over),
                     EncodeOn<engine::AdoptionOutcome>(
                         executor_, std::move(done),
                         [](engine::AdoptionOutcome outcome) -> absl::StatusOr<v1::AdoptStoreResponse> {
                           v1::AdoptStoreResponse response;
                           for (std::string& one : outcome.go_on)
                             response.add_register_fiscal_numbers(std::move(one));
                           for (engine::RegisterReconciliation& one : outcome.reconciliations) {
                             v1::RegisterReconciliation& told = *response.add_reconciliations();
                             told.set_register_fiscal_number(std::move(one.register_fiscal_number));
                             told.set_gap(std::move(one.gap));
                             told.set_documents(static_cast<int32_t>(one.receipts));
                             told.set_unknown_own(static_cast<int32_t>(one.unknown_own));
                             told.set_foreign(static_cast<int32_t>(one.unknown_foreign));
                           }
                           return response;
                         }));
}

}  // namespace kasa::api
