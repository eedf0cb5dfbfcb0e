package io.millrace.storage.object.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreContract;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.StoredPart;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalObjectStoreTest extends ObjectStoreContract {

    private static final int PART_BYTES = MultipartUpload.MIN_PART_BYTES;

    private final SplittableRandom random = new SplittableRandom(1);
    private final ExecutorService executor = Executors.newFixedThreadPool(4);

    @TempDir Path root = Path.of("set by JUnit");

    private ObjectStore store = new io.millrace.storage.object.MemoryObjectStore();

    @BeforeEach
    void open() throws IOException {
        store = LocalObjectStore.open(new SystemDisk(), root, random.split(), executor);
    }

    @AfterEach
    void close() {
        store.close();
        executor.shutdownNow();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected String prefix() {
        return "";
    }

    @Override
    protected boolean listsUnfinished() {
        return false;
    }

    @Test
    void objectsOutliveTheStore() throws IOException {
        get(store.put(new ObjectKey("a/b"), ObjectBody.of(new byte[3])));
        open();
        assertThat(get(store.list("", "", 10)).objects())
                .singleElement()
                .matches(object -> object.sizeBytes() == 3);
    }

    @Test
    void foreignObjectsAreListedByName() throws IOException {
        get(store.put(new ObjectKey("a/b"), ObjectBody.of(new byte[3])));
        Files.writeString(root.resolve("objects/a/my notes (2).txt"), "foreign");
        Files.writeString(root.resolve("objects/no folder"), "foreign");

        List<ListedObject> listed = get(store.list("", "", 10)).objects();
        assertThat(listed)
                .extracting(ListedObject::name)
                .containsExactly("a/b", "a/my notes (2).txt");
        assertThat(listed.getFirst().key()).contains(new ObjectKey("a/b"));
        assertThat(listed.getLast().key()).isEmpty();
    }

    @Test
    void leftoversOfUnfinishedPutsAreSwept() throws IOException {
        Path leftover = Files.writeString(root.resolve("staging/17"), "half");
        makeOld(leftover);
        open();
        assertThat(leftover).doesNotExist();
    }

    @Test
    void aLatePartLeavesNoFile() throws IOException {
        ObjectBody body = ObjectBody.of(new byte[3]);
        MultipartUpload aborted = get(store.uploads().create(new ObjectKey("a"), PART_BYTES));
        get(store.uploads().abort(aborted.id()));
        MultipartUpload completed = get(store.uploads().create(new ObjectKey("a"), PART_BYTES));
        get(
                store.uploads()
                        .complete(
                                completed,
                                List.of(get(store.uploads().uploadPart(completed, 1, body)))));
        for (MultipartUpload gone : List.of(aborted, completed)) {
            assertThatThrownBy(() -> get(store.uploads().uploadPart(gone, 1, body)))
                    .hasCauseInstanceOf(ObjectStoreException.Missing.class);
        }
        assertThat(root.resolve("staging")).isEmptyDirectory();
    }

    private static void makeOld(Path file) throws IOException {
        Instant now = Files.getLastModifiedTime(file).toInstant();
        Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofMinutes(61))));
    }

    @Test
    void idleUploadsAreDeletedAndActiveUploadsAreKept() throws IOException {
        MultipartUpload left = get(store.uploads().create(new ObjectKey("left"), PART_BYTES));
        makeOld(root.resolve("staging").resolve(left.id().token()));
        MultipartUpload used = get(store.uploads().create(new ObjectKey("used"), PART_BYTES));
        makeOld(root.resolve("staging").resolve(used.id().token()));
        StoredPart part = get(store.uploads().uploadPart(used, 1, ObjectBody.of(new byte[3])));

        opened(new SystemDisk()).close();

        assertThat(root.resolve("staging").resolve(left.id().token())).doesNotExist();
        get(store.uploads().complete(used, List.of(part)));
        assertThat(get(store.getRange(new ObjectKey("used"), new ByteRange(0, 3)))).hasSize(3);
    }

    @Test
    void aPutIsNotDisturbedByThoseOfAnotherStoreOfTheFolder() throws IOException {
        ObjectStore other = opened(new SystemDisk());
        ObjectKey its = new ObjectKey("its");
        ObjectKey others = new ObjectKey("others");
        ObjectStore slow =
                opened(
                        diskThatBeforeAMove(
                                () -> get(other.put(others, ObjectBody.of(new byte[] {2, 2})))));

        get(slow.put(its, ObjectBody.of(new byte[] {1})));

        assertThat(get(store.getRange(its, new ByteRange(0, 1)))).containsExactly(1);
        assertThat(get(store.getRange(others, new ByteRange(0, 2)))).containsExactly(2, 2);
    }

    @Test
    void aStoreThatBeginsLeavesThePutsOfOthersAlone() throws IOException {
        ObjectKey key = new ObjectKey("a");
        ObjectStore slow = opened(diskThatBeforeAMove(() -> opened(new SystemDisk())));

        get(slow.put(key, ObjectBody.of(new byte[] {1})));

        assertThat(get(store.getRange(key, new ByteRange(0, 1)))).containsExactly(1);
    }

    /** Opens a second store of the folder, as another process would. */
    private ObjectStore opened(Disk disk) throws IOException {
        return LocalObjectStore.open(disk, root, random.split(), Runnable::run);
    }

    /** An action that runs during a put. */
    private interface Meanwhile {
        void happens() throws IOException;
    }

    private static Disk diskThatBeforeAMove(Meanwhile meanwhile) {
        SystemDisk disk = new SystemDisk();
        return (Disk)
                Proxy.newProxyInstance(
                        Disk.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("move")) {
                                meanwhile.happens();
                            }
                            try {
                                return method.invoke(disk, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }

    @Test
    void aThousandObjectsDoNotNeedAThousandFolders() throws IOException {
        for (int i = 0; i < 1000; i++) {
            get(store.put(new ObjectKey(i % 4 + "/c/wal/1/" + i), ObjectBody.of(new byte[1])));
        }
        try (Stream<Path> paths = Files.walk(root)) {
            List<Path> folders = paths.filter(Files::isDirectory).toList();
            assertThat(folders).hasSize(4 + 3);
        }
    }

    @Test
    void anObjectThatCannotBeDeletedDoesNotPreventTheDeletionOfOthers() throws IOException {
        ObjectKey locked = new ObjectKey("a/locked");
        ObjectKey other = new ObjectKey("a/other");
        get(store.put(locked, ObjectBody.of(new byte[1])));
        get(store.put(other, ObjectBody.of(new byte[1])));
        Path file = fileNamed("locked").orElseThrow();
        Files.delete(file);
        Files.createDirectories(file.resolve("a folder in place of the file"));

        DeleteResult result = get(store.delete(List.of(locked, other)));
        assertThat(result.failures()).containsOnlyKeys(locked);
        assertThat(result.failures().get(locked))
                .isInstanceOf(ObjectStoreException.Unavailable.class)
                .hasMessageContaining("a/locked");
        assertThat(fileNamed("other")).isEmpty();
    }

    private Optional<Path> fileNamed(String name) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(path -> path.endsWith(name)).findFirst();
        }
    }
}
