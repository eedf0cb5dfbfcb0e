package io.millrace.kafka.wire;

/** The bytes of a client are not a request of the Kafka protocol, so its connection is closed. */
public final class MalformedFrameException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }

    private MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the exception for a failure to read fields. */
    public static MalformedFrameException of(String what, RuntimeException cause) {
        return cause instanceof MalformedFrameException known
                ? known
                : new MalformedFrameException(what + ": " + cause.getMessage(), cause);
    }
}
