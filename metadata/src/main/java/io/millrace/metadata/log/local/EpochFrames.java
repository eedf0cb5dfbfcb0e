package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of an epoch: a header, then a frame for each group of entries that was synced together.
 * A group is one frame because only whole frames can be torn by a crash: so a bad frame with a good
 * one behind it is corruption, and a bad one at the end was never acknowledged.
 */
final class EpochFrames {

    static final int HEADER_BYTES = 28;
    private static final long HEADER_MAGIC = 0x4D52_4550_4F43_4831L;
    private static final int FRAME_MAGIC = 0x4D52_4652;
    private static final int FRAME_HEADER_BYTES = 24;

    /**
     * What an epoch holds.
     *
     * @param firstPosition of its first entry
     * @param entries in order
     * @param soundBytes up to the end of the last whole frame
     * @param corrupt whether a whole frame lies behind a bad one
     */
    record Content(
            long epoch, long firstPosition, List<byte[]> entries, int soundBytes, boolean corrupt) {

        long nextPosition() {
            return firstPosition + entries.size();
        }
    }

    private EpochFrames() {}

    static ByteBuffer header(long epoch, long firstPosition) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(HEADER_MAGIC).putLong(epoch).putLong(firstPosition);
        header.putInt(crc(header.slice(0, HEADER_BYTES - Integer.BYTES)));
        return header.flip();
    }

    static ByteBuffer frame(long firstPosition, List<byte[]> entries) {
        int payload = 0;
        for (byte[] entry : entries) {
            payload += Integer.BYTES + entry.length;
        }
        ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + payload);
        frame.putInt(FRAME_MAGIC).putInt(payload).putLong(firstPosition).putInt(entries.size());
        frame.putInt(0);
        for (byte[] entry : entries) {
            frame.putInt(entry.length).put(entry);
        }
        frame.putInt(20, frameCrc(frame, 0, payload));
        return frame.flip();
    }

    private static int frameCrc(ByteBuffer bytes, int at, int payload) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().slice(at, 20));
        crc.update(bytes.duplicate().clear().slice(at + FRAME_HEADER_BYTES, payload));
        return (int) crc.getValue();
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static boolean hasHeader(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return bytes.length >= HEADER_BYTES
                && in.getLong(0) == HEADER_MAGIC
                && in.getInt(HEADER_BYTES - Integer.BYTES)
                        == crc(in.slice(0, HEADER_BYTES - Integer.BYTES));
    }

    /** Reads an epoch as far as it is sound. */
    static Content read(byte[] bytes, String name) {
        if (!hasHeader(bytes)) {
            throw new LogException.Corrupt(name + " is corrupt in its header, at byte 0", null);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long firstPosition = in.getLong(16);
        List<byte[]> entries = new ArrayList<>();
        int at = HEADER_BYTES;
        while (isFrame(in, at, firstPosition + entries.size())) {
            at = readFrame(in, at, entries);
        }
        boolean corrupt = false;
        for (int behind = at + 1; behind < bytes.length && !corrupt; behind++) {
            corrupt = isFrame(in, behind, -1);
        }
        return new Content(in.getLong(8), firstPosition, entries, at, corrupt);
    }

    private static int readFrame(ByteBuffer in, int at, List<byte[]> entries) {
        int count = in.getInt(at + 16);
        int from = at + FRAME_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            byte[] entry = new byte[in.getInt(from)];
            in.get(from + Integer.BYTES, entry);
            entries.add(entry);
            from += Integer.BYTES + entry.length;
        }
        return from;
    }

    /**
     * @param position that it must begin with; -1 for any
     */
    private static boolean isFrame(ByteBuffer in, int at, long position) {
        if (in.capacity() - at < FRAME_HEADER_BYTES || in.getInt(at) != FRAME_MAGIC) {
            return false;
        }
        int payload = in.getInt(at + 4);
        return payload > 0
                && payload <= in.capacity() - at - FRAME_HEADER_BYTES
                && (position < 0 || in.getLong(at + 8) == position)
                && in.getInt(at + 20) == frameCrc(in, at, payload);
    }
}
