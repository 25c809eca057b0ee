#ifndef KASA_SERVER_ENGINE_REGISTER_IDENTITY_H_
#define KASA_SERVER_ENGINE_REGISTER_IDENTITY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/domain/integration.h"
#include "server/domain/register_status.h"

// Which register a token belongs to (product.md, point 3). Pure functions on plain values.
namespace kasa::engine {

// What the operator says about a register whose status does not name itself. Empty fields state nothing.
struct StatedRegister {
  std::string fiscal_number;
  std::string edrpou;
  std::optional<domain::RegisterMode> mode;

  bool empty() const { return fiscal_number.empty() && edrpou.empty() && !mode; }
};

// The register that a status and the operator name together: each fact as told, or as stated where the status
// is silent. FAILED_PRECONDITION with REGISTER_MISMATCH when the two disagree, and with
// REGISTER_FACTS_MISSING when neither knows a fact; the status' facts name the fields to state ("missing").
absl::StatusOr<domain::PinnedRegister> IdentifyRegister(const domain::RegisterStatus& told,
                                                        const StatedRegister& stated);

// In what `found` is another register than `pinned`, in words; nothing when they are the same one. Who named
// it makes no difference.
std::optional<std::string> DifferenceOf(const domain::PinnedRegister& found,
                                        const domain::PinnedRegister& pinned);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_REGISTER_IDENTITY_H_
