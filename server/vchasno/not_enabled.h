#ifndef KASA_SERVER_VCHASNO_NOT_ENABLED_H_
#define KASA_SERVER_VCHASNO_NOT_ENABLED_H_

#include "server/domain/experience.h"
#include "server/domain/failure.h"

namespace kasa::vchasno {

// Which code a refusal with 1110 ("payment type or tax group not enabled") means, as far as error_extra and
// the text tell: a whole number under a name that speaks of payments or of taxes, else which of the two words
// the text has. What can't be read leaves the hint open. A pure function of untrusted bytes.
domain::NotEnabledHint ReadNotEnabled(const domain::Upstream& refusal);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_NOT_ENABLED_H_
