package io.millrace.client.error;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why something that was asked of Millrace did not happen. The message is a sentence for a person;
 * the subclass says what a program has to know.
 */
public abstract sealed class MillraceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private MillraceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether the same request may succeed later, without doing harm. */
    public abstract boolean retriable();

    /** The server's reason; empty where the server did not say it. */
    public Optional<Reason> reason() {
        return Optional.empty();
    }

    /** The same failure for another caller, so that each has the stack trace of its own call. */
    public abstract MillraceException again();

    /** The server refused; nothing was changed. */
    public static final class Rejected extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        public Rejected(Problem problem) {
            super(problem.message(), null);
            this.problem = problem;
        }

        /** What the server said, with its details. */
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
        public Rejected again() {
            return new Rejected(problem);
        }
    }

    /** No server could be reached, or none answered; nothing was changed. */
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
        public Unreachable again() {
            return new Unreachable(messageOf(this), getCause());
        }
    }

    /** Time ran out before it was done. Nothing was stored. */
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
        public TimedOut again() {
            return new TimedOut(messageOf(this));
        }
    }

    /**
     * It was sent, and whether it was done is not known: the connection broke or time ran out
     * before the answer came. To send the same records again may store them twice; to repeat a
     * change of a topic does no harm.
     */
    public static final class OutcomeUnknown extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final boolean retriable;

        /** Of records, or of what else must not be done twice. */
        public OutcomeUnknown(String message) {
            this(message, false);
        }

        /**
         * @param retriable whether it may be repeated without harm
         */
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
        public OutcomeUnknown again() {
            return new OutcomeUnknown(messageOf(this), retriable);
        }
    }

    /** The wanted offset does not exist (any more, or yet). */
    public static final class OffsetOutOfRange extends MillraceException {
        private static final long serialVersionUID = 1L;
        private final transient TopicPartition partition;
        private final long offset;
        private final long logStartOffset;
        private final long highWatermark;

        public OffsetOutOfRange(
                TopicPartition partition, long offset, long logStartOffset, long highWatermark) {
            super(
                    "Offset %d of %s is out of range: offsets %d to %d can be read. Seek there."
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

        /** The offset that was asked for. */
        public long offset() {
            return offset;
        }

        /** First offset that can be read; -1 if the server did not say it. */
        public long logStartOffset() {
            return logStartOffset;
        }

        /** Offset that the next record to be written will get; -1 if the server did not say it. */
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
        public OffsetOutOfRange again() {
            return new OffsetOutOfRange(partition, offset, logStartOffset, highWatermark);
        }
    }

    /** Bytes that were read fail their checksum or are no batch. */
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
        public Corrupt again() {
            return new Corrupt(messageOf(this));
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
        public Closed again() {
            return new Closed(messageOf(this));
        }
    }

    /** A handler or listener of a subscription threw, which ended the subscription. */
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
        public HandlerFailed again() {
            return new HandlerFailed(messageOf(this), getCause());
        }
    }

    private static String messageOf(MillraceException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
