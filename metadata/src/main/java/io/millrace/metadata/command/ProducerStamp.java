package io.millrace.metadata.command;

/**
 * The producer id, epoch and sequence of a batch; all -1 in {@link #NONE}.
 *
 * @param epoch 0 to 32767
 * @param baseSequence of the first record, 0 to 2^31 - 1, wrapping round
 */
public record ProducerStamp(long producerId, short epoch, int baseSequence) {

    /** The stamp of a batch from a producer without idempotence. */
    public static final ProducerStamp NONE = new ProducerStamp(-1, (short) -1, -1);

    public ProducerStamp {
        boolean none = producerId == -1 && epoch == -1 && baseSequence == -1;
        if (!none && (producerId < 0 || epoch < 0 || baseSequence < 0)) {
            throw new IllegalArgumentException(
                    "producer %d, epoch %d, sequence %d"
                            .formatted(producerId, epoch, baseSequence));
        }
    }

    public boolean isIdempotent() {
        return producerId >= 0;
    }
}
