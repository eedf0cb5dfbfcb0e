package io.millrace.protocol.error;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An error as reported to a caller, with the cause and the remedy.
 *
 * @param message one or two sentences that name the topic, partition, offset or object; cut off at
 *     {@link #MAX_MESSAGE_CHARS}, because it may quote a request and must fit a header
 * @param details machine-readable values by the keys of error.proto, cut off at {@link
 *     #MAX_DETAIL_CHARS}
 */
public record Problem(Reason reason, String message, Map<String, String> details) {

    /** The error domain in {@code google.rpc.ErrorInfo}. */
    public static final String DOMAIN = "millrace";

    public static final int MAX_MESSAGE_CHARS = 2_000;
    public static final int MAX_DETAIL_CHARS = 500;

    private static final String RETRIABLE = "retriable";

    public Problem {
        message = cutOff(message, MAX_MESSAGE_CHARS);
        Map<String, String> bounded = new TreeMap<>();
        details.forEach((key, value) -> bounded.put(key, cutOff(value, MAX_DETAIL_CHARS)));
        details = Map.copyOf(bounded);
    }

    private static String cutOff(String text, int maxChars) {
        if (text.length() <= maxChars) {
            return text;
        }
        int kept = maxChars - 1;
        int end = Character.isHighSurrogate(text.charAt(kept - 1)) ? kept - 1 : kept;
        return text.substring(0, end) + "…";
    }

    public Problem(Reason reason, String message) {
        this(reason, message, Map.of());
    }

    public boolean retriable() {
        return reason.retriable();
    }

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
     * Returns the problem in a status that Millrace sent; empty for a status of another origin,
     * such as a proxy.
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
                // A reason of a newer server, or malformed details: the caller uses code and
                // message.
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
