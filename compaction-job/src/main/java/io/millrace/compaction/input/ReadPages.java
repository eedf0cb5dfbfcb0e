package io.millrace.compaction.input;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Checksums of the pages of one object that were read, for later comparison with the object's
 * index. Holds one number per page until the page is released. One owner.
 */
final class ReadPages {

    private final ObjectRef object;

    private final TreeMap<Long, Integer> crcs = new TreeMap<>();

    private final CRC32C crc = new CRC32C();

    /** Position after the bytes of the current page. */
    private long position;

    ReadPages(ObjectRef object) {
        this.object = object;
    }

    /**
     * Adds bytes that were read.
     *
     * @param start position of the bytes: the end of the previous ones, or the start of a page
     */
    void add(long start, byte[] bytes) {
        if (start != position) {
            crc.reset();
            position = start;
        }
        int done = 0;
        while (done < bytes.length) {
            long page = pageStart(position);
            long end = Math.min(page + PAGE_BYTES, object.indexPosition());
            int part = (int) Math.min(bytes.length - done, end - position);
            crc.update(bytes, done, part);
            done += part;
            position += part;
            if (position == end) {
                crcs.put(page, (int) crc.getValue());
                crc.reset();
            }
        }
    }

    /**
     * Compares the pages of a part of the object with the index.
     *
     * @param from start of the part; released pages end there or before
     * @return false if some pages have not been read to their end
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if a page does not match,
     *     with its position
     */
    boolean match(StreamObjectIndex index, long from, long to) {
        for (long page = pageStart(from); page < to; page += PAGE_BYTES) {
            Integer read = crcs.get(page);
            if (read == null) {
                return false;
            }
            index.verifyPage(page, read);
        }
        return true;
    }

    /** Releases pages that end before a position. */
    void release(long before) {
        crcs.headMap(pageStart(before)).clear();
    }

    private static long pageStart(long position) {
        return position - position % PAGE_BYTES;
    }
}
