package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;

import java.util.ArrayList;
import java.util.List;

/**
 * A builder of extent manifests. Copies nothing. Not thread safe. The caller bounds the size by
 * {@link #sizeBytes}.
 */
public final class ManifestBuilder {

    private final ObjectId id;
    private final Slice header = new Slice(StreamObjectFormat.header(), 0, HEADER_BYTES);
    private final GatheredPieces.Builder pieces = new GatheredPieces.Builder();
    private final PageChecksums pages = new PageChecksums(0);
    private final List<Run> runs = new ArrayList<>();
    private long position = HEADER_BYTES;
    private long arrayBytes;

    public ManifestBuilder(ObjectId id) {
        if (id.kind() != ObjectId.Kind.MANIFEST) {
            throw new IllegalArgumentException(id + " is not a manifest");
        }
        this.id = id;
        pages.add(header);
    }

    /**
     * Appends extents. Calls must be ordered by topic id, partition and offset.
     *
     * @param content the encoded extents, not modified afterwards
     * @return the position in bytes from the start of the object
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
                    "%d bytes of topic %d, partition %d are not after the extents in %s"
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

    /** Returns the size without index and trailer. */
    public long sizeBytes() {
        return position;
    }

    /**
     * Completes the object.
     *
     * @throws IllegalStateException if no extents were added
     */
    public SealedObject seal() {
        if (runs.isEmpty()) {
            throw new IllegalStateException("no extents for " + id);
        }
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        return new GatheredObject(tail.ref(), header, pieces.build(), tail.bytes(), arrayBytes);
    }
}
