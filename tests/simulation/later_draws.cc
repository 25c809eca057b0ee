#include "tests/simulation/later_draws.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kasa::simulation {

using domain::DocumentKind;

void MakeSureOfAReturn(Plan& plan, Random random) {
  auto& documents = plan.documents;
  const auto is_return = [](const PlannedDocument& one) { return one.kind == DocumentKind::kReturn; };
  if (std::any_of(documents.begin(), documents.end(), is_return)) return;
  const auto alone = std::find_if(documents.rbegin(), documents.rend(),
                                  [](const PlannedDocument& one) { return one.order < 0; });
  PlannedDocument& turned = alone != documents.rend() && alone->id > 2 ? *alone : documents.back();
  turned.kind = DocumentKind::kReturn;
  turned.order = -1;
  turned.original = random.Below(3);  // a sale, a sale, a payment
  turned.amount = random.Pick<int64_t>({100, 100, 50, 30});
  const PlannedDocument& returned = documents[static_cast<size_t>(turned.original)];
  turned.at_register = returned.at_register;
  turned.at = std::max(turned.at, returned.at + random.Between(absl::Seconds(1), absl::Minutes(10)));
}

void DrawHeldBackFaults(Plan& plan, Random random) {
  constexpr int kFirstId = 50;  // beyond those of other faults
  std::vector<const PlannedDocument*> late;
  for (const PlannedDocument& one : plan.documents) late.push_back(&one);
  std::sort(late.begin(), late.end(),
            [](const PlannedDocument* a, const PlannedDocument* b) { return a->at < b->at; });
  late.erase(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(late.size() / 4));
  for (const PlannedDocument* const struck : late) {
    const int id = kFirstId + static_cast<int>(plan.held_back_faults.size());
    Fault fault;
    do {
      fault = Fault::Draw(random.Fork(random.Next()), id, 1, plan.horizon);
    } while (!IsOfRequest(fault.kind));
    fault.at_register = struck->at_register;
    fault.from = struck->at;
    fault.of_status = false;
    plan.held_back_faults.push_back(fault);
  }
}

}  // namespace kasa::simulation
