package io.millrace.runtime.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.Disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract of {@link Disk}. */
public abstract class DiskContract {

    /** Returns the disk under test. */
    protected abstract Disk disk();

    /** Returns an existing folder that only this test uses. */
    protected abstract Path folder();

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(Path path, String text) throws IOException {
        try (DiskFile file = disk().create(path)) {
            file.write(List.of(bytes(text)));
            file.sync();
        }
        disk().syncDirectory(folder());
    }

    private String content(Path path) throws IOException {
        byte[] content = disk().read(path, 0, (int) disk().size(path));
        return new String(content, StandardCharsets.UTF_8);
    }

    @Test
    void whatIsWrittenCanBeReadInParts() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello world");
        assertThat(disk().read(path, 6, 3)).isEqualTo("wor".getBytes(StandardCharsets.UTF_8));
        assertThat(disk().size(path)).isEqualTo(11);
    }

    @Test
    void aRangeBeyondTheEndCostsNoMemory() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello world");
        assertThatThrownBy(() -> disk().read(path, 0, Integer.MAX_VALUE - 8))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> disk().read(folder().resolve("none"), 0, Integer.MAX_VALUE - 8))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void piecesOfAnySizeAreWrittenInOrder() throws IOException {
        Random random = new Random(1);
        ByteBuffer expected = ByteBuffer.allocate(3 << 20);
        List<ByteBuffer> pieces = new ArrayList<>();
        while (expected.hasRemaining()) {
            int max = pieces.size() % 7 == 0 ? 700_000 : 3000;
            byte[] piece = new byte[Math.min(expected.remaining(), random.nextInt(max))];
            random.nextBytes(piece);
            expected.put(piece);
            pieces.add(ByteBuffer.wrap(piece).asReadOnlyBuffer());
        }
        Path path = folder().resolve("a");
        try (DiskFile file = disk().create(path)) {
            file.write(pieces);
            assertThat(file.size()).isEqualTo(3 << 20);
        }
        assertThat(disk().read(path, 0, 3 << 20)).isEqualTo(expected.array());
        assertThat(pieces).allMatch(piece -> !piece.hasRemaining());
    }

    @Test
    void appendingGoesOnAtTheEnd() throws IOException {
        Path path = folder().resolve("a");
        write(path, "one");
        try (DiskFile file = disk().append(path)) {
            file.write(List.of(bytes("two"), bytes("three")));
            file.write(List.of(bytes("four")));
        }
        assertThat(content(path)).isEqualTo("onetwothreefour");
    }

    @Test
    void writingContinuesAtTheTruncatedEnd() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello world");
        try (DiskFile file = disk().append(path)) {
            file.truncate(5);
            file.write(List.of(bytes("!")));
            file.sync();
        }
        assertThat(content(path)).isEqualTo("hello!");
    }

    @Test
    void whatIsWrittenAtAPositionLeavesTheRestAsItIs() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello world");
        try (DiskFile file = disk().append(path)) {
            file.write(14, List.of(bytes("!"), bytes("?")));
            file.write(1, List.of(bytes("a"), bytes("ll")));
            file.write(10, List.of(bytes("de")));
            file.write(List.of(bytes("end")));
            assertThat(file.size()).isEqualTo(19);
        }
        assertThat(content(path)).isEqualTo("hallo worlde\0\0!?end");
    }

    @Test
    void partsCanBeWrittenInAnyOrder() throws IOException {
        byte[] whole = new byte[2_000_001];
        new Random(1).nextBytes(whole);
        Path path = folder().resolve("a");
        disk().create(path).close();
        for (int from : new int[] {1_200_000, 0, 600_000, 1_800_000}) {
            int length = Math.min(600_000, whole.length - from);
            try (DiskFile file = disk().append(path)) {
                file.write(from, List.of(ByteBuffer.wrap(whole, from, length)));
                file.sync();
            }
        }
        assertThat(disk().read(path, 0, whole.length)).isEqualTo(whole);
    }

    @Test
    void durablePartsCanBeWrittenInAnyOrderAndOverWhatIsThere() throws IOException {
        byte[] whole = new byte[2_000_001];
        Random random = new Random(1);
        Path path = folder().resolve("a");
        disk().create(path).close();
        for (int from : new int[] {1_200_001, 3, 0, 600_001, 1_800_001, 900_000, 65_536}) {
            byte[] part = new byte[Math.min(from == 0 ? 3 : 600_000, whole.length - from)];
            random.nextBytes(part);
            System.arraycopy(part, 0, whole, from, part.length);
            int cut = part.length / 3;
            disk().write(
                            path,
                            from,
                            List.of(
                                    ByteBuffer.wrap(part, 0, cut),
                                    ByteBuffer.wrap(part, cut, part.length - cut)));
        }
        assertThat(disk().read(path, 0, whole.length)).isEqualTo(whole);
        assertThat(disk().size(path)).isEqualTo(whole.length);
    }

    @Test
    void aPartNeedsItsFile() {
        Path path = folder().resolve("nobody");
        assertThatThrownBy(() -> disk().write(path, 0, List.of(ByteBuffer.allocate(1 << 20))))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(disk().exists(path)).isFalse();
    }

    @Test
    void creatingEmptiesTheFileThatHasTheName() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello world");
        write(path, "x");
        assertThat(content(path)).isEqualTo("x");
    }

    @Test
    void readingBeyondTheEndIsAnError() throws IOException {
        Path path = folder().resolve("a");
        write(path, "hello");
        assertThatThrownBy(() -> disk().read(path, 3, 3)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> disk().read(path, 9, 1)).isInstanceOf(EOFException.class);
    }

    @Test
    void aMissingFileIsNamedInTheError() {
        Path path = folder().resolve("nobody");
        assertThatThrownBy(() -> disk().read(path, 0, 1))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> disk().size(path)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().append(path)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().lastModified(path)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().create(path.resolve("child")))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(disk().exists(path)).isFalse();
    }

    @Test
    void movingReplacesTheFileThatHasTheName() throws IOException {
        Path from = folder().resolve("from");
        Path to = folder().resolve("to");
        write(from, "new");
        write(to, "old");
        disk().move(from, to);
        assertThat(content(to)).isEqualTo("new");
        assertThat(disk().exists(from)).isFalse();
    }

    @Test
    void deletingWhatIsNotThereIsHarmless() throws IOException {
        Path path = folder().resolve("a");
        write(path, "x");
        disk().delete(path);
        disk().delete(path);
        assertThat(disk().exists(path)).isFalse();
    }

    @Test
    void aFolderIsDeletedOnlyWhenItIsEmpty() throws IOException {
        Path child = folder().resolve("child");
        disk().createDirectories(child);
        write(child.resolve("a"), "x");
        assertThatThrownBy(() -> disk().delete(child)).isInstanceOf(IOException.class);
        disk().delete(child.resolve("a"));
        disk().delete(child);
        assertThat(disk().exists(child)).isFalse();
    }

    @Test
    void foldersAreListedSortedWithWholePaths() throws IOException {
        write(folder().resolve("b"), "x");
        write(folder().resolve("a"), "x");
        disk().createDirectories(folder().resolve("c/d"));
        assertThat(disk().list(folder()))
                .containsExactly(
                        folder().resolve("a"), folder().resolve("b"), folder().resolve("c"));
        assertThat(disk().list(folder().resolve("nobody"))).isEmpty();
    }

    @Test
    void creatingFoldersThatExistKeepsWhatIsInThem() throws IOException {
        write(folder().resolve("a"), "x");
        disk().createDirectories(folder());
        assertThat(content(folder().resolve("a"))).isEqualTo("x");
    }

    @Test
    void syncingAFolderThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> disk().syncDirectory(folder().resolve("nobody")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aWholeFileOfAnySizeHasItsContentAndNoMore() throws IOException {
        Random random = new Random(1);
        for (int size : new int[] {0, 1, 4096, 300_000, 512 << 10, (1 << 20) + 1, 1_994_752}) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            int cut = size / 3;
            Path path = folder().resolve("whole");
            disk().write(
                            path,
                            List.of(
                                    ByteBuffer.wrap(content, 0, cut),
                                    ByteBuffer.wrap(content, cut, size - cut)));
            assertThat(disk().size(path)).isEqualTo(size);
            assertThat(disk().read(path, 0, size)).isEqualTo(content);
        }
    }

    @Test
    void aWholeFileReplacesALongerOne() throws IOException {
        Path path = folder().resolve("whole");
        disk().write(path, List.of(ByteBuffer.allocate(1 << 20)));
        disk().write(path, List.of(ByteBuffer.allocate(200_001)));
        assertThat(disk().size(path)).isEqualTo(200_001);
    }

    @Test
    void aWholeFileNeedsItsFolder() {
        Path path = folder().resolve("nobody/whole");
        assertThatThrownBy(() -> disk().write(path, List.of(ByteBuffer.allocate(1 << 20))))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void largePartsOfAWholeFileCanBeReadFromAnyPosition() throws IOException {
        byte[] content = new byte[1_700_001];
        new Random(1).nextBytes(content);
        Path path = folder().resolve("whole");
        disk().write(path, List.of(ByteBuffer.wrap(content)));
        Random random = new Random(2);
        for (int i = 0; i < 50; i++) {
            int from = i % 5 == 0 ? 4096 * random.nextInt(300) : random.nextInt(1_500_000);
            int length =
                    i % 7 == 0 ? content.length - from : 1 + random.nextInt(content.length - from);
            assertThat(disk().read(path, from, length))
                    .as("%d bytes from %d", length, from)
                    .isEqualTo(Arrays.copyOfRange(content, from, from + length));
        }
        assertThatThrownBy(() -> disk().read(path, 1, content.length))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> disk().read(path, 1_703_936, 200_000))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> disk().read(folder().resolve("nobody"), 0, 200_000))
                .isInstanceOf(NoSuchFileException.class);
    }
}
