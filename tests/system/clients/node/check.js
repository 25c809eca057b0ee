// Checks a running gateway as a Node caller sees it, with the protos of proto/kasa/v1 and nothing else of ours.
//
//     node check.js PROTOS HOST:PORT INTEGRATION TODAY
//
// PROTOS is the directory that has kasa/v1. INTEGRATION is set up: active, on a test register, with tax "vat20" and
// payment method "card"; TODAY is Kyiv's date. The first request that reaches the register is answered late, after
// about eight seconds. Status 0 when everything is as the contract says; else 1, after the first thing that is not.
'use strict';

const assert = require('assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const {failureOf} = require('./failure');

const [protos, address, integration, today] = process.argv.slice(2);
const kasa = grpc.loadPackageDefinition(loader.loadSync(
    ['kasa/v1/fiscalization_service.proto', 'kasa/v1/receipt_service.proto'],
    {includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true})).kasa.v1;
const options = {'grpc.enable_http_proxy': 0};
const gateway = new kasa.FiscalizationService(address, grpc.credentials.createInsecure(), options);
const receipts = new kasa.ReceiptService(address, grpc.credentials.createInsecure(), options);
const run = process.hrtime.bigint().toString(16);

// The answer of a call, or its error.
function call(client, method, request, timeoutMs) {
  return new Promise((resolve, reject) => client[method](
      request, {deadline: Date.now() + timeoutMs}, (error, answer) => error ? reject(error) : resolve(answer)));
}

async function failureIn(promise) {
  try {
    await promise;
  } catch (error) {
    return failureOf(error);
  }
  return assert.fail('a call that should fail was answered');
}

// A sale of 34.50 UAH by card.
function sale(name) {
  const id = `${name}-${run}`;
  return {
    document_id: id,
    source_system: 'node-check',
    max_wait: {seconds: 20},
    sale: {
      activated: true, document_date: today, currency_code: 'UAH', integration_id: integration, order_id: id,
      lines: [{name: 'Кава', quantity_thousandths: '1500', price_kopiykas: '2300', tax_id: 'vat20'}],
      payments: [{payment_method_id: 'card', amount_kopiykas: '3450'}],
    },
  };
}

// The gateway answers before the call's deadline with the state so far, and what is not known is asked again with the
// same document.
async function deadlines() {
  const request = sale('late');
  const first = await call(gateway, 'FiscalizeSale', request, 4000);
  assert(['FISCALIZATION_STATE_ACCEPTED', 'FISCALIZATION_STATE_SENDING'].includes(first.fiscalization.state),
      `state ${first.fiscalization.state} while it is sent`);

  const over = await failureIn(call(gateway, 'FiscalizeSale', request, -1000));
  assert.strictEqual(over.code, grpc.status.DEADLINE_EXCEEDED);
  assert.strictEqual(over.info, null, 'a call whose deadline is over looks like a refusal');

  const again = await call(gateway, 'FiscalizeSale', request, 25000);
  assert.strictEqual(again.replayed, true);
  assert.strictEqual(again.fiscalization.fiscalization_id, first.fiscalization.fiscalization_id);
  assert.strictEqual(again.fiscalization.state, 'FISCALIZATION_STATE_FISCALIZED');
  assert.strictEqual(again.fiscalization.attempts, 1, 'sends to the register');
}

// Every violation of a bad document, with its field and reason.
async function richError() {
  const request = sale('bad');
  request.sale.lines[0].quantity_thousandths = '0';
  request.sale.lines[0].tax_id = 'невідомий';
  request.sale.currency_code = 'EUR';
  const failure = await failureIn(call(gateway, 'FiscalizeSale', request, 15000));
  assert.strictEqual(failure.code, grpc.status.INVALID_ARGUMENT);
  assert.strictEqual(failure.info?.reason, 'DOCUMENT_INVALID');
  assert.strictEqual(failure.info.metadata.failure_class, 'REQUEST');
  assert(failure.violations.every(violation => violation.description), 'a violation has no text');
  assert.deepStrictEqual(Object.fromEntries(failure.violations.map(({field, reason}) => [field, reason])), {
    'sale.currency_code': 'CURRENCY_NOT_UAH',
    'sale.lines[0].quantity_thousandths': 'QUANTITY_NOT_POSITIVE',
    'sale.lines[0].tax_id': 'TAX_NOT_MAPPED',
  });

  const missing = await failureIn(call(receipts, 'GetReceipt', {fiscal_number: 'none'}, 15000));
  assert.strictEqual(missing.code, grpc.status.NOT_FOUND);
  assert.strictEqual(missing.info?.reason, 'RECEIPT_NOT_FOUND');
}

// The states of one fiscalization as the stream tells them, up to its receipt.
async function statesOf(id, messages) {
  const states = [];
  for await (const {fiscalization} of messages) {
    if (fiscalization?.fiscalization_id !== id) continue;
    if (states[states.length - 1] !== fiscalization.state) states.push(fiscalization.state);
    if (fiscalization.state === 'FISCALIZATION_STATE_FISCALIZED') return states;
  }
  return assert.fail('the stream ended');
}

// A stream as an iterator that can be left and gone on with.
function watch(request) {
  const stream = gateway.WatchFiscalizations(request, {deadline: Date.now() + 60000});
  stream.on('error', () => {});  // a cancelled stream ends with an error, which the iterator has thrown already
  return {stream, messages: stream.iterator({destroyOnReturn: false})};
}

// A sale as the stream of changes tells it, resumed from a cursor, and its receipt.
async function saleAndWatch() {
  const live = watch({integration_ids: [integration]});
  const {value: hello} = await live.messages.next();
  assert.strictEqual(hello.fiscalization, null, 'the first message is no heartbeat');

  const {fiscalization} = await call(gateway, 'FiscalizeSale', sale('good'), 25000);
  assert.strictEqual(fiscalization.state, 'FISCALIZATION_STATE_FISCALIZED');
  assert.strictEqual(fiscalization.receipt.total_kopiykas, '3450');

  const expected = ['ACCEPTED', 'SENDING', 'FISCALIZED'].map(state => `FISCALIZATION_STATE_${state}`);
  assert.deepStrictEqual(await statesOf(fiscalization.fiscalization_id, live.messages), expected);
  live.stream.cancel();
  const resumed = watch({cursor: hello.cursor});
  assert.deepStrictEqual(await statesOf(fiscalization.fiscalization_id, resumed.messages), expected);
  resumed.stream.cancel();

  const found = await call(receipts, 'GetReceipt', {fiscalization_id: fiscalization.fiscalization_id}, 15000);
  assert.deepStrictEqual(found.receipt, fiscalization.receipt);
  return found.receipt.fiscal_number;
}

async function main() {
  await deadlines();
  await richError();
  console.log(`node: deadlines, a rich error, a watched sale with receipt ${await saleAndWatch()}`);
}

main().catch(error => {
  console.error(`node: ${error.stack}`);
  process.exitCode = 1;
}).finally(() => {
  gateway.close();
  receipts.close();
});
