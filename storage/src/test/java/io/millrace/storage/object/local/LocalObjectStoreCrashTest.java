package io.millrace.storage.object.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreContract;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.StoredPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LocalObjectStoreCrashTest extends ObjectStoreContract {

    private static final Path ROOT = Path.of("/bucket");
    private static final ObjectKey KEY = new ObjectKey("a/b");

    private final CrashingDisk disk = new CrashingDisk();
    private final ObjectStore store = open(disk);

    private static ObjectStore open(CrashingDisk disk) {
        try {
            return LocalObjectStore.open(disk, ROOT, new Random(1), Runnable::run);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
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

    private static ObjectBody filled(int size, int with) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) with);
        return ObjectBody.of(bytes);
    }

    /** Cuts power at each operation of a put that replaces an object, many times. */
    @Test
    void aCrashLeavesEachObjectWholeAndKeepsWhatWasAcknowledged() {
        for (int seed = 0; seed < 400; seed++) {
            CrashingDisk crashing = new CrashingDisk();
            ObjectStore before = open(crashing);
            get(before.put(KEY, filled(2000, 1)));
            crashing.stopAtOperation(1 + seed % 9);
            boolean acknowledged = !before.put(KEY, filled(3000, 2)).isCompletedExceptionally();
            crashing.crash(new Random(seed));
            ObjectStore after = open(crashing);
            ListedObject object = get(after.list("", "", 10)).objects().getFirst();
            byte[] bytes = get(after.getRange(KEY, new ByteRange(0, (int) object.sizeBytes())));
            byte[] expected = new byte[bytes.length];
            Arrays.fill(expected, (byte) (bytes.length == 3000 ? 2 : 1));
            assertThat(bytes).as("seed " + seed).isEqualTo(expected);
            assertThat(bytes.length)
                    .as("seed " + seed)
                    .isIn(acknowledged ? List.of(3000) : List.of(2000, 3000));
        }
    }

    /**
     * Cuts power at each operation of an upload of two parts that replaces an object, many times.
     */
    @Test
    void aCrashLeavesAnObjectInPartsWholeOrNotAtAll() {
        int partBytes = MultipartUpload.MIN_PART_BYTES;
        for (int seed = 0; seed < 120; seed++) {
            CrashingDisk crashing = new CrashingDisk();
            ObjectStore before = open(crashing);
            get(before.put(KEY, filled(2000, 1)));
            crashing.stopAtOperation(1 + seed % 9);
            boolean acknowledged =
                    !before.uploads()
                            .create(KEY, partBytes)
                            .thenCompose(upload -> upload(before, upload))
                            .isCompletedExceptionally();
            crashing.crash(new Random(seed));
            ObjectStore after = open(crashing);
            ListedObject object = get(after.list("", "", 10)).objects().getFirst();
            byte[] bytes = get(after.getRange(KEY, new ByteRange(0, (int) object.sizeBytes())));
            byte[] expected = new byte[bytes.length];
            Arrays.fill(expected, (byte) (bytes.length == 2000 ? 1 : 2));
            assertThat(Arrays.equals(bytes, expected)).as("seed " + seed).isTrue();
            assertThat(bytes.length)
                    .as("seed " + seed)
                    .isIn(
                            acknowledged
                                    ? List.of(partBytes + 3000)
                                    : List.of(2000, partBytes + 3000));
        }
    }

    /** Writes the last part first. */
    private static CompletableFuture<Void> upload(ObjectStore store, MultipartUpload upload) {
        CompletableFuture<StoredPart> second =
                store.uploads().uploadPart(upload, 2, filled(3000, 2));
        CompletableFuture<StoredPart> first =
                store.uploads().uploadPart(upload, 1, filled(upload.partBytes(), 2));
        return first.thenCombine(second, List::of)
                .thenCompose(parts -> store.uploads().complete(upload, parts));
    }

    @Test
    void aStepOfAnUploadThatFailedIsRepeatedWithoutHarm() throws IOException {
        for (int k = 1; k <= 7; k++) {
            CrashingDisk failing = new CrashingDisk();
            ObjectStore affected = open(failing);
            MultipartUpload upload =
                    get(affected.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES));
            failing.failOperation(k);
            AtomicInteger failed = new AtomicInteger();
            StoredPart part =
                    twice(() -> affected.uploads().uploadPart(upload, 1, filled(100, 1)), failed);
            twice(() -> affected.uploads().complete(upload, List.of(part)), failed);
            // A part is written and synced; a completion creates the folder, renames the file, and
            // syncs the folder.
            assertThat(failed).as("operation " + k).hasValue(k <= 5 ? 1 : 0);
            assertThat(get(affected.getRange(KEY, new ByteRange(0, 100)))).containsOnly(1);
            assertThat(failing.list(ROOT.resolve("staging"))).isEmpty();
        }
    }

    private static <T> T twice(Supplier<CompletableFuture<T>> step, AtomicInteger failed) {
        CompletableFuture<T> first = step.get();
        if (first.isCompletedExceptionally()) {
            failed.incrementAndGet();
            return get(step.get());
        }
        return get(first);
    }

    @Test
    void aFullDiskIsSaidByThePartAndAnAbandonedUploadFreesItsRoom() throws IOException {
        disk.setCapacity(1000);
        MultipartUpload upload = get(store.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES));
        assertThatThrownBy(() -> get(store.uploads().uploadPart(upload, 1, filled(1001, 1))))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Full.class)
                .hasMessageContaining("a/b");
        get(store.uploads().abort(upload.id()));
        assertThat(disk.list(ROOT.resolve("staging"))).isEmpty();
        get(store.put(KEY, filled(1000, 1)));
    }

    @Test
    void acknowledgedObjectsInANewFolderSurviveACrash() {
        for (int seed = 0; seed < 100; seed++) {
            CrashingDisk crashing = new CrashingDisk();
            get(open(crashing).put(KEY, filled(2000, 1)));
            crashing.crash(new Random(seed));
            assertThat(get(open(crashing).list("", "", 10)).objects())
                    .as("seed " + seed)
                    .hasSize(1);
        }
    }

    @Test
    void anAcknowledgedDeletionSurvivesEveryCrash() {
        for (int seed = 0; seed < 100; seed++) {
            CrashingDisk crashing = new CrashingDisk();
            ObjectStore before = open(crashing);
            get(before.put(KEY, filled(2000, 1)));
            get(before.delete(List.of(KEY)));
            crashing.crash(new Random(seed));
            assertThat(get(open(crashing).list("", "", 10)).objects()).as("seed " + seed).isEmpty();
        }
    }

    @Test
    void aFullDiskIsReportedAndLeavesNoFile() throws IOException {
        disk.setCapacity(100);
        assertThatThrownBy(() -> get(store.put(KEY, filled(101, 1))))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Full.class)
                .hasMessageContaining("a/b");
        assertThat(disk.list(ROOT.resolve("staging"))).isEmpty();
        get(store.put(KEY, filled(100, 1)));
    }

    @Test
    void aFailedPutLeavesNoFile() throws IOException {
        for (int k = 1; k <= 5; k++) {
            CrashingDisk failing = new CrashingDisk();
            ObjectStore affected = open(failing);
            failing.failOperation(k);
            assertThat(affected.put(KEY, filled(100, 1)).isCompletedExceptionally())
                    .as("operation " + k)
                    .isTrue();
            assertThat(failing.list(ROOT.resolve("staging"))).isEmpty();
            get(affected.put(KEY, filled(100, 1)));
        }
    }
}
