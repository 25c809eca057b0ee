#include "server/store_health.h"

#include <string>
#include <utility>

#include "common/status_reason.h"

namespace kasa {

StoreHealth::StoreHealth(store::Store& store, engine::Executor& executor, Logger& logger, Metrics& metrics,
                         std::function<void(bool)> tell, absl::Duration probe_every)
    : store_(store),
      executor_(executor),
      logger_(logger),
      gauge_(metrics.GetGauge("kasa_store_trouble",
                              "1 while the store does not take writes, or its file is damaged.")),
      tell_(std::move(tell)),
      probe_every_(probe_every) {}

void StoreHealth::Start() {
  store_.SetTroubleListener([this](const absl::Status& trouble) {
    const auto reason = ReasonOf(trouble);
    News news{.well = trouble.ok(),
              .damaged = trouble.code() == absl::StatusCode::kDataLoss,
              .reason = reason ? std::string(NameOf(*reason)) : "",
              .message = std::string(trouble.message())};
    executor_.Post([this, news = std::move(news)] { Heard(news); });
  });
}

void StoreHealth::Stop() {
  store_.SetTroubleListener(nullptr);
}

void StoreHealth::Heard(const News& news) {
  gauge_.Set(news.well ? 0 : 1);
  if (!news.well) {
    logger_.Log(Severity::kError, news.damaged ? "store.damaged" : "store.trouble",
                {{"reason", news.reason}, {"message", news.message}});
    if (!news.damaged) ProbeLater();
  } else if (!well_) {
    logger_.Log(Severity::kInfo, "store.recovered", {});
  }
  if (well_.exchange(news.well) != news.well) tell_(news.well);
}

void StoreHealth::ProbeLater() {
  if (probing_) return;
  probing_ = true;
  executor_.After(probe_every_, [this] { Probe(); });
}

// A probe that is taken is a commit: the store itself then tells that it is well.
void StoreHealth::Probe() {
  store_.Probe([this](absl::StatusOr<bool> taken) {
    executor_.Post([this, taken = taken.ok()] {
      probing_ = false;
      if (!taken) ProbeLater();
    });
  });
}

}  // namespace kasa
