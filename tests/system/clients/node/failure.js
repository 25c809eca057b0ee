'use strict';

const path = require('path');
const protobuf = require('protobufjs');
const googleProtos = require('google-proto-files');

const rpc = new protobuf.Root();
rpc.resolvePath = (origin, target) =>
    target.startsWith('google/rpc/') ? googleProtos.getProtoPath('rpc', path.basename(target)) : target;
rpc.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

// What a caller reads out of a failed call; without info the outcome is not known.
function failureOf(error) {
  const failure = {code: error.code, info: null, violations: [], retryDelayMs: 0};
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return failure;
  for (const any of rpc.lookupType('google.rpc.Status').decode(bytes).details) {
    const name = any.type_url.split('/').pop();
    if (!['ErrorInfo', 'BadRequest', 'RetryInfo'].some(known => name === `google.rpc.${known}`)) continue;
    const type = rpc.lookupType(name);
    const detail = type.toObject(type.decode(any.value), {longs: Number, defaults: true});
    if (name === 'google.rpc.ErrorInfo' && detail.domain === 'kasa.v1') failure.info = detail;
    if (name === 'google.rpc.BadRequest') failure.violations = detail.fieldViolations;
    if (name === 'google.rpc.RetryInfo') {
      failure.retryDelayMs = detail.retryDelay.seconds * 1000 + detail.retryDelay.nanos / 1e6;
    }
  }
  return failure;
}

module.exports = {failureOf};
