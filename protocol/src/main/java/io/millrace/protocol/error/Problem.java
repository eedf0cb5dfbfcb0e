package io.millrace.protocol.error;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An error as a caller gets it: a reason, and a sentence that says what is wrong and what to do.
 *
 * @param reason decides code and retriability
 * @param message one or two sentences for a person, naming the topic, partition, offset or object
 * @param details what a program needs of the message, by the names that error.proto gives; no null
 */
public record Problem(Reason reason, String message, Map<String, String> details) {

    /** The domain of Millrace's reasons in a {@code google.rpc.ErrorInfo}. */
    public static final String DOMAIN = "millrace";

    private static final String RETRIABLE = "retriable";

    public Problem {
        details = Map.copyOf(details);
    }

    public Problem(Reason reason, String message) {
        this(reason, message, Map.of());
    }

    /** Whether the same request may succeed later. */
    public boolean retriable() {
        return reason.retriable();
    }

    /** This problem as it goes over the wire. */
    public Status toStatus() {
        ErrorInfo info =
                ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason(reason.name())
                        .putAllMetadata(details)
                        .putMetadata(RETRIABLE, Boolean.toString(retriable()))
                        .build();
        return Status.newBuilder()
                .setCode(reason.code().getNumber())
                .setMessage(message)
                .addDetails(Any.pack(info))
                .build();
    }

    /**
     * The problem in a status that Millrace sent; empty for a status of other origin, such as one
     * that a proxy or the transport made up.
     */
    public static Optional<Problem> fromStatus(Status status) {
        for (Any detail : status.getDetailsList()) {
            if (!detail.is(ErrorInfo.class)) {
                continue;
            }
            try {
                ErrorInfo info = detail.unpack(ErrorInfo.class);
                if (info.getDomain().equals(DOMAIN)) {
                    Map<String, String> details = new TreeMap<>(info.getMetadataMap());
                    details.remove(RETRIABLE);
                    return Optional.of(
                            new Problem(
                                    Reason.valueOf(info.getReason()),
                                    status.getMessage(),
                                    details));
                }
            } catch (InvalidProtocolBufferException | IllegalArgumentException unknown) {
                // A newer server's reason, or not ours after all: the caller keeps code and
                // message.
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
