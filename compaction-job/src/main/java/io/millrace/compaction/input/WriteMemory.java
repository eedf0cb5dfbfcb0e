package io.millrace.compaction.input;

import io.millrace.storage.stream.StreamObjectWriter;

/**
 * How the memory is used in which a segment is written.
 *
 * @param pieceBytes in which it is taken, and used again
 * @param partBytes what is uploaded at a time, as long as there is more: whole pieces
 * @param aheadBytes what may wait to be uploaded while a part is
 */
public record WriteMemory(int pieceBytes, int partBytes, long aheadBytes) {

    /** Parts beyond this save hardly any requests. */
    private static final int MAX_PIECES = 128;

    /**
     * Such a share of what is written is filled while the rest is uploaded. Filling takes a
     * fraction of the time that uploading does, so most of the memory is better in the part: each
     * is a request.
     */
    private static final int AHEAD_SHARE = 16;

    /**
     * Divides it.
     *
     * @param bytes all of it; takes more if that is less than a part must have
     * @param minPartBytes of the bucket
     */
    public static WriteMemory of(long bytes, int minPartBytes) {
        int piece = pieceBytes(minPartBytes);
        long pieces = bytes / piece;
        long ahead = Math.max(1, pieces / AHEAD_SHARE);
        int part =
                (int) Math.clamp(pieces - ahead, minBytes(minPartBytes) / piece, MAX_PIECES)
                        * piece;
        return new WriteMemory(piece, part, Math.max(0, bytes - part));
    }

    /** What a part takes at least. */
    static long minBytes(int minPartBytes) {
        int piece = pieceBytes(minPartBytes);
        return (long) Math.ceilDiv(minPartBytes, piece) * piece;
    }

    private static int pieceBytes(int minPartBytes) {
        return Math.min(minPartBytes, StreamObjectWriter.PIECE_BYTES);
    }
}
