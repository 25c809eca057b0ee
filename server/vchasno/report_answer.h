#ifndef KASA_SERVER_VCHASNO_REPORT_ANSWER_H_
#define KASA_SERVER_VCHASNO_REPORT_ANSWER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/domain/totals.h"
#include "server/vchasno/answer.h"

namespace kasa::vchasno {

struct ReportReading {
  Envelope envelope;
  bool other_task = false;                       // it says that it answers another task
  std::optional<domain::RegisterReport> report;  // nothing when not a single figure of a report is there
};

// The answer to an X-report. Its fields are one client's word, so that each is taken only as far as it can be
// read: a list with an entry that can't be told from the others counts as not there. What a figure may mean:
//   taxes[].base_sum_p/m  the turnover of a tax group, with the tax in it or without; a group that is listed
//                         once for each of its taxes repeats it or shares it out
//   summary.calc_p/m      the sum of the receipts
//   pays[] (else money[]) sum_p/m by payment type
//   billing               how the account stands: paid_date_to a day, enough_to_renew_subscription yes or no
// Sums of returns count positive, whatever their sign.
ReportReading ReadReportAnswer(absl::string_view body);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_REPORT_ANSWER_H_
