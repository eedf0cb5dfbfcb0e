package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.INT;
import static io.millrace.storage.stream.StreamObjectFormat.LONG;
import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.RUN_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.corrupt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The verified page checksums of a stream object. Immutable. Retains neither the parsed bytes nor
 * the runs.
 *
 * <p>Damage is reported as {@link io.millrace.storage.object.ObjectStoreException.Corrupt}, with
 * object, page and bytes in the message.
 */
public final class StreamObjectIndex {

    private final ObjectRef ref;
    private final int[] pageCrcs;

    private StreamObjectIndex(ObjectRef ref, int[] pageCrcs) {
        this.ref = ref;
        this.pageCrcs = pageCrcs;
    }

    /**
     * Parses and verifies index and trailer.
     *
     * @param ref the object in the metadata
     * @param tail the bytes from the index position on
     */
    public static StreamObjectIndex parse(ObjectRef ref, byte[] tail) {
        StreamObjectTrailer trailer = verifiedTrailer(ref, tail);
        int[] pageCrcs = new int[trailer.pageCount()];
        for (int page = 0; page < pageCrcs.length; page++) {
            pageCrcs[page] = (int) INT.get(tail, 4 * page);
        }
        return new StreamObjectIndex(ref, pageCrcs);
    }

    /** Verifies as {@link #parse} does, and returns the runs, sorted by topic id and partition. */
    public static List<Run> runs(ObjectRef ref, byte[] tail) {
        StreamObjectTrailer trailer = verifiedTrailer(ref, tail);
        List<Run> runs = new ArrayList<>(trailer.runCount());
        long position = HEADER_BYTES;
        for (int at = 4 * trailer.pageCount(); at < trailer.indexLength(); at += RUN_BYTES) {
            Run run =
                    new Run(
                            (long) LONG.get(tail, at),
                            (int) INT.get(tail, at + 8),
                            (long) LONG.get(tail, at + 16),
                            (long) LONG.get(tail, at + 24),
                            (int) INT.get(tail, at + 12),
                            (long) LONG.get(tail, at + 32));
            if (run.position() != position || run.length() < 1) {
                throw corrupt(ref.id(), "its runs do not follow each other at byte " + position);
            }
            position = run.end();
            runs.add(run);
        }
        if (position != ref.indexPosition()) {
            throw corrupt(ref.id(), "its runs end at byte " + position + ", before its index");
        }
        return runs;
    }

    private static StreamObjectTrailer verifiedTrailer(ObjectRef ref, byte[] tail) {
        if (tail.length != ref.sizeBytes() - ref.indexPosition()) {
            throw new IllegalArgumentException(
                    "%d bytes are not index and trailer of %s".formatted(tail.length, ref));
        }
        StreamObjectTrailer trailer = StreamObjectTrailer.parse(ref.id(), tail);
        if (!trailer.ref().equals(ref)) {
            throw corrupt(
                    ref.id(),
                    "its trailer places the index at %d of %d bytes, the metadata at %d of %d"
                            .formatted(
                                    trailer.ref().indexPosition(),
                                    trailer.ref().sizeBytes(),
                                    ref.indexPosition(),
                                    ref.sizeBytes()));
        }
        if (StreamObjectTrailer.crc(tail, 0, trailer.indexLength()) != trailer.indexCrc()) {
            throw corrupt(
                    ref.id(),
                    "its index, bytes %d to %d, fails its checksum"
                            .formatted(
                                    ref.indexPosition(),
                                    ref.indexPosition() + trailer.indexLength()));
        }
        return trailer;
    }

    public ObjectRef ref() {
        return ref;
    }

    public long memoryBytes() {
        return 128 + 4L * pageCrcs.length;
    }

    public long pageStart(long position) {
        return position - position % PAGE_BYTES;
    }

    /** Returns the end of the page with the byte before {@code end}, at most the index position. */
    public long pageEnd(long end) {
        return Math.min(pageStart(end - 1) + PAGE_BYTES, ref.indexPosition());
    }

    /**
     * Returns the checksums of whole pages.
     *
     * @param position the start of a page
     */
    public int[] pageCrcs(long position, int length) {
        int first = (int) (position / PAGE_BYTES);
        return Arrays.copyOfRange(
                pageCrcs, first, (int) ((position + length - 1) / PAGE_BYTES) + 1);
    }

    public void verify(long position, byte[] bytes) {
        verify(position, bytes, 0, bytes.length);
    }

    /**
     * Verifies whole pages.
     *
     * @param position the start of a page in the object
     * @param from the start of the page in the array
     * @throws IllegalArgumentException if the range does not consist of whole pages
     */
    public void verify(long position, byte[] bytes, int from, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length);
        long end = position + length;
        if (position < 0
                || position % PAGE_BYTES != 0
                || length < 1
                || end > ref.indexPosition()
                || end != pageEnd(end)) {
            throw new IllegalArgumentException(
                    "%d bytes at %d are not whole pages of %s".formatted(length, position, ref));
        }
        for (int done = 0; done < length; done += PAGE_BYTES) {
            int pageLength = Math.min(PAGE_BYTES, length - done);
            verifyPage(position + done, StreamObjectTrailer.crc(bytes, from + done, pageLength));
        }
    }

    /** Verifies a page by its CRC32C. */
    public void verifyPage(long position, int crc) {
        int page = (int) (position / PAGE_BYTES);
        if (crc != pageCrcs[page]) {
            throw corrupt(
                    ref.id(),
                    "page %d, bytes %d to %d, fails its checksum"
                            .formatted(page, position, pageEnd(position + 1)));
        }
    }
}
