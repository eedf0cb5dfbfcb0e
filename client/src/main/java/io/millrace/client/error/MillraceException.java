package io.millrace.client.error;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failed operation of the client. The message is for people; the subclass determines the reaction
 * of a program.
 */
public abstract sealed class MillraceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private MillraceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns whether the same request may succeed later and is safe to repeat. */
    public abstract boolean retriable();

    /** Returns the server's reason, if given. */
    public Optional<Reason> reason() {
        return Optional.empty();
    }

    /** Returns a copy with the stack trace of the current caller. */
    public abstract MillraceException copy();

    /** The server rejected the request and changed nothing. */
    public static final class Rejected extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        public Rejected(Problem problem) {
            super(problem.message(), null);
            this.problem = problem;
        }

        public Problem problem() {
            return problem;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(problem.reason());
        }

        @Override
        public boolean retriable() {
            return problem.retriable();
        }

        @Override
        public Rejected copy() {
            return new Rejected(problem);
        }
    }

    /** No server was reachable or responded; nothing was changed. */
    public static final class Unreachable extends MillraceException {
        private static final long serialVersionUID = 1L;

        public Unreachable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        @Override
        public boolean retriable() {
            return true;
        }

        @Override
        public Unreachable copy() {
            return new Unreachable(messageOf(this), getCause());
        }
    }

    /** The timeout passed before the operation was done. A record that fails so is not stored. */
    public static final class TimedOut extends MillraceException {
        private static final long serialVersionUID = 1L;

        public TimedOut(String message) {
            super(message, null);
        }

        @Override
        public boolean retriable() {
            return true;
        }

        @Override
        public TimedOut copy() {
            return new TimedOut(messageOf(this));
        }
    }

    /**
     * The connection broke or the timeout passed before the response, so the outcome is unknown. A
     * repetition may store records twice; a repeated change of a topic is safe.
     */
    public static final class OutcomeUnknown extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final boolean retriable;

        /** Creates the failure of an operation that must not be repeated. */
        public OutcomeUnknown(String message) {
            this(message, false);
        }

        public OutcomeUnknown(String message, boolean retriable) {
            super(message, null);
            this.retriable = retriable;
        }

        @Override
        public boolean retriable() {
            return retriable;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(Reason.OUTCOME_UNKNOWN);
        }

        @Override
        public OutcomeUnknown copy() {
            return new OutcomeUnknown(messageOf(this), retriable);
        }
    }

    /** The requested offset does not exist (any more, or yet). */
    public static final class OffsetOutOfRange extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final transient TopicPartition partition;
        private final long offset;
        private final long logStartOffset;
        private final long highWatermark;

        public OffsetOutOfRange(
                TopicPartition partition, long offset, long logStartOffset, long highWatermark) {
            super(
                    "Offset %d of %s is out of range: offsets %d to %d are readable. Seek to one of them."
                            .formatted(offset, partition, logStartOffset, highWatermark),
                    null);
            this.partition = partition;
            this.offset = offset;
            this.logStartOffset = logStartOffset;
            this.highWatermark = highWatermark;
        }

        public TopicPartition partition() {
            return partition;
        }

        public long offset() {
            return offset;
        }

        /** Returns the first readable offset; -1 if not reported. */
        public long logStartOffset() {
            return logStartOffset;
        }

        /** Returns the offset of the next record to be written; -1 if not reported. */
        public long highWatermark() {
            return highWatermark;
        }

        @Override
        public Optional<Reason> reason() {
            return Optional.of(Reason.OFFSET_OUT_OF_RANGE);
        }

        @Override
        public boolean retriable() {
            return false;
        }

        @Override
        public OffsetOutOfRange copy() {
            return new OffsetOutOfRange(partition, offset, logStartOffset, highWatermark);
        }
    }

    /** The bytes read fail their checksum or are not a batch. */
    public static final class Corrupt extends MillraceException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message) {
            super(message, null);
        }

        @Override
        public boolean retriable() {
            return true;
        }

        @Override
        public Corrupt copy() {
            return new Corrupt(messageOf(this));
        }
    }

    /**
     * The records of a batch cannot be decoded although its checksum is valid: its writer encoded
     * them wrongly, or they exceed a limit of the client.
     */
    public static final class Undecodable extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final transient TopicPartition partition;
        private final long firstOffset;
        private final long nextOffset;

        public Undecodable(
                TopicPartition partition,
                long firstOffset,
                long nextOffset,
                @Nullable Throwable cause) {
            super(
                    "The records of %s at offsets %d to %d cannot be decoded (%s): a retry does not help. Seek to offset %d to skip them, or read with the policy SKIP."
                            .formatted(partition, firstOffset, nextOffset - 1, cause, nextOffset),
                    cause);
            this.partition = partition;
            this.firstOffset = firstOffset;
            this.nextOffset = nextOffset;
        }

        public TopicPartition partition() {
            return partition;
        }

        /** Returns the first wanted offset of the batch. */
        public long firstOffset() {
            return firstOffset;
        }

        /** Returns the offset after the batch. */
        public long nextOffset() {
            return nextOffset;
        }

        @Override
        public boolean retriable() {
            return false;
        }

        @Override
        public Undecodable copy() {
            return new Undecodable(partition, firstOffset, nextOffset, getCause());
        }
    }

    /** The client was closed. Nothing was stored. */
    public static final class Closed extends MillraceException {
        private static final long serialVersionUID = 1L;

        public Closed(String message) {
            super(message, null);
        }

        @Override
        public boolean retriable() {
            return false;
        }

        @Override
        public Closed copy() {
            return new Closed(messageOf(this));
        }
    }

    /** A handler or listener threw an exception, which ended the subscription. */
    public static final class HandlerFailed extends MillraceException {
        private static final long serialVersionUID = 1L;

        public HandlerFailed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        @Override
        public boolean retriable() {
            return false;
        }

        @Override
        public HandlerFailed copy() {
            return new HandlerFailed(messageOf(this), getCause());
        }
    }

    private static String messageOf(MillraceException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
