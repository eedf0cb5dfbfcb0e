package io.millrace.metadata.log.archive;

import io.millrace.metadata.log.LogException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The binary format of an epoch: a header, then a frame for each group of entries synced together.
 * A receipt, a frame without entries, follows after the sync of its group.
 *
 * <p>Each frame records the size of the file that was synced before the frame. An invalid frame
 * that a later valid frame records as synced is corruption, because its entries were acknowledged.
 * Any other invalid frame is a torn write that was never acknowledged.
 */
public final class EpochFrames {

    /** Size of an epoch without entries. */
    public static final int HEADER_BYTES = 28;

    public static final int RECEIPT_BYTES = 32;

    private static final long HEADER_MAGIC = 0x4D52_4550_4F43_4831L;
    private static final int FRAME_MAGIC = 0x4D52_4652;
    private static final int FRAME_HEADER_BYTES = 32;
    private static final int CRC_AT = FRAME_HEADER_BYTES - Integer.BYTES;
    private static final int NO_FRAME = -1;

    /**
     * The decoded content of an epoch.
     *
     * @param soundBytes the end offset of the last valid frame
     * @param corrupt whether bytes after {@code soundBytes} were acknowledged
     */
    public record EpochContent(
            long epoch, long firstPosition, List<byte[]> entries, int soundBytes, boolean corrupt) {

        public long nextPosition() {
            return firstPosition + entries.size();
        }
    }

    private EpochFrames() {}

    public static ByteBuffer header(long epoch, long firstPosition) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(HEADER_MAGIC).putLong(epoch).putLong(firstPosition);
        header.putInt(crc(header.slice(0, HEADER_BYTES - Integer.BYTES)));
        return header.flip();
    }

    /**
     * Encodes a frame.
     *
     * @param syncedBytes the size of the file that is durable
     */
    public static ByteBuffer frame(long firstPosition, long syncedBytes, List<byte[]> entries) {
        int payload = 0;
        for (byte[] entry : entries) {
            payload += Integer.BYTES + entry.length;
        }
        ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + payload);
        frame.putInt(FRAME_MAGIC).putInt(payload).putLong(firstPosition).putLong(syncedBytes);
        frame.putInt(entries.size()).putInt(0);
        for (byte[] entry : entries) {
            frame.putInt(entry.length).put(entry);
        }
        frame.putInt(CRC_AT, frameCrc(frame, 0, payload));
        return frame.flip();
    }

    /** Encodes a receipt, which records the preceding bytes as durable. */
    public static ByteBuffer receipt(long nextPosition, long syncedBytes) {
        return frame(nextPosition, syncedBytes, List.of());
    }

    private static int frameCrc(ByteBuffer bytes, int at, int payload) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().slice(at, CRC_AT));
        crc.update(bytes.duplicate().clear().slice(at + FRAME_HEADER_BYTES, payload));
        return (int) crc.getValue();
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    public static boolean hasHeader(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return bytes.length >= HEADER_BYTES
                && in.getLong(0) == HEADER_MAGIC
                && in.getInt(HEADER_BYTES - Integer.BYTES)
                        == crc(in.slice(0, HEADER_BYTES - Integer.BYTES));
    }

    /**
     * Decodes an epoch up to its last valid frame.
     *
     * @param name the source, for messages
     * @throws LogException.Corrupt if the header is invalid
     */
    public static EpochContent read(byte[] bytes, String name) {
        if (!hasHeader(bytes)) {
            throw new LogException.Corrupt(name + " is corrupt in its header, at byte 0", null);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long firstPosition = in.getLong(16);
        List<byte[]> entries = new ArrayList<>();
        int at = HEADER_BYTES;
        while (frameEnd(in, at) != NO_FRAME
                && in.getLong(at + 8) == firstPosition + entries.size()) {
            at = readFrame(in, at, entries);
        }
        return new EpochContent(
                in.getLong(8), firstPosition, entries, at, isRecordedAsSynced(in, at));
    }

    public static LogException.Corrupt corrupt(String name, int soundBytes) {
        return new LogException.Corrupt(
                "%s is corrupt at byte %d. Restore it from a copy.".formatted(name, soundBytes),
                null);
    }

    /** Returns whether a valid frame after this offset records the offset as synced. */
    private static boolean isRecordedAsSynced(ByteBuffer in, int bad) {
        for (int at = bad + 1; at < in.capacity(); at++) {
            if (frameEnd(in, at) != NO_FRAME && in.getLong(at + 16) > bad) {
                return true;
            }
        }
        return false;
    }

    private static int readFrame(ByteBuffer in, int at, List<byte[]> entries) {
        int count = in.getInt(at + 24);
        int from = at + FRAME_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            byte[] entry = new byte[in.getInt(from)];
            in.get(from + Integer.BYTES, entry);
            entries.add(entry);
            from += Integer.BYTES + entry.length;
        }
        return from;
    }

    private static int frameEnd(ByteBuffer in, int at) {
        if (in.capacity() - at < FRAME_HEADER_BYTES || in.getInt(at) != FRAME_MAGIC) {
            return NO_FRAME;
        }
        int payload = in.getInt(at + 4);
        boolean whole =
                payload >= 0
                        && payload <= in.capacity() - at - FRAME_HEADER_BYTES
                        && in.getInt(at + CRC_AT) == frameCrc(in, at, payload);
        return whole ? at + FRAME_HEADER_BYTES + payload : NO_FRAME;
    }
}
