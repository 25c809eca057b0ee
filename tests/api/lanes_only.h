#ifndef KASA_TESTS_API_LANES_ONLY_H_
#define KASA_TESTS_API_LANES_ONLY_H_

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server/engine/engine.h"

namespace kasa::api {

// Lanes as a test wants them; nothing else of an engine.
class LanesOnly final : public engine::Engine {
 public:
  void Start(absl::AnyInvocable<void(absl::Status) &&>) override { std::abort(); }
  void Drain(absl::Duration, absl::AnyInvocable<void(bool) &&>) override { std::abort(); }
  engine::Fiscalizer& fiscalizer() override { std::abort(); }
  engine::IntegrationDesk& integrations() override { std::abort(); }
  engine::Automation& automation() override { std::abort(); }
  engine::ReceiptDesk& receipts() override { std::abort(); }
  void AdoptStore(store::Adoption, std::function<bool()>, engine::Done<engine::AdoptionOutcome>) override {
    std::abort();
  }
  absl::StatusOr<engine::LaneView> LaneOf(const std::string& register_fiscal_number) override {
    engine::LaneView view = lanes[register_fiscal_number];
    view.register_fiscal_number = register_fiscal_number;
    return view;
  }
  absl::StatusOr<std::vector<engine::LaneView>> AllLanes() override { std::abort(); }
  void StoreRecovered() override { std::abort(); }

  std::map<std::string, engine::LaneView> lanes;
};

}  // namespace kasa::api

#endif  // KASA_TESTS_API_LANES_ONLY_H_
