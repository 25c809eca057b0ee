#include "server/engine/lane.h"
#include "server/vchasno/not_enabled.h"

// What a lane learns of its register's codes from the answers to documents (product.md, point 5).
namespace kasa::engine {

using domain::Lesson;
using domain::RegisterMode;

namespace {

// Whether the receipt is a test one by the register's word, not the operator's: told with the receipt, else
// by its status.
RegisterMode ModeByItsOwnWord(const vchasno::ExecuteAnswer& answer, const domain::Integration& integration) {
  if (answer.facts.mode) return *answer.facts.mode;
  const auto& pinned = integration.pinned_register;
  return pinned && !pinned->stated_by_operator ? pinned->mode : RegisterMode::kReal;
}

}  // namespace

absl::StatusOr<std::vector<Lesson>> Lane::LessonsOf(const vchasno::ExecuteAnswer& answer, domain::Edge edge,
                                                    const domain::Fiscalization& sent,
                                                    const domain::Integration& integration) const {
  if (edge == domain::Edge::kToFiscalized) {
    std::vector<Lesson> lessons =
        domain::LessonsOfReceipt(sent.draft, sent.key.kind, ModeByItsOwnWord(answer, integration));
    // What is known already costs nothing: after the first receipts nearly all is.
    if (taught_integration_ == sent.integration_id) {
      std::erase_if(lessons, [this](const Lesson& lesson) { return taught_.contains(lesson); });
    }
    return lessons;
  }
  const bool not_enabled = edge == domain::Edge::kToFailed && answer.reason == Reason::kPaymentTypeNotEnabled;
  if (!not_enabled || !answer.upstream) return std::vector<Lesson>();
  const auto known = world_.store.integrations().GetExperience(sent.integration_id);
  if (!known.ok()) return known.status();
  return domain::LessonsOfRefusal(sent.draft, vchasno::ReadNotEnabled(*answer.upstream), *known);
}

void Lane::LearnFrom(const std::vector<Lesson>& lessons, const std::string& integration_id) {
  if (taught_integration_ != integration_id) {
    taught_.clear();
    taught_integration_ = integration_id;
  }
  for (const Lesson& lesson : lessons) {
    if (lesson.refused) {
      taught_.erase({lesson.subject, lesson.code, false});
    } else {
      taught_.insert(lesson);
    }
  }
}

}  // namespace kasa::engine
