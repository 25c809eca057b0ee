#include "server/domain/experience.h"

#include <string>

namespace kasa::domain {
namespace {

std::set<int> TaxGroupsOf(const PricedReceipt& draft) {
  std::set<int> groups;
  for (const PricedRow& row : draft.rows) groups.insert(row.tax_group);
  return groups;
}

std::set<int> PaymentTypesOf(const PricedReceipt& draft) {
  std::set<int> types;
  for (const PricedPayment& payment : draft.payments) types.insert(payment.payment_type);
  return types;
}

void Set(std::map<int, CodeState>& states, const Lesson& lesson) {
  states[lesson.code] = lesson.refused ? CodeState::kNotEnabled : CodeState::kConfirmed;
}

void AddRefused(LessonSubject subject, const std::set<int>& codes, const std::map<int, CodeState>& known,
                bool confirmed_too, std::vector<Lesson>& lessons) {
  for (const int code : codes) {
    const auto state = known.find(code);
    const bool confirmed = state != known.end() && state->second == CodeState::kConfirmed;
    if (!confirmed || confirmed_too) lessons.push_back({subject, code, /*refused=*/true});
  }
}

void AddForgotten(LessonSubject subject, const std::map<std::string, int>& before,
                  const std::map<std::string, int>& after, std::vector<Lesson>& forgotten) {
  std::set<int> mapped;
  std::set<int> touched;
  for (const auto& [id, code] : after) {
    mapped.insert(code);
    const auto old = before.find(id);
    if (old == before.end() || old->second != code) touched.insert(code);
  }
  for (const auto& [id, code] : before) {
    if (!mapped.contains(code)) touched.insert(code);
  }
  for (const int code : touched) forgotten.push_back({subject, code, false});
}

}  // namespace

void Learn(const Lesson& lesson, Experience& experience) {
  switch (lesson.subject) {
    case LessonSubject::kTaxGroup:
      return Set(experience.tax_groups, lesson);
    case LessonSubject::kPaymentType:
      return Set(experience.payment_types, lesson);
    case LessonSubject::kTestReceipt:
      experience.test_receipts.insert(static_cast<DocumentKind>(lesson.code));
      return;
  }
}

std::vector<Lesson> LessonsOfReceipt(const PricedReceipt& draft, DocumentKind kind, RegisterMode mode) {
  std::vector<Lesson> lessons;
  for (const int group : TaxGroupsOf(draft)) lessons.push_back({LessonSubject::kTaxGroup, group, false});
  for (const int type : PaymentTypesOf(draft)) lessons.push_back({LessonSubject::kPaymentType, type, false});
  if (mode == RegisterMode::kTest) {
    lessons.push_back({LessonSubject::kTestReceipt, static_cast<int>(kind), false});
  }
  return lessons;
}

std::vector<Lesson> LessonsOfRefusal(const PricedReceipt& draft, const NotEnabledHint& hint,
                                     const Experience& known) {
  const std::set<int> groups = TaxGroupsOf(draft);
  const std::set<int> types = PaymentTypesOf(draft);
  std::vector<Lesson> lessons;
  if (hint.tax_group && groups.contains(*hint.tax_group)) {
    lessons.push_back({LessonSubject::kTaxGroup, *hint.tax_group, true});
  }
  if (hint.payment_type && types.contains(*hint.payment_type)) {
    lessons.push_back({LessonSubject::kPaymentType, *hint.payment_type, true});
  }
  for (const bool confirmed_too : {false, true}) {
    if (!lessons.empty()) break;
    if (hint.may_be_tax_group) {
      AddRefused(LessonSubject::kTaxGroup, groups, known.tax_groups, confirmed_too, lessons);
    }
    if (hint.may_be_payment_type) {
      AddRefused(LessonSubject::kPaymentType, types, known.payment_types, confirmed_too, lessons);
    }
  }
  return lessons;
}

std::vector<Lesson> ForgottenBy(const Mapping& before, const Mapping& after) {
  std::vector<Lesson> forgotten;
  AddForgotten(LessonSubject::kTaxGroup, before.tax_groups, after.tax_groups, forgotten);
  AddForgotten(LessonSubject::kPaymentType, before.payment_types, after.payment_types, forgotten);
  return forgotten;
}

}  // namespace kasa::domain
