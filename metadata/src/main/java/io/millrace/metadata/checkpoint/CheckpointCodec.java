package io.millrace.metadata.checkpoint;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.state.MetadataState;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Encodes a snapshot as an object: magic and version, then the chunks. Each chunk has its plain
 * length, its compressed length, and a CRC32C over its number, both lengths and the compressed
 * bytes. The last chunk has length 0.
 */
public final class CheckpointCodec {

    private static final long MAGIC = 0x4D52_4348_4B50_5431L;
    private static final int HEADER_BYTES = 12;
    private static final int MAX_CHUNK_BYTES = 1 << 20;

    /** The length of an array. */
    private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private CheckpointCodec() {}

    /**
     * Encodes a snapshot. Not on an event loop.
     *
     * @throws IllegalStateException if the checkpoint would exceed 2 GiB
     */
    public static byte[] encode(StateSnapshot snapshot) {
        return encode(snapshot, MAX_BYTES);
    }

    static byte[] encode(StateSnapshot snapshot, int maxBytes) {
        ChunkEncoder encoding = new ChunkEncoder(maxBytes);
        SnapshotWriter out = new SnapshotWriter(encoding::compress);
        snapshot.writeTo(out);
        out.finish();
        return encoding.end();
    }

    private static final class ChunkEncoder {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 20);
        private final int maxBytes;
        private int pieces;

        ChunkEncoder(int maxBytes) {
            this.maxBytes = maxBytes;
            out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(MAGIC).array());
        }

        void compress(ByteBuffer piece) {
            byte[] plain = new byte[piece.remaining()];
            piece.get(plain);
            write(plain.length, Zstd.compress(plain, 1));
        }

        byte[] end() {
            write(0, new byte[0]);
            return out.toByteArray();
        }

        private void write(int plainLength, byte[] compressed) {
            if (out.size() + HEADER_BYTES + (long) compressed.length > maxBytes) {
                throw new IllegalStateException(
                        "A checkpoint of the metadata would exceed %d bytes, so none can be stored. Reduce millrace.offload-threshold-extents, or delete topics or groups."
                                .formatted(maxBytes));
            }
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            header.putInt(plainLength).putInt(compressed.length);
            header.putInt(crc(pieces++, plainLength, ByteBuffer.wrap(compressed)));
            out.writeBytes(header.array());
            out.writeBytes(compressed);
        }
    }

    /**
     * Decodes the state.
     *
     * @throws CorruptMetadataException if the bytes are corrupt
     * @throws UnsupportedEntryException if this node does not support the state's level
     */
    public static MetadataState decode(byte[] bytes, String name, FeatureLevels levels) {
        List<ByteBuffer> pieces = new ArrayList<>();
        readChunks(
                bytes,
                name,
                (at, plainLength, compressed) ->
                        pieces.add(inflate(name, at, plainLength, compressed)));
        try {
            return MetadataState.fromSnapshot(new SnapshotReader(pieces), levels);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IllegalStateException
                | IndexOutOfBoundsException
                | NegativeArraySizeException e) {
            throw new CorruptMetadataException(
                    name + " has valid checksums, but its content contradicts itself: " + e, e);
        }
    }

    /**
     * Verifies all checksums. Not on an event loop.
     *
     * @throws CorruptMetadataException if the bytes are corrupt
     */
    public static void verify(byte[] bytes, String name) {
        readChunks(bytes, name, (at, plainLength, compressed) -> {});
    }

    private static ByteBuffer inflate(String name, int at, int plainLength, ByteBuffer compressed) {
        byte[] bytes = new byte[compressed.remaining()];
        compressed.get(bytes);
        try {
            return ByteBuffer.wrap(Zstd.decompress(bytes, plainLength));
        } catch (ZstdException e) {
            throw new CorruptMetadataException(name + " is corrupt at byte " + at, e);
        }
    }

    private interface ChunkConsumer {
        void piece(int at, int plainLength, ByteBuffer compressed);
    }

    private static void readChunks(byte[] bytes, String name, ChunkConsumer listener) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.remaining() < Long.BYTES || in.getLong() != MAGIC) {
            throw new CorruptMetadataException(name + " is not a checkpoint: wrong first bytes");
        }
        for (int pieces = 0; true; pieces++) {
            int at = in.position();
            if (in.remaining() < HEADER_BYTES) {
                throw corrupt(name, at);
            }
            int plainLength = in.getInt();
            int length = in.getInt();
            int crc = in.getInt();
            if (plainLength < 0
                    || plainLength > MAX_CHUNK_BYTES
                    || length < 0
                    || length > in.remaining()
                    || crc != crc(pieces, plainLength, in.slice(in.position(), length))) {
                throw corrupt(name, at);
            }
            if (plainLength == 0) {
                if (in.hasRemaining()) {
                    throw corrupt(name, in.position());
                }
                return;
            }
            listener.piece(at, plainLength, in.slice(in.position(), length));
            in.position(in.position() + length);
        }
    }

    private static int crc(int number, int plainLength, ByteBuffer compressed) {
        CRC32C crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(12)
                        .putInt(number)
                        .putInt(plainLength)
                        .putInt(compressed.remaining())
                        .flip());
        crc.update(compressed);
        return (int) crc.getValue();
    }

    private static CorruptMetadataException corrupt(String name, int at) {
        return new CorruptMetadataException(name + " is corrupt at byte " + at);
    }
}
