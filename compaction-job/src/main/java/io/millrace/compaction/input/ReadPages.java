package io.millrace.compaction.input;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The checksums of the pages of one object that were read, to compare with the object's index.
 * Holds one number per page until release. One owner.
 */
final class ReadPages {

    private final ObjectRef object;

    private final TreeMap<Long, Integer> crcs = new TreeMap<>();

    private final CRC32C crc = new CRC32C();

    /** End of the added bytes. */
    private long position;

    ReadPages(ObjectRef object) {
        this.object = object;
    }

    /**
     * @param start the end of the previous bytes, or the start of a page
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
     * Compares the pages of a byte range with the index.
     *
     * @return false if some pages have not been read to their end
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if a page does not match
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

    void release(long before) {
        crcs.headMap(pageStart(before)).clear();
    }

    private static long pageStart(long position) {
        return position - position % PAGE_BYTES;
    }
}
