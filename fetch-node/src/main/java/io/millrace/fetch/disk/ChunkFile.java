package io.millrace.fetch.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.storage.stream.ObjectId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The file format of a chunk. Exactly one checksum covers each byte, so torn files, damaged files
 * and files of other chunks are detected. Pure.
 *
 * <pre>
 *  8  magic and version       8  incarnation     4  length       4 for each page: its CRC32C
 *  1  kind of the object      8  sequence        n  cluster      4  CRC32C of all before this
 *  1  length of cluster       8  position                        length bytes
 * </pre>
 */
final class ChunkFile {

    private static final long MAGIC = 0x4D52_4348_554E_4B01L;
    private static final int FIXED_BYTES = 8 + 1 + 1 + 8 + 8 + 8 + 4;
    private static final Pattern NAME =
            Pattern.compile("(wal|seg|man)-([0-9a-f]{16})-([0-9]{1,19})-([0-9]{1,19})\\.chunk");

    private final byte[] cluster;

    /** Creates the format of a cluster. Files of other clusters do not decode. */
    ChunkFile(String cluster) {
        this.cluster = cluster.getBytes(US_ASCII);
        if (this.cluster.length > 255) {
            throw new IllegalArgumentException(
                    "cluster name of " + cluster.length() + " characters, at most 255 are allowed");
        }
    }

    static String name(ChunkKey key) {
        ObjectId object = key.object();
        return String.format(
                Locale.ROOT,
                "%s-%016x-%d-%d.chunk",
                path(object.kind()),
                object.incarnation(),
                object.sequence(),
                key.position());
    }

    /** Returns the chunk of a file name; empty for other files. */
    static Optional<ChunkKey> key(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            ObjectId object =
                    new ObjectId(
                            switch (matcher.group(1)) {
                                case "wal" -> ObjectId.Kind.WAL;
                                case "man" -> ObjectId.Kind.MANIFEST;
                                default -> ObjectId.Kind.SEGMENT;
                            },
                            Long.parseUnsignedLong(matcher.group(2), 16),
                            Long.parseLong(matcher.group(3)));
            ChunkKey key = new ChunkKey(object, Long.parseLong(matcher.group(4)));
            // Two spellings would map two files to one chunk.
            return Optional.of(key).filter(candidate -> name(candidate).equals(name));
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }

    private static String path(ObjectId.Kind kind) {
        return switch (kind) {
            case WAL -> "wal";
            case SEGMENT -> "seg";
            case MANIFEST -> "man";
        };
    }

    int size(int length) {
        return headBytes(length) + length;
    }

    private int headBytes(int length) {
        return FIXED_BYTES + cluster.length + 4 * Chunk.pages(length) + 4;
    }

    /** Returns the content of a file, which shares the chunk's bytes. */
    List<ByteBuffer> encode(ChunkKey key, Chunk chunk) {
        int length = chunk.bytes().length;
        ByteBuffer head = ByteBuffer.allocate(headBytes(length));
        putIdentity(head, key, length);
        for (int crc : chunk.pageCrcs()) {
            head.putInt(crc);
        }
        head.putInt(crc(head.array(), head.position()));
        return List.of(head.flip(), ByteBuffer.wrap(chunk.bytes()).asReadOnlyBuffer());
    }

    private void putIdentity(ByteBuffer head, ChunkKey key, int length) {
        head.putLong(MAGIC)
                .put((byte) key.object().kind().ordinal())
                .put((byte) cluster.length)
                .putLong(key.object().incarnation())
                .putLong(key.object().sequence())
                .putLong(key.position())
                .putInt(length)
                .put(cluster);
    }

    /** Decodes a whole file; empty if damaged or of another chunk. */
    Optional<Chunk> decode(ChunkKey key, int length, byte[] file) {
        if (file.length != size(length)) {
            return Optional.empty();
        }
        ByteBuffer expected = ByteBuffer.allocate(FIXED_BYTES + cluster.length);
        putIdentity(expected, key, length);
        int head = headBytes(length);
        ByteBuffer content = ByteBuffer.wrap(file);
        if (expected.flip().mismatch(ByteBuffer.wrap(file, 0, expected.limit())) >= 0
                || content.getInt(head - 4) != crc(file, head - 4)) {
            return Optional.empty();
        }
        int[] pageCrcs = new int[Chunk.pages(length)];
        content.position(expected.limit()).asIntBuffer().get(pageCrcs);
        Chunk chunk = new Chunk(Arrays.copyOfRange(file, head, file.length), pageCrcs);
        return Optional.of(chunk).filter(candidate -> candidate.isValid(length));
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
