package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import java.util.Arrays;
import java.util.zip.CRC32C;

/** Computes the CRC32C of each page of bytes in pieces. */
final class PageChecksums {

    private final CRC32C crc = new CRC32C();
    private int[] crcs;
    private int pages;
    private int inPage;

    PageChecksums(long expectedBytes) {
        crcs = new int[Math.toIntExact(StreamObjectFormat.pageCount(expectedBytes))];
    }

    void add(Slice piece) {
        int done = 0;
        while (done < piece.length()) {
            int part = Math.min(piece.length() - done, PAGE_BYTES - inPage);
            crc.update(piece.array(), piece.offset() + done, part);
            done += part;
            inPage += part;
            if (inPage == PAGE_BYTES) {
                endPage();
            }
        }
    }

    /** Returns the checksums. The last page may be short. */
    int[] finish() {
        if (inPage > 0) {
            endPage();
        }
        return pages == crcs.length ? crcs : Arrays.copyOf(crcs, pages);
    }

    private void endPage() {
        if (pages == crcs.length) {
            crcs = Arrays.copyOf(crcs, Math.max(16, 2 * pages));
        }
        crcs[pages++] = (int) crc.getValue();
        crc.reset();
        inPage = 0;
    }
}
