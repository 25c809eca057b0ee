#include "server/store/sqlite_look_store.h"

#include <utility>

#include "server/store/looks.h"

namespace kasa::store {

using Admission = WriteQueue::Admission;
using domain::Fiscalization;

void SqliteLookStore::SettleDoubt(DoubtSettlement settlement, Callback<Fiscalization> done) {
  writes_.Submit<Fiscalization>(
      Admission::kAlways,
      [this, settlement = std::move(settlement)](Connection& connection) {
        return store::SettleDoubt(connection, settlement, ToStored(clock_.Now()));
      },
      std::move(done));
}

void SqliteLookStore::NoteLook(std::string fiscalization_id, std::string finding, absl::Time time,
                               Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [id = std::move(fiscalization_id), finding = std::move(finding), time](Connection& connection)
          -> absl::StatusOr<bool> { return CountLook(connection, id, finding, time); },
      std::move(done));
}

absl::StatusOr<std::vector<domain::KnownReceipt>> SqliteLookStore::KnownReceipts(
    const std::string& register_fiscal_number, absl::Time since,
    const std::vector<std::string>& fiscal_numbers, int limit) {
  return reads_.Run([&](Connection& connection) {
    return FindKnownReceipts(connection, register_fiscal_number, since, fiscal_numbers, limit);
  });
}

absl::StatusOr<std::vector<std::string>> SqliteLookStore::ExpectedTags(
    const std::string& register_fiscal_number, const std::vector<std::string>& tags) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::vector<std::string>> {
    return FindTags(connection, register_fiscal_number, tags);
  });
}

absl::StatusOr<NewestLocalNumbers> SqliteLookStore::NewestNumbers(const std::string& register_fiscal_number) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<NewestLocalNumbers> {
    return FindNewestNumbers(connection, register_fiscal_number);
  });
}

void SqliteLookStore::RememberUnknown(std::string register_fiscal_number,
                                      std::vector<UnknownReceipt> receipts, absl::Time time,
                                      Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [register_fiscal_number = std::move(register_fiscal_number), receipts = std::move(receipts),
       time](Connection& connection) -> absl::StatusOr<bool> {
        return InsertUnknown(connection, register_fiscal_number, receipts, time);
      },
      std::move(done));
}

absl::StatusOr<UnknownReceipts> SqliteLookStore::CountUnknown(const std::string& register_fiscal_number,
                                                              absl::Time from) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<UnknownReceipts> {
    return CountUnknownReceipts(connection, register_fiscal_number, from);
  });
}

absl::StatusOr<std::vector<domain::ListedReceipt>> SqliteLookStore::OwnUnknown(
    const std::string& register_fiscal_number) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::vector<domain::ListedReceipt>> {
    return FindOwnUnknown(connection, register_fiscal_number);
  });
}

void SqliteLookStore::DoubtAsSeen(SeenReceipt seen, Callback<Fiscalization> done) {
  writes_.Submit<Fiscalization>(
      Admission::kAlways,
      [this, seen = std::move(seen)](Connection& connection) {
        return store::DoubtAsSeen(connection, seen, ToStored(clock_.Now()));
      },
      std::move(done));
}

}  // namespace kasa::store
