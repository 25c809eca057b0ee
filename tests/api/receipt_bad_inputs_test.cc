#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/api/errors.h"
#include "server/api/page_token.h"
#include "tests/api/receipts_fixture.h"

// Bad inputs of ReceiptService: each is refused with the reason and the path of every field that is wrong,
// and nothing happens.
namespace kasa::api {
namespace {

struct Wrong {
  std::string field;
  Reason reason;
};

// A request that is right, made wrong in one way.
template <typename Request>
struct Case {
  const char* name;
  std::function<void(Request&)> spoil;
  std::vector<Wrong> wrong;
};

class BadInputs : public testing::Test {
 protected:
  // One gateway for all of them: none of the calls may change anything.
  static void SetUpTestSuite() { shared_receipts = new Receipts(); }
  static void TearDownTestSuite() {
    delete shared_receipts;
    shared_receipts = nullptr;
  }

  template <typename Request, typename Response>
  void Refuses(void (ReceiptHandlers::*handle)(Request, CallContext, Done<Response>), const Request& good,
               const std::vector<Case<Request>>& cases) {
    for (const Case<Request>& c : cases) {
      SCOPED_TRACE(c.name);
      Request bad = good;
      c.spoil(bad);
      const absl::StatusOr<Response> answer = shared_receipts->Call(handle, bad);
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument) << answer.status();
      EXPECT_EQ(ReasonOf(answer.status()), Reason::kRequestInvalid);
      const domain::Violations found = ViolationsOf(answer.status());
      ASSERT_EQ(found.size(), c.wrong.size()) << answer.status();
      for (size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].field, c.wrong[i].field);
        EXPECT_EQ(NameOf(found[i].reason), NameOf(c.wrong[i].reason));
      }
      // What a caller may see never repeats a contact.
      EXPECT_EQ(std::string(answer.status().message()).find("671234567"), std::string::npos);
    }
  }

  inline static Receipts* shared_receipts = nullptr;
};

const std::string kLong(129, 'x');

TEST_F(BadInputs, GetReceipt) {
  using R = v1::GetReceiptRequest;
  R good;
  good.set_fiscal_number("F1");
  Refuses<R, v1::GetReceiptResponse>(&ReceiptHandlers::GetReceipt, good,
                                     {
                                         {"nothing asked for",
                                          [](R& r) { r.clear_fiscal_number(); },
                                          {{"fiscalization_id", Reason::kFieldRequired}}},
                                         {"empty id",
                                          [](R& r) { r.set_fiscalization_id(""); },
                                          {{"fiscalization_id", Reason::kFieldRequired}}},
                                         {"long id",
                                          [](R& r) { r.set_fiscalization_id(kLong); },
                                          {{"fiscalization_id", Reason::kFieldTooLong}}},
                                         {"empty number",
                                          [](R& r) { r.set_fiscal_number(""); },
                                          {{"fiscal_number", Reason::kFieldRequired}}},
                                         {"long number",
                                          [](R& r) { r.set_fiscal_number(kLong); },
                                          {{"fiscal_number", Reason::kFieldTooLong}}},
                                         {"unknown view",
                                          [](R& r) { r.set_view(static_cast<v1::ReceiptView>(9)); },
                                          {{"view", Reason::kFieldUnknown}}},
                                         {"register with an id",
                                          [](R& r) {
                                            r.set_fiscalization_id("f-1");
                                            r.set_register_fiscal_number("4000000001");
                                          },
                                          {{"register_fiscal_number", Reason::kFieldNotAllowed}}},
                                         {"view and register and id",
                                          [](R& r) {
                                            r.set_fiscalization_id("");
                                            r.set_register_fiscal_number("4000000001");
                                            r.set_view(static_cast<v1::ReceiptView>(-1));
                                          },
                                          {{"view", Reason::kFieldUnknown},
                                           {"register_fiscal_number", Reason::kFieldNotAllowed},
                                           {"fiscalization_id", Reason::kFieldRequired}}},
                                     });
}

// What the two lists, which have the same pages and periods, refuse alike.
template <typename R>
std::vector<Case<R>> PageCases() {
  return {
      {"negative page size", [](R& r) { r.set_page_size(-1); }, {{"page_size", Reason::kFieldInvalid}}},
      {"no token", [](R& r) { r.set_page_token("x"); }, {{"page_token", Reason::kPageTokenInvalid}}},
      {"token in another alphabet",
       [](R& r) { r.set_page_token("!!!"); },
       {{"page_token", Reason::kPageTokenInvalid}}},
      {"token of another list",
       [](R& r) { r.set_page_token(MakePageToken("1 f-1", "kasa.v1.ListFiscalizationsRequest ")); },
       {{"page_token", Reason::kPageTokenInvalid}}},
      {"token with a position of no sense",
       [](R& r) {
         r.set_page_size(7);
         r.set_page_token(MakePageToken("nonsense", FiltersOf(r)));
       },
       {{"page_token", Reason::kPageTokenInvalid}}},
      {"long integration",
       [](R& r) { r.set_integration_id(kLong); },
       {{"integration_id", Reason::kFieldTooLong}}},
      {"all at once",
       [](R& r) {
         r.set_page_size(-5);
         r.set_integration_id(kLong);
         r.set_page_token("x");
       },
       {{"page_size", Reason::kFieldInvalid},
        {"integration_id", Reason::kFieldTooLong},
        {"page_token", Reason::kPageTokenInvalid}}},
  };
}

TEST_F(BadInputs, ListReceipts) {
  using R = v1::ListReceiptsRequest;
  std::vector<Case<R>> cases = PageCases<R>();
  cases.insert(cases.end(),
               {{"long register",
                 [](R& r) { r.set_register_fiscal_number(kLong); },
                 {{"register_fiscal_number", Reason::kFieldTooLong}}},
                {"long order", [](R& r) { r.set_order_id(kLong); }, {{"order_id", Reason::kFieldTooLong}}},
                {"unknown kind",
                 [](R& r) { r.set_kind(static_cast<v1::DocumentKind>(77)); },
                 {{"kind", Reason::kFieldUnknown}}},
                {"from is no moment",
                 [](R& r) { r.mutable_fiscal_time_from()->set_nanos(-1); },
                 {{"fiscal_time_from", Reason::kFieldInvalid}}},
                {"from is beyond the year 9999",
                 [](R& r) { r.mutable_fiscal_time_from()->set_seconds(253'402'300'800); },
                 {{"fiscal_time_from", Reason::kFieldInvalid}}},
                {"before is no moment",
                 [](R& r) { r.mutable_fiscal_time_before()->set_nanos(1'000'000'000); },
                 {{"fiscal_time_before", Reason::kFieldInvalid}}},
                {"before is before the year 1",
                 [](R& r) { r.mutable_fiscal_time_before()->set_seconds(-62'135'596'801); },
                 {{"fiscal_time_before", Reason::kFieldInvalid}}}});
  Refuses<R, v1::ListReceiptsResponse>(&ReceiptHandlers::ListReceipts, R(), cases);
}

TEST_F(BadInputs, ListReceiptSendings) {
  using R = v1::ListReceiptSendingsRequest;
  std::vector<Case<R>> cases = PageCases<R>();
  cases.insert(
      cases.end(),
      {{"long number", [](R& r) { r.set_fiscal_number(kLong); }, {{"fiscal_number", Reason::kFieldTooLong}}},
       {"long id",
        [](R& r) { r.set_fiscalization_id(kLong); },
        {{"fiscalization_id", Reason::kFieldTooLong}}},
       {"from is no moment",
        [](R& r) { r.mutable_create_time_from()->set_nanos(-1); },
        {{"create_time_from", Reason::kFieldInvalid}}},
       {"before is no moment",
        [](R& r) { r.mutable_create_time_before()->set_seconds(253'402'300'800); },
        {{"create_time_before", Reason::kFieldInvalid}}}});
  Refuses<R, v1::ListReceiptSendingsResponse>(&ReceiptHandlers::ListReceiptSendings, R(), cases);
}

TEST_F(BadInputs, GetTotals) {
  using R = v1::GetTotalsRequest;
  R good;
  good.set_integration_id("shop-1");
  good.mutable_fiscal_time_from()->set_seconds(100);
  good.mutable_fiscal_time_before()->set_seconds(200);
  Refuses<R, v1::GetTotalsResponse>(
      &ReceiptHandlers::GetTotals, good,
      {
          {"no integration",
           [](R& r) { r.clear_integration_id(); },
           {{"integration_id", Reason::kFieldRequired}}},
          {"long integration",
           [](R& r) { r.set_integration_id(kLong); },
           {{"integration_id", Reason::kFieldTooLong}}},
          {"no beginning",
           [](R& r) { r.clear_fiscal_time_from(); },
           {{"fiscal_time_from", Reason::kFieldRequired}}},
          {"no end",
           [](R& r) { r.clear_fiscal_time_before(); },
           {{"fiscal_time_before", Reason::kFieldRequired}}},
          {"no period",
           [](R& r) {
             r.clear_fiscal_time_from();
             r.clear_fiscal_time_before();
           },
           {{"fiscal_time_from", Reason::kFieldRequired}, {"fiscal_time_before", Reason::kFieldRequired}}},
          {"the end is the beginning",
           [](R& r) { r.mutable_fiscal_time_before()->set_seconds(100); },
           {{"fiscal_time_before", Reason::kFieldInvalid}}},
          {"the end is earlier",
           [](R& r) { r.mutable_fiscal_time_before()->set_seconds(99); },
           {{"fiscal_time_before", Reason::kFieldInvalid}}},
          {"beginning is no moment",
           [](R& r) { r.mutable_fiscal_time_from()->set_nanos(-1); },
           {{"fiscal_time_from", Reason::kFieldInvalid}}},
          {"end is no moment",
           [](R& r) { r.mutable_fiscal_time_before()->set_seconds(253'402'300'800); },
           {{"fiscal_time_before", Reason::kFieldInvalid}}},
          {"a period with the register",
           [](R& r) { r.set_compare_with_register(true); },
           {{"fiscal_time_from", Reason::kFieldNotAllowed},
            {"fiscal_time_before", Reason::kFieldNotAllowed}}},
          {"an end with the register",
           [](R& r) {
             r.set_compare_with_register(true);
             r.clear_fiscal_time_from();
           },
           {{"fiscal_time_before", Reason::kFieldNotAllowed}}},
          {"nothing at all",
           [](R& r) { r.Clear(); },
           {{"integration_id", Reason::kFieldRequired},
            {"fiscal_time_from", Reason::kFieldRequired},
            {"fiscal_time_before", Reason::kFieldRequired}}},
      });
}

TEST_F(BadInputs, SendReceipt) {
  using R = v1::SendReceiptRequest;
  R good;
  good.set_fiscal_number("F1");
  good.set_request_id("r-1");
  good.set_phone("+380671234567");
  std::vector<Case<R>> cases = {
      {"no number", [](R& r) { r.clear_fiscal_number(); }, {{"fiscal_number", Reason::kFieldRequired}}},
      {"long number", [](R& r) { r.set_fiscal_number(kLong); }, {{"fiscal_number", Reason::kFieldTooLong}}},
      {"long register",
       [](R& r) { r.set_register_fiscal_number(kLong); },
       {{"register_fiscal_number", Reason::kFieldTooLong}}},
      {"no request id", [](R& r) { r.clear_request_id(); }, {{"request_id", Reason::kFieldRequired}}},
      {"long request id", [](R& r) { r.set_request_id(kLong); }, {{"request_id", Reason::kFieldTooLong}}},
      {"no recipient", [](R& r) { r.clear_phone(); }, {{"phone", Reason::kFieldRequired}}},
      {"nothing at all",
       [](R& r) { r.Clear(); },
       {{"fiscal_number", Reason::kFieldRequired},
        {"request_id", Reason::kFieldRequired},
        {"phone", Reason::kFieldRequired}}},
  };
  for (const char* phone :
       {"0671234567", "380671234567", "+38067123456", "+3806712345678", "+380 671234567", "+38067123456a",
        "+380000000000", "+380111234567", "+48671234567", "none", "+380671234567\n", "tel:+380671234567"}) {
    cases.push_back({phone, [phone](R& r) { r.set_phone(phone); }, {{"phone", Reason::kPhoneInvalid}}});
  }
  for (const char* email : {"olena", "olena@", "@example.com", "olena@example", "olena@@example.com",
                            "a b@example.com", ".a@example.com", "a..b@example.com", "a@-example.com",
                            "Olena <olena@example.com>", "a@example.com,b@example.com", "a@[127.0.0.1]",
                            "олена@example.com", "a@example.com\r\nbcc: b@example.com"}) {
    cases.push_back({email, [email](R& r) { r.set_email(email); }, {{"email", Reason::kEmailInvalid}}});
  }
  cases.push_back({"both wrong",
                   [](R& r) {
                     r.set_phone("1");
                     r.set_email("1");
                   },
                   {{"phone", Reason::kPhoneInvalid}, {"email", Reason::kEmailInvalid}}});
  Refuses<R, v1::SendReceiptResponse>(&ReceiptHandlers::SendReceipt, good, cases);
  EXPECT_EQ(shared_receipts->notifications(), 0u);
  EXPECT_EQ(shared_receipts->Sendings()->sendings_size(), 0);
}

}  // namespace
}  // namespace kasa::api
