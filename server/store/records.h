#ifndef KASA_SERVER_STORE_RECORDS_H_
#define KASA_SERVER_STORE_RECORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "server/domain/document.h"
#include "server/domain/failure.h"
#include "server/domain/fiscalization.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/receipt.h"
#include "server/domain/register_status.h"
#include "server/domain/totals.h"

// The domain's values as the bytes that the store keeps (record.proto), and back. Decoding throws
// UnreadableRecord (errors.h) when the bytes are none of ours or hold a number that no enum has.
namespace kasa::store {

struct Draft {
  domain::PricedReceipt receipt;
  std::vector<domain::Notice> warnings;
};

std::string EncodeDocument(const domain::Document& document);
domain::Document DecodeDocument(const std::string& bytes);

std::string EncodeDraft(const domain::PricedReceipt& receipt, const std::vector<domain::Notice>& warnings);
Draft DecodeDraft(const std::string& bytes);

// Without its fiscal number and register, which are in columns.
std::string EncodeReceipt(const domain::Receipt& receipt);
domain::Receipt DecodeReceipt(const std::string& bytes);

std::string EncodeFailure(const domain::Failure& failure);
domain::Failure DecodeFailure(const std::string& bytes);

std::string EncodeResolution(const domain::Resolution& resolution);
domain::Resolution DecodeResolution(const std::string& bytes);

// Without what is in columns and tables of their own: id, branch, legal entity, default, archived, times,
// revision, proof of tag memory.
std::string EncodeSettings(const domain::Integration& integration);
domain::Integration DecodeSettings(const std::string& bytes);

std::string EncodeStatus(const domain::RegisterStatus& status);
domain::RegisterStatus DecodeStatus(const std::string& bytes);

std::string EncodeProof(const domain::TagMemoryProof& proof);
domain::TagMemoryProof DecodeProof(const std::string& bytes);

std::string EncodeTotals(const domain::Totals& totals);
domain::Totals DecodeTotals(const std::string& bytes);

// Without its revision and time.
std::string EncodeMapping(const domain::Mapping& mapping);
domain::Mapping DecodeMapping(const std::string& bytes);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RECORDS_H_
