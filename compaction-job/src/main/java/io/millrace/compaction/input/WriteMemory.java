package io.millrace.compaction.input;

import io.millrace.storage.stream.StreamObjectWriter;

/**
 * A division of the memory for writing a segment.
 *
 * @param pieceBytes size of a reused allocation
 * @param partBytes size of an upload part, a multiple of the piece size
 * @param aheadBytes maximum size of data written while a part is uploaded
 */
public record WriteMemory(int pieceBytes, int partBytes, long aheadBytes) {

    /** Larger parts save hardly any requests. */
    private static final int MAX_PIECES = 128;

    /** Filling is much faster than uploading, so most memory is used for larger parts. */
    private static final int AHEAD_DIVISOR = 16;

    /**
     * @param bytes memory for writing; exceeded if less than a minimum part
     */
    public static WriteMemory of(long bytes, int minPartBytes) {
        int piece = pieceBytes(minPartBytes);
        long pieces = bytes / piece;
        long ahead = Math.max(1, pieces / AHEAD_DIVISOR);
        int part =
                (int) Math.clamp(pieces - ahead, minBytes(minPartBytes) / piece, MAX_PIECES)
                        * piece;
        return new WriteMemory(piece, part, Math.max(0, bytes - part));
    }

    static long minBytes(int minPartBytes) {
        int piece = pieceBytes(minPartBytes);
        return (long) Math.ceilDiv(minPartBytes, piece) * piece;
    }

    private static int pieceBytes(int minPartBytes) {
        return Math.min(minPartBytes, StreamObjectWriter.PIECE_BYTES);
    }
}
