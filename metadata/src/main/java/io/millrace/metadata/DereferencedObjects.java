package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Consecutive stream objects of one writer that became unreferenced with one entry of the log.
 * Immutable.
 *
 * @param kind the kind of the objects
 * @param incarnation the writer's incarnation
 * @param sequence the sequence number of the first object
 * @param count the number of objects, at least 1
 * @param sizeBytes the total size of the objects
 * @param entry the entry that removed the last reference; the first entry of the log is 1
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
                .mapToObj(one -> new ObjectId(kind, incarnation, one));
    }
}
