#include "server/api/encode_sending.h"

#include <string>

#include "server/api/times.h"

namespace kasa::api {
namespace {

v1::SendingChannel EncodeChannel(domain::SendingChannel channel) {
  switch (channel) {
    case domain::SendingChannel::kSms:
      return v1::SENDING_CHANNEL_SMS;
    case domain::SendingChannel::kEmail:
      return v1::SENDING_CHANNEL_EMAIL;
  }
  return v1::SENDING_CHANNEL_UNSPECIFIED;
}

v1::SendingOutcome EncodeOutcome(domain::SendingOutcome outcome) {
  switch (outcome) {
    case domain::SendingOutcome::kInFlight:
      return v1::SENDING_OUTCOME_IN_FLIGHT;
    case domain::SendingOutcome::kTaken:
      return v1::SENDING_OUTCOME_TAKEN;
    case domain::SendingOutcome::kRefused:
      return v1::SENDING_OUTCOME_REFUSED;
    case domain::SendingOutcome::kUnknown:
      return v1::SENDING_OUTCOME_UNKNOWN;
  }
  return v1::SENDING_OUTCOME_UNSPECIFIED;
}

}  // namespace

void EncodeSending(const domain::Sending& sending, v1::ReceiptSending* out) {
  out->set_sending_id(sending.id);
  out->set_request_id(sending.request_id);
  out->set_fiscal_number(sending.fiscal_number);
  out->set_register_fiscal_number(sending.register_fiscal_number);
  out->set_fiscalization_id(sending.fiscalization_id);
  out->set_channel(EncodeChannel(sending.channel));
  out->set_recipient_masked(sending.recipient_masked);
  out->set_outcome(EncodeOutcome(sending.outcome));
  if (sending.reason) out->set_reason(std::string(NameOf(*sending.reason)));
  out->set_message(sending.message);
  EncodeTime(sending.create_time, out->mutable_create_time());
  if (sending.answer_time) EncodeTime(*sending.answer_time, out->mutable_answer_time());
}

}  // namespace kasa::api
