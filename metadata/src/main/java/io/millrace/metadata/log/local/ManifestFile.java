package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.runtime.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** The file of the log manifest, replaced atomically. Blocks. One thread at a time. */
final class ManifestFile {

    private final Disk disk;
    private final Path folder;
    private final Path file;
    private final Path temporary;

    ManifestFile(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.file = folder.resolve("manifest");
        this.temporary = folder.resolve("manifest.new");
    }

    boolean exists() {
        return disk.exists(file);
    }

    LogManifest read() throws IOException {
        if (!exists()) {
            return LogManifest.EMPTY;
        }
        byte[] bytes = disk.read(file, 0, (int) disk.size(file));
        if (bytes.length >= Integer.BYTES) {
            if (ByteBuffer.wrap(bytes).getInt() == crc(bytes, Integer.BYTES)) {
                return LogManifest.parse(
                        Arrays.copyOfRange(bytes, Integer.BYTES, bytes.length), file.toString());
            }
        }
        throw new LogException.Corrupt(
                file + " is corrupt: the checksum at byte 0 does not match the content", null);
    }

    void write(LogManifest manifest) throws IOException {
        byte[] body = manifest.toBytes();
        ByteBuffer crc = ByteBuffer.allocate(Integer.BYTES).putInt(0, crc(body, 0));
        try (Disk.DiskFile out = disk.create(temporary)) {
            out.write(List.of(crc, ByteBuffer.wrap(body)));
            out.sync();
        }
        disk.move(temporary, file);
        disk.syncDirectory(folder);
    }

    private static int crc(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }
}
