#include "tools/demo_client/receipt_text.h"

#include "absl/strings/str_cat.h"
#include "common/money.h"
#include "kasa/client/error.h"

namespace kasa::demo {
namespace {

std::string Hryvnias(int64_t kopiykas) {
  return absl::StrCat(Money::FromKopiykas(kopiykas).ToDecimal(), " UAH");
}

std::string FactOf(const client::Error& error, const std::string& name) {
  const auto found = error.metadata.find(name);
  return found == error.metadata.end() ? "" : found->second;
}

}  // namespace

std::string ReceiptText(const v1::Fiscalization& fiscalization) {
  const v1::Receipt& receipt = fiscalization.receipt();
  const v1::ReceiptDraft& draft = fiscalization.draft();
  std::string text = absl::StrCat("  receipt    ", receipt.fiscal_number(), "\n",  //
                                  "  register   ", receipt.register_fiscal_number(), "\n", "  kind       ",
                                  receipt.register_mode() == v1::REGISTER_MODE_REAL
                                      ? "REAL: it counts before the tax service"
                                      : "test: it has no legal force",
                                  "\n", "  sum        ", Hryvnias(receipt.total_kopiykas()), "\n");
  if (draft.rounding_kopiykas() != 0) {
    absl::StrAppend(&text, "             (", Hryvnias(draft.sum_kopiykas()), " before cash was rounded)\n");
  }
  if (draft.change_kopiykas() != 0) {
    absl::StrAppend(&text, "  change     ", Hryvnias(draft.change_kopiykas()), "\n");
  }
  if (!receipt.view_url().empty()) absl::StrAppend(&text, "  link       ", receipt.view_url(), "\n");
  absl::StrAppend(&text, "  document   ", fiscalization.document().document_id(), ", fiscalization ",
                  fiscalization.fiscalization_id(), "\n");
  return text;
}

std::string NoReceiptText(const v1::Fiscalization& fiscalization) {
  const v1::Failure& failure = fiscalization.failure();
  const bool failed = fiscalization.state() == v1::FISCALIZATION_STATE_FAILED;
  std::string text = absl::StrCat(failed ? "there is no receipt" : "there is no receipt yet", ": ",
                                  v1::FiscalizationState_Name(fiscalization.state()), "\n");
  if (fiscalization.has_failure()) {
    absl::StrAppend(&text, "  ", failure.reason(), ": ", failure.message(), "\n");
    if (!failure.upstream().errortxt().empty()) {
      absl::StrAppend(&text, "  the register said: ", failure.upstream().errortxt(), "\n");
    }
    if (!failure.remedy().empty()) absl::StrAppend(&text, "  what to do: ", failure.remedy(), "\n");
  }
  if (!failed) {
    absl::StrAppend(&text,
                    "  the gateway goes on by itself; the same --document-id shows what became of it\n");
  }
  return text;
}

std::string ErrorText(const absl::Status& status) {
  const client::Error error = *client::ErrorFrom(status);
  std::string text = absl::StrCat(error.message, "\n");
  if (!error.reason.empty()) {
    absl::StrAppend(&text, "  reason: ", error.reason, " (", absl::StatusCodeToString(error.code), ")\n");
  }
  for (const client::Violation& violation : error.violations) {
    absl::StrAppend(&text, "  ", violation.field, ": ", violation.reason, ": ", violation.message, "\n");
  }
  if (const std::string remedy = FactOf(error, "remedy"); !remedy.empty()) {
    absl::StrAppend(&text, "  what to do: ", remedy, "\n");
  }
  return text;
}

}  // namespace kasa::demo
