package io.millrace.metadata.log.archive;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The binary format of a manifest's copy: magic and version, a CRC32C of the rest, the manifest.
 */
final class ManifestCopy {

    private static final long MAGIC = 0x4D52_4D41_4E49_4631L;
    private static final int HEADER_BYTES = 12;

    private ManifestCopy() {}

    static byte[] encode(LogManifest manifest) {
        byte[] bytes = manifest.toBytes();
        return ByteBuffer.allocate(HEADER_BYTES + bytes.length)
                .putLong(MAGIC)
                .putInt(crc(ByteBuffer.wrap(bytes)))
                .put(bytes)
                .array();
    }

    /**
     * Decodes a manifest.
     *
     * @throws LogException.Corrupt if the bytes are damaged
     */
    static LogManifest decode(byte[] bytes, String name) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.remaining() < HEADER_BYTES
                || in.getLong() != MAGIC
                || in.getInt() != crc(in.slice())) {
            throw new LogException.Corrupt(
                    "The log manifest %s is corrupt. Restore it from a copy of the bucket."
                            .formatted(name),
                    null);
        }
        byte[] content = new byte[in.remaining()];
        in.get(content);
        return LogManifest.parse(content, "The log manifest " + name);
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
