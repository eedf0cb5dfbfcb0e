package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The contract of the {@link ObjectUploads} of every store. */
public abstract class ObjectUploadsContract {

    /** Returns the store under test, which may hold keys of other tests. */
    protected abstract ObjectStore store();

    /** Returns the prefix of all keys of this test, unique to the test. */
    protected abstract String prefix();

    /** Returns whether {@link ObjectUploads#listUnfinished} lists all uploads. */
    protected boolean listsUnfinished() {
        return true;
    }

    ObjectKey key(String name) {
        return new ObjectKey(prefix() + name);
    }

    protected static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(60, TimeUnit.SECONDS).join();
    }

    static ObjectBody body(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.UTF_8));
    }

    String read(ObjectKey key, long start, int length) {
        return new String(
                get(store().getRange(key, new ByteRange(start, length))), StandardCharsets.UTF_8);
    }

    void assertMissing(ObjectKey key, long start, int length) {
        assertThatThrownBy(() ->
                        store().getRange(key, new ByteRange(start, length))
                                .get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Missing.class)
                .hasMessageContaining(key.value());
    }

    List<String> list(String prefix, String after, int limit) {
        return get(store().list(prefix, after, limit)).objects().stream()
                .map(Listing.ListedObject::name)
                .toList();
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private int partBytes() {
        return store().uploads().minPartBytes();
    }

    private MultipartUpload create(ObjectKey key) {
        return get(store().uploads().create(key, partBytes()));
    }

    private CompletableFuture<StoredPart> uploadPart(
            MultipartUpload upload, int number, byte[] object) {
        int from = (number - 1) * partBytes();
        int to = Math.min(object.length, from + partBytes());
        return store().uploads()
                .uploadPart(upload, number, ObjectBody.of(Arrays.copyOfRange(object, from, to)));
    }

    private List<StoredPart> putParts(MultipartUpload upload, byte[] object) {
        List<CompletableFuture<StoredPart>> parts = new ArrayList<>();
        for (int from = 0; from < object.length; from += partBytes()) {
            parts.add(uploadPart(upload, 1 + from / partBytes(), object));
        }
        return parts.stream().map(ObjectUploadsContract::get).toList();
    }

    private void assertContent(ObjectKey key, byte[] expected) {
        assertThat(get(store().list(key.value(), "", 1)).objects())
                .singleElement()
                .matches(object -> object.sizeBytes() == expected.length);
        assertThat(get(store().getRange(key, new ByteRange(0, expected.length))))
                .isEqualTo(expected);
    }

    private static void assertGone(CompletableFuture<?> call, MultipartUpload upload) {
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Missing.class)
                .hasMessageContaining(upload.key().value());
    }

    private List<UploadId> unfinished(String prefix) {
        return get(store().uploads().listUnfinished(prefix, Optional.empty(), 1000))
                .uploads()
                .stream()
                .map(UploadListing.ListedUpload::id)
                .toList();
    }

    @Test
    void anObjectInPartsIsThereWhenItIsCompletedAndNotBefore() {
        byte[] object = random(2 * partBytes() + 77, 21);
        MultipartUpload upload = create(key("a"));
        List<StoredPart> parts = putParts(upload, object);
        assertThat(list(prefix(), "", 10)).isEmpty();
        assertMissing(key("a"), 0, 1);
        get(store().uploads().complete(upload, parts));
        assertContent(key("a"), object);
        assertThat(unfinished(prefix())).isEmpty();
    }

    @Test
    void anObjectInPartsReplacesTheOneOfTheSameKeyWhenItIsCompleted() {
        byte[] object = random(partBytes(), 22);
        get(store().put(key("a"), body("old")));
        MultipartUpload upload = create(key("a"));
        List<StoredPart> parts = putParts(upload, object);
        assertThat(read(key("a"), 0, 3)).isEqualTo("old");
        get(store().uploads().complete(upload, parts));
        assertContent(key("a"), object);
    }

    @Test
    void partsMayArriveInAnyOrderAndTwice() {
        byte[] object = random(2 * partBytes() + 1, 23);
        MultipartUpload upload = create(key("a"));
        StoredPart third = get(uploadPart(upload, 3, object));
        get(uploadPart(upload, 1, object));
        StoredPart second = get(uploadPart(upload, 2, object));
        StoredPart first = get(uploadPart(upload, 1, object));
        get(store().uploads().complete(upload, List.of(first, second, third)));
        assertContent(key("a"), object);
    }

    @Test
    void partsAfterTheLastCompletedPartAreDropped() {
        byte[] object = random(2 * partBytes(), 24);
        MultipartUpload upload = create(key("a"));
        List<StoredPart> parts = putParts(upload, object);
        get(store().uploads().complete(upload, parts.subList(0, 1)));
        assertContent(key("a"), Arrays.copyOf(object, partBytes()));
    }

    @Test
    void completingAgainIsHarmless() {
        byte[] object = random(1000, 25);
        MultipartUpload upload = create(key("a"));
        List<StoredPart> parts = putParts(upload, object);
        get(store().uploads().complete(upload, parts));
        get(store().uploads().complete(upload, parts));
        assertContent(key("a"), object);
    }

    @Test
    void nothingStaysOfAnAbandonedUpload() {
        byte[] object = random(partBytes() + 1, 26);
        MultipartUpload upload = create(key("a"));
        List<StoredPart> parts = putParts(upload, object);
        get(store().uploads().abort(upload.id()));
        // The store may accept or reject this part.
        get(uploadPart(upload, 2, object).handle((part, failure) -> part));
        assertGone(store().uploads().complete(upload, parts), upload);
        get(store().uploads().abort(upload.id()));
        assertThat(unfinished(prefix())).isEmpty();
        assertThat(list(prefix(), "", 10)).isEmpty();
    }

    @Test
    void anAbandonedUploadIsNotTakenForAnotherObjectOfItsKey() {
        MultipartUpload aborted = create(key("a"));
        List<StoredPart> parts = putParts(aborted, random(1000, 27));
        get(store().uploads().abort(aborted.id()));
        MultipartUpload completed = create(key("a"));
        get(store().uploads().complete(completed, putParts(completed, random(1000, 28))));
        assertGone(store().uploads().complete(aborted, parts), aborted);
    }

    @Test
    void abortingACompletedUploadLeavesItsObject() {
        byte[] object = random(1000, 28);
        MultipartUpload upload = create(key("a"));
        get(store().uploads().complete(upload, putParts(upload, object)));
        get(store().uploads().abort(upload.id()));
        assertContent(key("a"), object);
    }

    @Test
    void uploadsOfOneKeyDoNotDisturbEachOther() {
        byte[] value = random(partBytes() + 10, 29);
        byte[] other = random(partBytes() + 10, 30);
        MultipartUpload first = create(key("a"));
        MultipartUpload second = create(key("a"));
        List<StoredPart> firstParts = putParts(first, value);
        List<StoredPart> secondParts = putParts(second, other);
        get(store().uploads().complete(second, secondParts));
        assertContent(key("a"), other);
        get(store().uploads().complete(first, firstParts));
        assertContent(key("a"), value);
    }

    @Test
    void unfinishedUploadsAreListedPageByPageUntilTheyAreAbandoned() {
        List<UploadId> begun = new ArrayList<>();
        for (String name : List.of("a/1", "a/2", "a/2", "b/1")) {
            begun.add(create(key(name)).id());
        }
        List<UploadId> seen = new ArrayList<>();
        Optional<UploadId> after = Optional.empty();
        for (boolean more = true; more; ) {
            UploadListing page = get(store().uploads().listUnfinished(prefix() + "a/", after, 2));
            page.uploads().forEach(upload -> seen.add(upload.id()));
            assertThat(page.truncated()).isEqualTo(seen.size() == 2);
            after = seen.isEmpty() ? after : Optional.of(seen.getLast());
            more = page.truncated();
        }
        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        listsUnfinished() ? begun.subList(0, 3) : List.of());
        begun.forEach(upload -> get(store().uploads().abort(upload)));
        assertThat(unfinished(prefix())).isEmpty();
    }

    @Test
    void partsOutsideTheContractAreRefused() {
        assertThatThrownBy(() -> store().uploads().create(key("a"), partBytes() - 1))
                .isInstanceOf(IllegalArgumentException.class);
        MultipartUpload upload = create(key("a"));
        for (int size : new int[] {0, partBytes() + 1}) {
            assertThatThrownBy(() ->
                            store().uploads().uploadPart(upload, 1, ObjectBody.of(new byte[size])))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int number : new int[] {0, MultipartUpload.MAX_PARTS + 1}) {
            assertThatThrownBy(() ->
                            store().uploads()
                                    .uploadPart(upload, number, ObjectBody.of(new byte[1])))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        StoredPart small = new StoredPart(1, 1, "");
        StoredPart second = new StoredPart(2, 1, "");
        for (List<StoredPart> parts :
                List.of(List.<StoredPart>of(), List.of(second), List.of(small, second))) {
            assertThatThrownBy(() -> store().uploads().complete(upload, parts))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        get(store().uploads().abort(upload.id()));
    }
}
