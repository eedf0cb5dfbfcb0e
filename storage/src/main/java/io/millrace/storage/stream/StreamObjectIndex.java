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
 * The checksums of a stream object's pages, taken from its verified index. Immutable. It does not
 * hold on to the bytes it was parsed from, nor to the table of runs: those who want that call
 * {@link #runs}.
 */
public final class StreamObjectIndex {

    private final ObjectRef ref;
    private final int[] pageCrcs;

    private StreamObjectIndex(ObjectRef ref, int[] pageCrcs) {
        this.ref = ref;
        this.pageCrcs = pageCrcs;
    }

    /**
     * Reads and checks index and trailer.
     *
     * @param ref the object, as the metadata knows it
     * @param tail its bytes from the index position to the end
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt naming what is damaged
     */
    public static StreamObjectIndex parse(ObjectRef ref, byte[] tail) {
        StreamObjectTrailer trailer = verifiedTrailer(ref, tail);
        int[] pageCrcs = new int[trailer.pageCount()];
        for (int page = 0; page < pageCrcs.length; page++) {
            pageCrcs[page] = (int) INT.get(tail, 4 * page);
        }
        return new StreamObjectIndex(ref, pageCrcs);
    }

    /**
     * The table of runs, sorted by topic id and partition. Parameters and exception as in {@link
     * #parse}.
     */
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
                    "%d bytes are not those of %s from its index on".formatted(tail.length, ref));
        }
        StreamObjectTrailer trailer = StreamObjectTrailer.parse(ref.id(), tail);
        if (!trailer.ref().equals(ref)) {
            throw corrupt(
                    ref.id(),
                    "its trailer says index at %d of %d bytes, the metadata say %d of %d"
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

    /** The object. */
    public ObjectRef ref() {
        return ref;
    }

    /** Bytes of memory that holding on to this costs. */
    public long memoryBytes() {
        return 128 + 4L * pageCrcs.length;
    }

    /** Where the page begins that holds a byte: the start of a part that can be verified. */
    public long pageStart(long position) {
        return position - position % PAGE_BYTES;
    }

    /** Where the page ends that holds the byte before {@code end}, at most the index position. */
    public long pageEnd(long end) {
        return Math.min(pageStart(end - 1) + PAGE_BYTES, ref.indexPosition());
    }

    /**
     * The checksums of whole pages, in their order.
     *
     * @param position of the first byte in the object; the start of a page
     * @param length at least 1; ends at the end of a page
     */
    public int[] pageCrcs(long position, int length) {
        int first = (int) (position / PAGE_BYTES);
        return Arrays.copyOfRange(
                pageCrcs, first, (int) ((position + length - 1) / PAGE_BYTES) + 1);
    }

    /** {@link #verify(long, byte[], int, int)} of a whole array. */
    public void verify(long position, byte[] bytes) {
        verify(position, bytes, 0, bytes.length);
    }

    /**
     * Checks whole pages against their checksums.
     *
     * @param position of the first byte in the object; the start of a page
     * @param length ends at the end of a page, which for the last one is the index position
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt naming object, page and bytes
     * @throws IllegalArgumentException if these are not whole pages of the object
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

    /**
     * Checks a page of which only the checksum is at hand.
     *
     * @param position where it begins
     * @param crc the CRC32C of its bytes as they were read
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt naming object, page and bytes
     */
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
