import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;

/** What a caller reads out of a failed call. Without info the outcome is not known. */
record Failure(Status.Code code, ErrorInfo info, List<BadRequest.FieldViolation> violations, Duration retryDelay) {
  static Failure of(StatusRuntimeException error) throws InvalidProtocolBufferException {
    ErrorInfo info = null;
    List<BadRequest.FieldViolation> violations = List.of();
    Duration retryDelay = Duration.ZERO;
    for (Any any : StatusProto.fromThrowable(error).getDetailsList()) {
      if (any.is(ErrorInfo.class)) {
        ErrorInfo found = any.unpack(ErrorInfo.class);
        info = found.getDomain().equals("kasa.v1") ? found : null;
      } else if (any.is(BadRequest.class)) {
        violations = any.unpack(BadRequest.class).getFieldViolationsList();
      } else if (any.is(RetryInfo.class)) {
        com.google.protobuf.Duration delay = any.unpack(RetryInfo.class).getRetryDelay();
        retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
      }
    }
    return new Failure(error.getStatus().getCode(), info, violations, retryDelay);
  }
}
