package io.millrace.fetch.chunk;

import java.util.zip.CRC32C;

/**
 * A chunk of an object with the CRC32C of each page. Immutable: the arrays must not be modified.
 * Any thread.
 */
public final class Chunk {

    /** Size of a page. The last page of an object may be smaller. */
    public static final int PAGE_BYTES = FetchSettings.PAGE_BYTES;

    private final byte[] bytes;
    private final int[] pageCrcs;

    /** Creates a chunk without verification. The chunk keeps the arrays. */
    public Chunk(byte[] bytes, int[] pageCrcs) {
        this.bytes = bytes;
        this.pageCrcs = pageCrcs;
    }

    /** Returns a chunk with computed checksums, for bytes that never left this process. */
    public static Chunk of(byte[] bytes) {
        int[] crcs = new int[pages(bytes.length)];
        for (int page = 0; page < crcs.length; page++) {
            crcs[page] = crc(bytes, page);
        }
        return new Chunk(bytes, crcs);
    }

    public byte[] bytes() {
        return bytes;
    }

    public int[] pageCrcs() {
        return pageCrcs;
    }

    public static int pages(int length) {
        return (length + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    /** Returns whether the size and all page checksums match. */
    public boolean isValid(int length) {
        if (bytes.length != length || pageCrcs.length != pages(length)) {
            return false;
        }
        for (int page = 0; page < pageCrcs.length; page++) {
            if (crc(bytes, page) != pageCrcs[page]) {
                return false;
            }
        }
        return true;
    }

    private static int crc(byte[] bytes, int page) {
        int from = page * PAGE_BYTES;
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, Math.min(PAGE_BYTES, bytes.length - from));
        return (int) crc.getValue();
    }
}
