package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import java.util.zip.CRC32C;

/** The CRC32C of every page of bytes that come in pieces. */
final class PageChecksums {

    private final CRC32C crc = new CRC32C();
    private final int[] crcs;
    private int page;
    private int inPage;

    PageChecksums(long totalBytes) {
        crcs = new int[Math.toIntExact(StreamObjectFormat.pageCount(totalBytes))];
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

    int[] finish() {
        if (inPage > 0) {
            endPage();
        }
        return crcs;
    }

    private void endPage() {
        crcs[page++] = (int) crc.getValue();
        crc.reset();
        inPage = 0;
    }
}
