#ifndef KASA_SERVER_VCHASNO_LISTING_READING_H_
#define KASA_SERVER_VCHASNO_LISTING_READING_H_

#include "common/kyiv_time.h"
#include "server/vchasno/client.h"
#include "server/vchasno/transport.h"

// The answers to the two listing calls, whose fields are not known: read leniently, and never beyond what is
// understood. Pure functions of untrusted bytes: whatever comes, they return.
//
// A row that is no object, that lacks what names it, or that tells it twice and not alike is not understood,
// and makes the page one from which nothing is concluded. So does a shift whose times can't be read, though
// it is listed, without times, so that its receipts are read; and a page that says it is another one than was
// asked for, or has null for its list, unless a total shows that it lies beyond the end.
namespace kasa::vchasno {

// `asked`: the page that was asked for, 1 the first. The wire is not filled in.
ShiftsAnswer ReadShifts(const HttpResult& result, int asked, const KyivTime& kyiv);
ChecksAnswer ReadChecks(const HttpResult& result, int asked, const KyivTime& kyiv);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_LISTING_READING_H_
