// Checks a running gateway as a Go caller sees it, with stubs made from proto/kasa/v1 and nothing else of
// ours.
//
//	check HOST:PORT INTEGRATION TODAY
//
// INTEGRATION is set up: active, on a test register, with tax "vat20" and payment method "card"; TODAY is
// Kyiv's date. The first request that reaches the register is answered late, after about eight seconds.
// Status 0 when everything is as the contract says; else 1, after the first thing that is not.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	kasav1 "kasa.example/check/kasa/v1"
)

const sourceSystem = "go-check"

// check ends the program with the first thing that is not as the contract says.
func check(holds bool, what string, arguments ...any) {
	if !holds {
		fmt.Fprintf(os.Stderr, "go: "+what+"\n", arguments...)
		os.Exit(1)
	}
}

func checkEqual(found, expected any, what string) {
	check(reflect.DeepEqual(found, expected), "%s: %v instead of %v", what, found, expected)
}

type program struct {
	gateway     kasav1.FiscalizationServiceClient
	receipts    kasav1.ReceiptServiceClient
	integration string
	today       string
	run         string
}

// sale is a sale of 34.50 UAH by card.
func (p *program) sale(name string) *kasav1.FiscalizeSaleRequest {
	id := name + "-" + p.run
	return &kasav1.FiscalizeSaleRequest{
		DocumentId:   id,
		SourceSystem: sourceSystem,
		MaxWait:      durationpb.New(20 * time.Second),
		Sale: &kasav1.Document{
			Activated: true, DocumentDate: p.today, CurrencyCode: "UAH", IntegrationId: p.integration, OrderId: id,
			Lines:    []*kasav1.Line{{Name: "Кава", QuantityThousandths: 1500, PriceKopiykas: 2300, TaxId: "vat20"}},
			Payments: []*kasav1.Payment{{PaymentMethodId: "card", AmountKopiykas: 3450}},
		},
	}
}

func within(timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), timeout)
}

// deadlines: the gateway answers before the call's deadline with the state so far, and what is not known is
// asked again with the same document.
func (p *program) deadlines() {
	request := p.sale("late")
	ctx, cancel := within(4 * time.Second)
	defer cancel()
	first, err := p.gateway.FiscalizeSale(ctx, request)
	check(err == nil, "a short deadline ended with %v instead of the state so far", err)
	state := first.GetFiscalization().GetState()
	check(state == kasav1.FiscalizationState_FISCALIZATION_STATE_SENDING ||
		state == kasav1.FiscalizationState_FISCALIZATION_STATE_ACCEPTED, "state %v while it is sent", state)

	over, cancelOver := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancelOver()
	_, err = p.gateway.FiscalizeSale(over, request)
	failure := failureOf(err)
	checkEqual(failure.Code, codes.DeadlineExceeded, "code of a call whose deadline is over")
	check(failure.Info == nil, "a call whose deadline is over looks like a refusal: %v", failure.Info)

	ctx, cancel = within(25 * time.Second)
	defer cancel()
	again, err := p.gateway.FiscalizeSale(ctx, request)
	check(err == nil, "the same again ended with %v", err)
	check(again.GetReplayed(), "the same again is not replayed")
	checkEqual(again.GetFiscalization().GetFiscalizationId(), first.GetFiscalization().GetFiscalizationId(), "fiscalization")
	checkEqual(again.GetFiscalization().GetState(), kasav1.FiscalizationState_FISCALIZATION_STATE_FISCALIZED, "state in the end")
	checkEqual(again.GetFiscalization().GetAttempts(), int32(1), "sends to the register")
}

// richError: every violation of a bad document, with its field and reason.
func (p *program) richError() {
	request := p.sale("bad")
	request.Sale.Lines[0].QuantityThousandths = 0
	request.Sale.Lines[0].TaxId = "невідомий"
	request.Sale.CurrencyCode = "EUR"
	ctx, cancel := within(15 * time.Second)
	defer cancel()
	_, err := p.gateway.FiscalizeSale(ctx, request)
	failure := failureOf(err)
	checkEqual(failure.Code, codes.InvalidArgument, "code of a bad document")
	check(failure.Info != nil, "a bad document has no ErrorInfo")
	checkEqual(failure.Info.GetReason(), "DOCUMENT_INVALID", "reason of a bad document")
	checkEqual(failure.Info.GetMetadata()["failure_class"], "REQUEST", "whose move it is")
	reasons := map[string]string{}
	for _, violation := range failure.Violations {
		check(violation.GetDescription() != "", "%s has no text", violation.GetField())
		reasons[violation.GetField()] = reasonOf(violation)
	}
	checkEqual(reasons, map[string]string{
		"sale.currency_code":                 "CURRENCY_NOT_UAH",
		"sale.lines[0].quantity_thousandths": "QUANTITY_NOT_POSITIVE",
		"sale.lines[0].tax_id":               "TAX_NOT_MAPPED",
	}, "violations")

	_, err = p.receipts.GetReceipt(ctx, &kasav1.GetReceiptRequest{By: &kasav1.GetReceiptRequest_FiscalNumber{FiscalNumber: "none"}})
	failure = failureOf(err)
	checkEqual(failure.Code, codes.NotFound, "code of a receipt that is not there")
	checkEqual(failure.Info.GetReason(), "RECEIPT_NOT_FOUND", "reason of a receipt that is not there")
}

// saleAndWatch: a sale as the stream of changes tells it, resumed from a cursor, and its receipt.
func (p *program) saleAndWatch() string {
	ctx, cancel := within(60 * time.Second)
	defer cancel()
	stream, err := p.gateway.WatchFiscalizations(ctx, &kasav1.WatchFiscalizationsRequest{IntegrationIds: []string{p.integration}})
	check(err == nil, "watching ended with %v", err)
	hello, err := stream.Recv()
	check(err == nil && hello.GetFiscalization() == nil, "the first message is no heartbeat: %v, %v", hello, err)

	request := p.sale("good")
	answer, err := p.gateway.FiscalizeSale(ctx, request)
	check(err == nil, "the sale ended with %v", err)
	fiscalization := answer.GetFiscalization()
	checkEqual(fiscalization.GetState(), kasav1.FiscalizationState_FISCALIZATION_STATE_FISCALIZED, "state of the sale")
	checkEqual(fiscalization.GetReceipt().GetTotalKopiykas(), int64(3450), "sum of the receipt")

	states := p.statesOf(fiscalization.GetFiscalizationId(), stream)
	expected := []kasav1.FiscalizationState{
		kasav1.FiscalizationState_FISCALIZATION_STATE_ACCEPTED, kasav1.FiscalizationState_FISCALIZATION_STATE_SENDING,
		kasav1.FiscalizationState_FISCALIZATION_STATE_FISCALIZED}
	checkEqual(states, expected, "states that were watched")
	resumed, err := p.gateway.WatchFiscalizations(ctx, &kasav1.WatchFiscalizationsRequest{Cursor: hello.GetCursor()})
	check(err == nil, "resuming ended with %v", err)
	checkEqual(p.statesOf(fiscalization.GetFiscalizationId(), resumed), expected, "states from the cursor on")

	found, err := p.receipts.GetReceipt(ctx, &kasav1.GetReceiptRequest{
		By: &kasav1.GetReceiptRequest_FiscalizationId{FiscalizationId: fiscalization.GetFiscalizationId()}})
	check(err == nil, "the receipt ended with %v", err)
	check(proto.Equal(found.GetReceipt(), fiscalization.GetReceipt()), "the receipt is another: %v", found.GetReceipt())
	return found.GetReceipt().GetFiscalNumber()
}

// statesOf reads changes until the fiscalization has its receipt.
func (p *program) statesOf(id string, stream kasav1.FiscalizationService_WatchFiscalizationsClient) []kasav1.FiscalizationState {
	var states []kasav1.FiscalizationState
	for {
		message, err := stream.Recv()
		check(err == nil, "the stream ended with %v", err)
		if message.GetFiscalization().GetFiscalizationId() != id {
			continue
		}
		state := message.GetFiscalization().GetState()
		// Attempts may rise without another state; each state is told once here.
		if len(states) == 0 || states[len(states)-1] != state {
			states = append(states, state)
		}
		if state == kasav1.FiscalizationState_FISCALIZATION_STATE_FISCALIZED {
			return states
		}
	}
}

func main() {
	check(len(os.Args) == 4, "usage: check HOST:PORT INTEGRATION TODAY")
	connection, err := grpc.NewClient(os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	check(err == nil, "no channel: %v", err)
	defer connection.Close()
	p := &program{
		gateway:     kasav1.NewFiscalizationServiceClient(connection),
		receipts:    kasav1.NewReceiptServiceClient(connection),
		integration: os.Args[2],
		today:       os.Args[3],
		run:         fmt.Sprintf("%x", time.Now().UnixNano()),
	}
	p.deadlines()
	p.richError()
	fmt.Printf("go: deadlines, a rich error, a watched sale with receipt %s\n", p.saleAndWatch())
}
