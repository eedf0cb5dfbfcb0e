package io.millrace.fetch.chunk;

import java.util.zip.CRC32C;

/**
 * A chunk of an object's runs, with the checksum of each of its pages. Immutable: neither array may
 * be changed by whoever gives or gets it. Any thread.
 */
public final class Chunk {

    /** Bytes of a page; the last one of an object may have fewer. */
    public static final int PAGE_BYTES = FetchSettings.PAGE_BYTES;

    private final byte[] bytes;
    private final int[] pageCrcs;

    /**
     * Nothing is checked here.
     *
     * @param pageCrcs the CRC32C of each page, in their order
     */
    public Chunk(byte[] bytes, int[] pageCrcs) {
        this.bytes = bytes;
        this.pageCrcs = pageCrcs;
    }

    /** Of bytes that were never away from this process, in pieces. */
    public static Chunk of(byte[] bytes) {
        int[] crcs = new int[pages(bytes.length)];
        for (int page = 0; page < crcs.length; page++) {
            crcs[page] = crc(bytes, page);
        }
        return new Chunk(bytes, crcs);
    }

    /** The bytes; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** The checksums; not to be changed. */
    public int[] pageCrcs() {
        return pageCrcs;
    }

    /** How many pages so many bytes take. */
    public static int pages(int length) {
        return (length + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    /** Whether it has so many bytes, each of its pages with the checksum that came with it. */
    public boolean isSound(int length) {
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
