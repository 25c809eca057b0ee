#include "server/domain/catalogue.h"

#include <algorithm>
#include <array>

namespace kasa::domain {
namespace {

constexpr auto kTaxGroups = std::to_array<TaxGroupInfo>({
    {1, "ПДВ 20 %", "А", false},
    {2, "Без ПДВ", "Б", false},
    {3, "ПДВ 20 % + акциз 5 %", "", true},
    {4, "ПДВ 7 %", "", false},
    {5, "ПДВ 0 %", "", false},
    {6, "Без ПДВ + акциз 5 %", "", true},
    {7, "Не є об'єктом ПДВ", "", false},
    {8, "ПДВ 20 % + пенсійний фонд 7,5 %", "", false},
    {9, "ПДВ 14 %", "", false},
});

constexpr auto kPaymentTypes = std::to_array<PaymentTypeInfo>({
    {kCashPaymentType, "Готівка", false},
    {1, "Безготівка", false},
    {2, "Картка", false},
    {kPrepaymentType, "Передплата", true},
    {kPostpaymentType, "Післяплата", true},
    {5, "Кредит", false},
    {6, "Сертифікат", false},
    {16, "Інтернет-еквайринг", false},
    {20, "NovaPay", false},
});

const TaxGroupInfo* FindTaxGroup(int number) {
  const auto found = std::find_if(kTaxGroups.begin(), kTaxGroups.end(),
                                  [number](const TaxGroupInfo& group) { return group.number == number; });
  return found == kTaxGroups.end() ? nullptr : &*found;
}

}  // namespace

std::span<const TaxGroupInfo> KnownTaxGroups() {
  return kTaxGroups;
}

std::span<const PaymentTypeInfo> KnownPaymentTypes() {
  return kPaymentTypes;
}

bool IsKnownTaxGroup(int number) {
  return FindTaxGroup(number) != nullptr;
}

bool IsExciseTaxGroup(int number) {
  const TaxGroupInfo* group = FindTaxGroup(number);
  return group != nullptr && group->excise;
}

}  // namespace kasa::domain
