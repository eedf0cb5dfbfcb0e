package io.millrace.it;

/**
 * What happened to a member of a group.
 *
 * @param kind what
 * @param nanos when, by the clock that all processes of this machine share
 * @param partition where
 * @param offset of what: see {@link Kind}
 */
record GroupEvent(Kind kind, long nanos, int partition, long offset) {

    /** What can happen. */
    enum Kind {
        /** The partition is the member's, from the offset on. */
        ASSIGNED,
        /** The handler is given a batch, from the offset on. */
        BEGUN,
        /** The handler is done with it, up to before the offset. */
        HANDLED,
        /** The handlers have returned for good; what they did is about to be committed. */
        GIVEN_UP,
        /** The partition is the member's no more. */
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
