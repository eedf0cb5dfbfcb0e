package io.millrace.runtime.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.Disk.DiskFile;
import io.millrace.runtime.disk.Disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrashingDiskTest extends DiskContract {

    private static final Path FOLDER = Path.of("/disk");

    private final CrashingDisk disk = new CrashingDisk();

    CrashingDiskTest() throws IOException {
        disk.createDirectories(FOLDER);
    }

    @Override
    protected Disk disk() {
        return disk;
    }

    @Override
    protected Path folder() {
        return FOLDER;
    }

    private interface Scenario {
        void run(CrashingDisk disk, Path file) throws IOException;
    }

    /**
     * Returns all possible contents of the file after the scenario and a crash; "gone" if the file
     * is missing.
     */
    private static Set<String> outcomes(Scenario scenario) throws IOException {
        Set<String> outcomes = new HashSet<>();
        for (int seed = 0; seed < 500; seed++) {
            CrashingDisk disk = new CrashingDisk();
            disk.createDirectories(FOLDER);
            Path file = FOLDER.resolve("file");
            scenario.run(disk, file);
            disk.crash(new Random(seed));
            outcomes.add(disk.exists(file) ? text(disk, file) : "gone");
        }
        return outcomes;
    }

    private static String text(Disk disk, Path file) throws IOException {
        byte[] bytes = disk.read(file, 0, (int) disk.size(file));
        return new String(bytes, StandardCharsets.UTF_8).replace('\0', '0');
    }

    private static DiskFile write(DiskFile file, String text) throws IOException {
        file.write(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
        return file;
    }

    private static void writeDurably(Disk disk, Path file, String text) throws IOException {
        write(disk.create(file), text).sync();
        disk.syncDirectory(FOLDER);
    }

    @Test
    void whatWasSyncedSurvives() throws IOException {
        assertThat(outcomes((disk, file) -> writeDurably(disk, file, "abc")))
                .containsExactly("abc");
    }

    @Test
    void unsyncedBytesSurviveWhollyPartlyAsZerosOrNotAtAll() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "abc");
                            write(disk.append(file), "de");
                        }))
                .containsExactlyInAnyOrder("abc", "abcd", "abc0", "abcde", "abc00");
    }

    @Test
    void unsyncedBytesOverSyncedOnesMayBeUndone() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "abc");
                            disk.append(file).write(1, List.of(ByteBuffer.wrap(new byte[1])));
                        }))
                .containsExactlyInAnyOrder("abc", "a0c");
    }

    @Test
    void whatWasWrittenOverAndSyncedSurvives() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "abc");
                            DiskFile open = disk.append(file);
                            open.write(1, List.of(ByteBuffer.wrap(new byte[1])));
                            open.sync();
                        }))
                .containsExactly("a0c");
    }

    @Test
    void contentWithoutSyncMayBeLostThoughTheNameIsDurable() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            write(disk.create(file), "a");
                            disk.syncDirectory(FOLDER);
                        }))
                .containsExactlyInAnyOrder("", "a", "0");
    }

    @Test
    void aNameWithoutSyncMayBeLostThoughTheContentIsDurable() throws IOException {
        assertThat(outcomes((disk, file) -> write(disk.create(file), "abc").sync()))
                .containsExactlyInAnyOrder("gone", "abc");
    }

    @Test
    void aMoveWithoutSyncOfTheFolderMayBeUndone() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "old");
                            writeDurably(disk, FOLDER.resolve("new"), "new");
                            disk.move(FOLDER.resolve("new"), file);
                        }))
                .containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void aMoveAndASyncedFolderAreDurable() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "old");
                            write(disk.create(FOLDER.resolve("new")), "new").sync();
                            disk.move(FOLDER.resolve("new"), file);
                            disk.syncDirectory(FOLDER);
                        }))
                .containsExactly("new");
    }

    @Test
    void aDeletionWithoutSyncMayBeUndone() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "abc");
                            disk.delete(file);
                        }))
                .containsExactlyInAnyOrder("gone", "abc");
    }

    @Test
    void aTruncationWithoutSyncMayBeUndone() throws IOException {
        assertThat(
                        outcomes((disk, file) -> {
                            writeDurably(disk, file, "abcd");
                            disk.append(file).truncate(1);
                        }))
                .containsExactlyInAnyOrder("abcd", "a");
    }

    @Test
    void oneSeedAlwaysLeavesTheSame() throws IOException {
        Set<String> outcomes = new HashSet<>();
        for (int run = 0; run < 2; run++) {
            CrashingDisk again = new CrashingDisk();
            again.createDirectories(FOLDER);
            write(again.create(FOLDER.resolve("a")), "x".repeat(10_000));
            again.syncDirectory(FOLDER);
            again.crash(new Random(7));
            outcomes.add(text(again, FOLDER.resolve("a")));
        }
        assertThat(outcomes).hasSize(1);
    }

    @Test
    void openFilesAreLostInACrash() throws IOException {
        DiskFile file = disk.create(FOLDER.resolve("a"));
        disk.crash(new Random(1));
        assertThatThrownBy(() -> write(file, "x")).isInstanceOf(IOException.class);
    }

    @Test
    void aFullDiskStoresAPartAndRecoversWithMoreCapacity() throws IOException {
        DiskFile file = disk.create(FOLDER.resolve("a"));
        disk.setCapacity(5);
        assertThatThrownBy(() -> write(file, "12345678")).isInstanceOf(DiskFullException.class);
        assertThat(file.size()).isEqualTo(5);
        disk.setCapacity(100);
        write(file, "9");
        assertThat(text(disk, FOLDER.resolve("a"))).isEqualTo("123459");
    }

    @Test
    void theChosenOperationFailsAndOnlyThat() throws IOException {
        DiskFile file = disk.create(FOLDER.resolve("a"));
        disk.failOperation(2);
        write(file, "1");
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
        write(file, "2").sync();
        assertThat(text(disk, FOLDER.resolve("a"))).isEqualTo("12");
    }

    @Test
    void aStoppedDiskFailsUntilTheCrash() throws IOException {
        writeDurably(disk, FOLDER.resolve("a"), "1");
        disk.stopAtOperation(1);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> disk.delete(FOLDER.resolve("a")))
                    .isInstanceOf(IOException.class);
        }
        disk.crash(new Random(1));
        disk.delete(FOLDER.resolve("a"));
        assertThat(disk.exists(FOLDER.resolve("a"))).isFalse();
    }
}
