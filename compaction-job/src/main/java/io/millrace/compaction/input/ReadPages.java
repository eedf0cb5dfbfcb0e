package io.millrace.compaction.input;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The checksums of the pages of one object that were read, so that they can be compared with those
 * of its index after their bytes are gone. Holds a number for each page that nobody has forgotten.
 * One owner.
 */
final class ReadPages {

    private final ObjectRef object;

    /** By where they begin. */
    private final TreeMap<Long, Integer> crcs = new TreeMap<>();

    private final CRC32C crc = new CRC32C();

    /** Where the next bytes begin if they go on with the same page. */
    private long position;

    ReadPages(ObjectRef object) {
        this.object = object;
    }

    /**
     * Bytes were read.
     *
     * @param start where they lie: where the ones before end, or where a page begins
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
     * Whether the pages in which a part of the object lies were read to their ends, and then are
     * those that were written.
     *
     * @param from where the part begins; what is forgotten ends there or before
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt naming a page that is not
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

    /** Nobody asks for pages any more that end before this. */
    void forget(long before) {
        crcs.headMap(pageStart(before)).clear();
    }

    private static long pageStart(long position) {
        return position - position % PAGE_BYTES;
    }
}
