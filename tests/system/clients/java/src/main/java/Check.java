import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import ua.kasa.v1.Document;
import ua.kasa.v1.Fiscalization;
import ua.kasa.v1.FiscalizationServiceGrpc;
import ua.kasa.v1.FiscalizationState;
import ua.kasa.v1.FiscalizeSaleRequest;
import ua.kasa.v1.FiscalizeSaleResponse;
import ua.kasa.v1.GetReceiptRequest;
import ua.kasa.v1.Line;
import ua.kasa.v1.Payment;
import ua.kasa.v1.Receipt;
import ua.kasa.v1.ReceiptServiceGrpc;
import ua.kasa.v1.WatchFiscalizationsRequest;
import ua.kasa.v1.WatchFiscalizationsResponse;

/**
 * Checks a running gateway as a Java caller sees it, with stubs made from proto/kasa/v1 and nothing else of ours.
 *
 * <p>Arguments: HOST:PORT INTEGRATION TODAY. INTEGRATION is set up: active, on a test register, with tax "vat20" and
 * payment method "card"; TODAY is Kyiv's date. The first request that reaches the register is answered late, after
 * about eight seconds. Status 0 when everything is as the contract says; else 1, after the first thing that is not.
 */
public final class Check {
  private static final List<FiscalizationState> LIFE =
      List.of(
          FiscalizationState.FISCALIZATION_STATE_ACCEPTED,
          FiscalizationState.FISCALIZATION_STATE_SENDING,
          FiscalizationState.FISCALIZATION_STATE_FISCALIZED);

  private final FiscalizationServiceGrpc.FiscalizationServiceBlockingStub gateway;
  private final ReceiptServiceGrpc.ReceiptServiceBlockingStub receipts;
  private final String integration;
  private final String today;
  private final String run = Long.toHexString(System.nanoTime());

  private Check(ManagedChannel channel, String integration, String today) {
    gateway = FiscalizationServiceGrpc.newBlockingStub(channel);
    receipts = ReceiptServiceGrpc.newBlockingStub(channel);
    this.integration = integration;
    this.today = today;
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }

  private static void checkEqual(Object found, Object expected, String what) {
    check(Objects.equals(found, expected), what + ": " + found + " instead of " + expected);
  }

  private static Failure failureIn(Supplier<?> call) throws Exception {
    try {
      call.get();
    } catch (StatusRuntimeException error) {
      return Failure.of(error);
    }
    throw new AssertionError("a call that should fail was answered");
  }

  /** A sale of 34.50 UAH by card. */
  private FiscalizeSaleRequest.Builder sale(String name) {
    String id = name + "-" + run;
    return FiscalizeSaleRequest.newBuilder()
        .setDocumentId(id)
        .setSourceSystem("java-check")
        .setMaxWait(Duration.newBuilder().setSeconds(20))
        .setSale(
            Document.newBuilder()
                .setActivated(true)
                .setDocumentDate(today)
                .setCurrencyCode("UAH")
                .setIntegrationId(integration)
                .setOrderId(id)
                .addLines(
                    Line.newBuilder()
                        .setName("Кава")
                        .setQuantityThousandths(1500)
                        .setPriceKopiykas(2300)
                        .setTaxId("vat20"))
                .addPayments(Payment.newBuilder().setPaymentMethodId("card").setAmountKopiykas(3450)));
  }

  private FiscalizeSaleResponse fiscalize(FiscalizeSaleRequest request, long timeoutMs) {
    return gateway.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS).fiscalizeSale(request);
  }

  /**
   * The gateway answers before the call's deadline with the state so far, and what is not known is asked again with
   * the same document.
   */
  private void deadlines() throws Exception {
    FiscalizeSaleRequest request = sale("late").build();
    FiscalizeSaleResponse first = fiscalize(request, 4000);
    FiscalizationState state = first.getFiscalization().getState();
    check(LIFE.subList(0, 2).contains(state), "state " + state + " while it is sent");

    Failure over = failureIn(() -> fiscalize(request, -1000));
    checkEqual(over.code(), Status.Code.DEADLINE_EXCEEDED, "code of a call whose deadline is over");
    check(over.info() == null, "a call whose deadline is over looks like a refusal");

    FiscalizeSaleResponse again = fiscalize(request, 25_000);
    check(again.getReplayed(), "the same again is not replayed");
    checkEqual(
        again.getFiscalization().getFiscalizationId(), first.getFiscalization().getFiscalizationId(), "fiscalization");
    checkEqual(again.getFiscalization().getState(), LIFE.get(2), "state in the end");
    checkEqual(again.getFiscalization().getAttempts(), 1, "sends to the register");
  }

  /** Every violation of a bad document, with its field and reason. */
  private void richError() throws Exception {
    FiscalizeSaleRequest.Builder request = sale("bad");
    request.getSaleBuilder().setCurrencyCode("EUR");
    request.getSaleBuilder().getLinesBuilder(0).setQuantityThousandths(0).setTaxId("невідомий");
    Failure failure = failureIn(() -> fiscalize(request.build(), 15_000));
    checkEqual(failure.code(), Status.Code.INVALID_ARGUMENT, "code of a bad document");
    check(failure.info() != null, "a bad document has no ErrorInfo");
    checkEqual(failure.info().getReason(), "DOCUMENT_INVALID", "reason of a bad document");
    checkEqual(failure.info().getMetadataOrThrow("failure_class"), "REQUEST", "whose move it is");
    Map<String, String> reasons = new TreeMap<>();
    for (BadRequest.FieldViolation violation : failure.violations()) {
      check(!violation.getDescription().isEmpty(), violation.getField() + " has no text");
      reasons.put(violation.getField(), violation.getReason());
    }
    checkEqual(
        reasons,
        Map.of(
            "sale.currency_code", "CURRENCY_NOT_UAH",
            "sale.lines[0].quantity_thousandths", "QUANTITY_NOT_POSITIVE",
            "sale.lines[0].tax_id", "TAX_NOT_MAPPED"),
        "violations");

    Failure missing = failureIn(() -> receiptOf(GetReceiptRequest.newBuilder().setFiscalNumber("none")));
    checkEqual(missing.code(), Status.Code.NOT_FOUND, "code of a receipt that is not there");
    checkEqual(missing.info().getReason(), "RECEIPT_NOT_FOUND", "reason of a receipt that is not there");
  }

  private Receipt receiptOf(GetReceiptRequest.Builder by) {
    return receipts.withDeadlineAfter(15, TimeUnit.SECONDS).getReceipt(by.build()).getReceipt();
  }

  private Iterator<WatchFiscalizationsResponse> watch(WatchFiscalizationsRequest.Builder request) {
    return gateway.withDeadlineAfter(60, TimeUnit.SECONDS).watchFiscalizations(request.build());
  }

  /** The states of one fiscalization as the stream tells them, up to its receipt. */
  private static List<FiscalizationState> statesOf(String id, Iterator<WatchFiscalizationsResponse> messages) {
    List<FiscalizationState> states = new ArrayList<>();
    while (messages.hasNext()) {
      Fiscalization fiscalization = messages.next().getFiscalization();
      if (!fiscalization.getFiscalizationId().equals(id)) continue;
      FiscalizationState state = fiscalization.getState();
      if (states.isEmpty() || states.get(states.size() - 1) != state) states.add(state);
      if (state == LIFE.get(2)) return states;
    }
    throw new AssertionError("the stream ended");
  }

  /** A sale as the stream of changes tells it, resumed from a cursor, and its receipt. */
  private String saleAndWatch() {
    Iterator<WatchFiscalizationsResponse> live =
        watch(WatchFiscalizationsRequest.newBuilder().addIntegrationIds(integration));
    WatchFiscalizationsResponse hello = live.next();
    check(!hello.hasFiscalization(), "the first message is no heartbeat");

    Fiscalization fiscalization = fiscalize(sale("good").build(), 25_000).getFiscalization();
    checkEqual(fiscalization.getState(), LIFE.get(2), "state of the sale");
    checkEqual(fiscalization.getReceipt().getTotalKopiykas(), 3450L, "sum of the receipt");
    String id = fiscalization.getFiscalizationId();
    checkEqual(statesOf(id, live), LIFE, "states that were watched");
    checkEqual(
        statesOf(id, watch(WatchFiscalizationsRequest.newBuilder().setCursor(hello.getCursor()))),
        LIFE,
        "states from the cursor on");
    checkEqual(receiptOf(GetReceiptRequest.newBuilder().setFiscalizationId(id)), fiscalization.getReceipt(), "receipt");
    return fiscalization.getReceipt().getFiscalNumber();
  }

  public static void main(String[] arguments) throws Exception {
    check(arguments.length == 3, "arguments: HOST:PORT INTEGRATION TODAY");
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(arguments[0]).usePlaintext().proxyDetector(address -> null).build();
    int status = 1;
    try {
      Check check = new Check(channel, arguments[1], arguments[2]);
      check.deadlines();
      check.richError();
      System.out.println("java: deadlines, a rich error, a watched sale with receipt " + check.saleAndWatch());
      status = 0;
    } catch (AssertionError | StatusRuntimeException surprise) {
      System.err.println("java: " + surprise);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
    System.exit(status);
  }
}
