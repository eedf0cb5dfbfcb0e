package io.millrace.it;

/**
 * An event of a group member.
 *
 * @param nanos the time, by the clock that all processes of this machine share
 * @param offset the offset, whose meaning depends on the {@link Kind}
 */
record GroupEvent(Kind kind, long nanos, int partition, long offset) {

    enum Kind {
        /** The partition was assigned, from the offset on. */
        ASSIGNED,
        /** The handler received a batch that starts at the offset. */
        BATCH_RECEIVED,
        /** The handler has completed the batch, which ends before the offset. */
        HANDLED,
        /** The last handler call has returned; the progress is about to be committed. */
        RELEASED,
        /** The partition was lost. */
        LOST
    }

    @Override
    public String toString() {
        return "%s %d %d %d".formatted(kind, nanos, partition, offset);
    }

    static GroupEvent parse(String line) {
        String[] words = line.split(" ");
        return new GroupEvent(
                Kind.valueOf(words[0]),
                Long.parseLong(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]));
    }
}
