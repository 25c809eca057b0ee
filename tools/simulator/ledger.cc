#include "tools/simulator/ledger.h"

#include <utility>

#include "absl/time/time.h"

namespace kasa::simulator {
namespace {

Json RowJson(const Row& row) {
  Json stamps = Json::Array();
  for (const std::string& stamp : row.stamps) stamps.Push(Json::Text(stamp));
  return Json::Object()
      .Set("code", Json::Text(row.code))
      .Set("name", Json::Text(row.name))
      .Set("comment", Json::Text(row.comment))
      .Set("count_thousandths", Json::Int(row.count))
      .Set("price", Json::Int(row.price))
      .Set("disc", Json::Int(row.discount))
      .Set("amount", Json::Int(row.amount))
      .Set("taxgrp", Json::Int(row.tax_group))
      .Set("stamps", std::move(stamps));
}

Json EntryJson(const LedgerEntry& entry, bool bodies) {
  Json json = Json::Object();
  json.Set("fisid", Json::Text(entry.fisid))
      .Set("fiscal_number", Json::Text(entry.fiscal_number))
      .Set("tag", Json::Text(entry.tag))
      .Set("task", Json::Int(entry.task))
      .Set("docno", Json::Int(entry.docno))
      .Set("dataid", Json::Int(entry.dataid))
      .Set("shift", Json::Int(entry.shift))
      .Set("time", Json::Text(absl::FormatTime(absl::RFC3339_full, entry.time, absl::UTCTimeZone())))
      .Set("isoffline", Json::Bool(entry.is_offline))
      .Set("dtype", Json::Int(entry.dtype))
      .Set("safe", Json::Int(entry.safe))
      .Set("cashier", Json::Text(entry.cashier));
  if (entry.IsReceipt()) {
    Json rows = Json::Array();
    for (const Row& row : entry.receipt.rows) rows.Push(RowJson(row));
    Json pays = Json::Array();
    for (const Pay& pay : entry.receipt.pays) {
      pays.Push(Json::Object()
                    .Set("type", Json::Int(pay.type))
                    .Set("sum", Json::Int(pay.sum))
                    .Set("change", Json::Int(pay.change)));
    }
    json.Set("sum", Json::Int(entry.receipt.sum))
        .Set("disc", Json::Int(entry.receipt.discount))
        .Set("round", Json::Int(entry.receipt.round))
        .Set("total", Json::Int(entry.receipt.total))
        .Set("comment_up", Json::Text(entry.receipt.comment_up))
        .Set("comment_down", Json::Text(entry.receipt.comment_down))
        .Set("rows", std::move(rows))
        .Set("pays", std::move(pays));
  } else {
    json.Set("info", entry.info);
  }
  if (bodies) json.Set("body", Json::Text(*entry.body));
  return json;
}

}  // namespace

Json LedgerJson(const std::vector<LedgerEntry>& entries, bool bodies) {
  Json receipts = Json::Array();
  Json reports = Json::Array();
  Json openings = Json::Array();
  for (const LedgerEntry& entry : entries) {
    Json json = EntryJson(entry, bodies);
    if (entry.IsReceipt()) {
      receipts.Push(std::move(json));
    } else if (entry.task == 0) {
      openings.Push(std::move(json));
    } else {
      reports.Push(std::move(json));
    }
  }
  return Json::Object()
      .Set("receipts", std::move(receipts))
      .Set("reports", std::move(reports))
      .Set("openings", std::move(openings));
}

}  // namespace kasa::simulator
