#include "tests/api/receipts_fixture.h"

namespace kasa::api {

namespace {

engine::EngineOnSimulator::Options Patient(engine::EngineOnSimulator::Options options) {
  options.scale = 1.0 / 30;
  return options;
}

}  // namespace

Receipts::Receipts(engine::EngineOnSimulator::Options options) : gateway_(Patient(std::move(options))) {
  MakeHandlers();
}

void Receipts::MakeHandlers() {
  handlers_ = std::make_unique<ReceiptHandlers>(
      gateway_.engine().receipts(), gateway_.store(), executor_,
      ReceiptPages{.kyiv = *KyivTime::Load(), .viewer_url = "https://kasa.vchasno.ua/check-viewer"});
}

domain::Fiscalization Receipts::Sell(const std::string& document_id, int64_t kopiykas, int at) {
  const auto outcome = gateway_.Fiscalize(gateway_.Sale(document_id, kopiykas, at));
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->fiscalization && outcome->fiscalization->receipt) << document_id;
  return *outcome->fiscalization;
}

void Receipts::CrashAndStart() {
  gateway_.CrashAndStart();
  MakeHandlers();
}

}  // namespace kasa::api
