package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Stream objects of one writer, one behind the other, that no extent names any more since one entry
 * of the log. Immutable.
 *
 * @param kind what they are
 * @param incarnation of their writer
 * @param sequence of the first
 * @param count how many, at least 1
 * @param sizeBytes of all of them
 * @param entry with which they went, counted from the log's first as 1
 */
public record DereferencedObjects(
        ObjectId.Kind kind,
        long incarnation,
        long sequence,
        long count,
        long sizeBytes,
        long entry) {

    /** The first of them. */
    public ObjectId first() {
        return new ObjectId(kind, incarnation, sequence);
    }

    /** The last of them. */
    public ObjectId last() {
        return new ObjectId(kind, incarnation, sequence + count - 1);
    }

    /** Each of them. */
    public Stream<ObjectId> ids() {
        return LongStream.range(sequence, sequence + count)
                .mapToObj(one -> new ObjectId(kind, incarnation, one));
    }
}
