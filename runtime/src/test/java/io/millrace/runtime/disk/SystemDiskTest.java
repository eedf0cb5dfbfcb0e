package io.millrace.runtime.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.Disk.DiskFile;
import io.millrace.runtime.disk.Disk.DiskFullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SystemDiskTest extends DiskContract {

    private final Disk disk = new SystemDisk();

    @TempDir Path folder = Path.of("set by JUnit");

    @Override
    protected Disk disk() {
        return disk;
    }

    @Override
    protected Path folder() {
        return folder;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsToldFromOtherFailures() throws IOException {
        try (DiskFile full = disk.create(Path.of("/dev/full"))) {
            assertThatThrownBy(() -> full.write(List.of(ByteBuffer.wrap(new byte[10]))))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageContaining("/dev/full")
                    .hasMessageContaining("free some space");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whereThePageCacheCannotBePassedAWholeFileGoesThroughIt() {
        assertThatThrownBy(() -> disk.write(Path.of("/dev/full"), List.of(megabyte())))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("free some space");
        assertThatCode(() -> disk.write(folder.resolve("next"), List.of(megabyte())))
                .doesNotThrowAnyException();
    }

    @Test
    void partsThatShareAPageCanBeWrittenAtTheSameTime() throws IOException {
        byte[] whole = new byte[5_000_003];
        new Random(1).nextBytes(whole);
        int partBytes = 150_001;
        for (int round = 0; round < 5; round++) {
            Path path = folder.resolve("parts" + round);
            disk.create(path).close();
            IntStream.rangeClosed(0, whole.length / partBytes)
                    .parallel()
                    .forEach(number -> writePart(path, whole, number * partBytes, partBytes));
            assertThat(disk.read(path, 0, whole.length)).isEqualTo(whole);
            assertThat(Files.readAllBytes(path)).isEqualTo(whole);
        }
    }

    private void writePart(Path path, byte[] whole, int from, int maxBytes) {
        int length = Math.min(maxBytes, whole.length - from);
        try {
            disk.write(path, from, List.of(ByteBuffer.wrap(whole, from, length)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer megabyte() {
        return ByteBuffer.allocate(1 << 20);
    }
}
