package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;

import java.util.ArrayList;
import java.util.List;

/**
 * A manifest in the making: a stream object whose runs are not batches, but extents of partitions.
 * Copies nothing. Not thread-safe: one owner at a time. Its bound is the caller's, who sees {@link
 * #sizeBytes}.
 */
public final class ManifestBuilder {

    private final ObjectId id;
    private final Slice header = new Slice(StreamObjectFormat.header(), 0, HEADER_BYTES);
    private final GatheredPieces.Builder pieces = new GatheredPieces.Builder();
    private final PageChecksums pages = new PageChecksums(0);
    private final List<Run> runs = new ArrayList<>();
    private long position = HEADER_BYTES;
    private long arrayBytes;

    /**
     * @param id of a manifest
     */
    public ManifestBuilder(ObjectId id) {
        if (id.kind() != ObjectId.Kind.MANIFEST) {
            throw new IllegalArgumentException(id + " is not a manifest");
        }
        this.id = id;
        pages.add(header);
    }

    /**
     * Adds extents, behind those before in the order of topic id, partition and offset.
     *
     * @param content their bytes; not written any more
     * @param extents how many
     * @param offsets that they span
     * @return where they lie, in bytes from the object's start
     */
    public long add(long topicId, int partition, byte[] content, int extents, long offsets) {
        Run last = runs.isEmpty() ? null : runs.getLast();
        boolean inLast = last != null && last.topicId() == topicId && last.partition() == partition;
        boolean ordered =
                last == null
                        || inLast
                        || last.topicId() < topicId
                        || (last.topicId() == topicId && last.partition() < partition);
        if (!ordered || content.length == 0) {
            throw new IllegalArgumentException(
                    "%d bytes of topic %d, partition %d do not lie behind what is in %s"
                            .formatted(content.length, topicId, partition, id));
        }
        Run run = inLast ? runs.removeLast() : new Run(topicId, partition, position, 0, 0, 0);
        runs.add(
                new Run(
                        topicId,
                        partition,
                        run.position(),
                        run.length() + content.length,
                        run.batchCount() + extents,
                        run.offsetCount() + offsets));
        Slice slice = new Slice(content, 0, content.length);
        pieces.add(slice, position);
        pages.add(slice);
        long at = position;
        position += content.length;
        arrayBytes += content.length;
        return at;
    }

    /** Bytes so far, without what comes behind the extents. */
    public long sizeBytes() {
        return position;
    }

    /**
     * Ends the object.
     *
     * @throws IllegalStateException if there are no extents in it
     */
    public SealedObject seal() {
        if (runs.isEmpty()) {
            throw new IllegalStateException("no extents for " + id);
        }
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        return new GatheredObject(tail.ref(), header, pieces.build(), tail.bytes(), arrayBytes);
    }
}
