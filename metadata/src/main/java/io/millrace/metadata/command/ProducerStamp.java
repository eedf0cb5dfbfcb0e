package io.millrace.metadata.command;

/**
 * What an idempotent producer writes on a batch.
 *
 * @param producerId as it was handed out; -1 in {@link #NONE}
 * @param epoch 0 to 32767; -1 in {@link #NONE}
 * @param baseSequence of the first record, 0 to 2^31 - 1, wrapping round; -1 in {@link #NONE}
 */
public record ProducerStamp(long producerId, short epoch, int baseSequence) {

    /** The producer is not idempotent. */
    public static final ProducerStamp NONE = new ProducerStamp(-1, (short) -1, -1);

    /** Whether the producer is idempotent. */
    public boolean isIdempotent() {
        return producerId >= 0;
    }
}
