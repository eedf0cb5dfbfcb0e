package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Consecutive stream objects of one writer that one entry of the log dereferenced.
 *
 * @param sequence of the first object
 * @param entry the number of the entry that removed the last reference, from 1
 */
public record DereferencedObjects(
        ObjectId.Kind kind,
        long incarnation,
        long sequence,
        long count,
        long sizeBytes,
        long entry) {

    public ObjectId first() {
        return new ObjectId(kind, incarnation, sequence);
    }

    public ObjectId last() {
        return new ObjectId(kind, incarnation, sequence + count - 1);
    }

    public Stream<ObjectId> ids() {
        return LongStream.range(sequence, sequence + count)
                .mapToObj(number -> new ObjectId(kind, incarnation, number));
    }
}
