package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract of every {@link ObjectStore}, including multipart uploads. */
public abstract class ObjectStoreContract extends ObjectUploadsContract {

    @Test
    void anObjectIsReadInParts() {
        get(store().put(key("a"), body("hello world")));
        assertThat(read(key("a"), 0, 11)).isEqualTo("hello world");
        assertThat(read(key("a"), 6, 3)).isEqualTo("wor");
        assertThat(read(key("a"), 10, 1)).isEqualTo("d");
    }

    @Test
    void anObjectReplacesTheOneOfTheSameKey() {
        get(store().put(key("a"), body("old and long")));
        get(store().put(key("a"), body("new")));
        assertThat(read(key("a"), 0, 3)).isEqualTo("new");
        assertMissing(key("a"), 0, 4);
    }

    @Test
    void aRangeIsReadFrontToBackInThePiecesThatAreWanted() {
        byte[] whole = Gathered.random(3 << 20, 13).whole();
        get(store().put(key("long"), ObjectBody.of(whole)));
        Random random = new Random(13);
        ByteRange range = new ByteRange(1_000, (3 << 20) - 2_000);
        ByteBuffer seen = ByteBuffer.allocate(range.length());
        try (SequentialRead read = store().openRange(key("long"), range)) {
            while (seen.hasRemaining()) {
                int length = Math.min(seen.remaining(), 1 + random.nextInt(400_000));
                byte[] piece = get(read.next(length));
                assertThat(piece).hasSize(length);
                seen.put(piece);
            }
        }
        assertThat(seen.array()).isEqualTo(Arrays.copyOfRange(whole, 1_000, (int) range.end()));
    }

    @Test
    void aReadOfAnAbsentObjectIsMissing() {
        assertReadFindsNothing(key("nobody"), new ByteRange(0, 10));
        get(store().put(key("a"), body("hello")));
        assertReadFindsNothing(key("a"), new ByteRange(5, 10));
        assertReadFindsNothing(key("a"), new ByteRange(3, 3));
    }

    private void assertReadFindsNothing(ObjectKey key, ByteRange range) {
        try (SequentialRead read = store().openRange(key, range)) {
            assertThatThrownBy(() -> read.next(range.length()).get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(ObjectStoreException.Missing.class)
                    .hasMessageContaining(key.value());
        }
    }

    @Test
    void readsThatAreGivenUpAndReadsThatEndLeaveRoomForOthers() {
        byte[] whole = Gathered.random(1 << 20, 14).whole();
        get(store().put(key("a"), ObjectBody.of(whole)));
        for (int i = 0; i < 200; i++) {
            try (SequentialRead read = store().openRange(key("a"), new ByteRange(0, 1 << 20))) {
                assertThat(get(read.next(10))).isEqualTo(Arrays.copyOf(whole, 10));
            }
            SequentialRead toItsEnd = store().openRange(key("a"), new ByteRange(0, 100_000));
            assertThat(get(toItsEnd.next(50_000))).isEqualTo(Arrays.copyOf(whole, 50_000));
            assertThat(get(toItsEnd.next(50_000))[49_999]).isEqualTo(whole[99_999]);
        }
    }

    @Test
    void whatIsNotThereIsMissing() {
        assertMissing(key("nobody"), 0, 1);
    }

    @Test
    void aRangeBeyondTheEndIsMissing() {
        get(store().put(key("a"), body("hello")));
        assertMissing(key("a"), 5, 1);
        assertMissing(key("a"), 4, 2);
        assertMissing(key("a"), 100, 1);
    }

    @Test
    void anEmptyObjectIsListedAndHasNoBytes() {
        get(store().put(key("empty"), ObjectBody.of(new byte[0])));
        Listing listing = get(store().list(prefix(), "", 10));
        assertThat(listing.objects()).singleElement().matches(object -> object.sizeBytes() == 0);
        assertMissing(key("empty"), 0, 1);
    }

    @Test
    void aBodyOfManyPiecesIsOneObject() {
        Gathered body = Gathered.random(8 << 20, 11);
        get(store().put(key("gathered"), body));
        assertThat(get(store().getRange(key("gathered"), new ByteRange(0, 8 << 20))))
                .isEqualTo(body.whole());
        assertThat(get(store().list(prefix(), "", 1)).objects())
                .singleElement()
                .matches(object -> object.sizeBytes() == 8 << 20);
    }

    @Test
    void aBodyCanBeWrittenTwice() {
        Gathered body = Gathered.random(100_000, 12);
        get(store().put(key("first"), body));
        get(store().put(key("second"), body));
        for (String name : List.of("first", "second")) {
            assertThat(get(store().getRange(key(name), new ByteRange(0, 100_000))))
                    .isEqualTo(body.whole());
        }
    }

    @Test
    void aBigObjectIsReadAtItsEnd() {
        byte[] bytes = new byte[33 << 20];
        new Random(13).nextBytes(bytes);
        get(store().put(key("big"), ObjectBody.of(bytes)));
        int tail = 1000;
        byte[] expected = Arrays.copyOfRange(bytes, bytes.length - tail, bytes.length);
        assertThat(get(store().getRange(key("big"), new ByteRange(bytes.length - tail, tail))))
                .isEqualTo(expected);
    }

    @Test
    void deletionAcceptsManyKeysAndAbsentObjects() {
        get(store().put(key("a/1"), body("x")));
        get(store().put(key("a/2"), body("x")));
        get(store().put(key("a/3"), body("x")));
        List<ObjectKey> keys = List.of(key("a/1"), key("nobody"), key("a/3"));
        assertThat(get(store().delete(keys)).failures()).isEmpty();
        assertThat(get(store().delete(List.of())).failures()).isEmpty();
        assertThat(list(prefix(), "", 10)).containsExactly(prefix() + "a/2");
        assertMissing(key("a/1"), 0, 1);
    }

    @Test
    void aDeletedKeyCanBeWrittenAgain() {
        get(store().put(key("a"), body("old")));
        get(store().delete(List.of(key("a"))));
        get(store().put(key("a"), body("new")));
        assertThat(read(key("a"), 0, 3)).isEqualTo("new");
    }

    @Test
    void keysAreListedInTheOrderOfTheirBytes() {
        List<String> names =
                List.of("a-1/x", "a.b", "a/b", "a/b-c", "a/bc/d", "a0/x", "aB", "a_b", "b/a");
        names.reversed().forEach(name -> get(store().put(key(name), body(name))));
        List<String> keys = names.stream().map(name -> prefix() + name).toList();
        assertThat(list(prefix(), "", 1000)).containsExactlyElementsOf(keys);
        assertThat(list(prefix() + "a/b", "", 1000)).containsExactlyElementsOf(keys.subList(2, 5));
    }

    @Test
    void listingContinuesAfterAKeyPageByPage() {
        List<CompletableFuture<Void>> puts = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            puts.add(store().put(key("%d/%02d".formatted(i / 10, i)), body("x")));
        }
        puts.forEach(ObjectStoreContract::get);
        List<String> seen = new ArrayList<>();
        String after = "";
        List<Integer> sizes = new ArrayList<>();
        for (boolean more = true; more; ) {
            Listing page = get(store().list(prefix(), after, 10));
            page.objects().forEach(object -> seen.add(object.name()));
            sizes.add(page.objects().size());
            after = page.objects().getLast().name();
            more = page.truncated();
        }
        assertThat(sizes).containsExactly(10, 10, 5);
        assertThat(seen)
                .containsExactlyElementsOf(
                        IntStream.range(0, 25)
                                .mapToObj(i -> prefix() + "%d/%02d".formatted(i / 10, i))
                                .toList());
    }

    @Test
    void listingAfterAnAbsentKeyStartsAtTheNext() {
        get(store().put(key("a/1"), body("x")));
        get(store().put(key("a/3"), body("x")));
        assertThat(list(prefix(), key("a/2").value(), 10)).containsExactly(prefix() + "a/3");
        assertThat(list(prefix(), key("a/3").value(), 10)).isEmpty();
    }

    @Test
    void aBodyOfTenThousandTinyPiecesArrivesWhole() {
        byte[] whole = new byte[70_000];
        new Random(7).nextBytes(whole);
        List<ByteBuffer> tiny = new ArrayList<>();
        for (int from = 0; from < whole.length; from += 7) {
            tiny.add(ByteBuffer.wrap(whole, from, 7).asReadOnlyBuffer());
        }
        get(store().put(key("tiny"), new Gathered(whole, tiny)));
        assertThat(get(store().getRange(key("tiny"), new ByteRange(0, whole.length))))
                .isEqualTo(whole);
    }

    @Test
    void manyCallsAtOnceDoNotDisturbEachOther() {
        List<CompletableFuture<Void>> puts = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            puts.add(store().put(key(i % 8 + "/" + i), body("content of " + i)));
        }
        puts.forEach(ObjectStoreContract::get);
        List<CompletableFuture<byte[]>> gets = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            gets.add(store().getRange(key(i % 8 + "/" + i), new ByteRange(11, i < 10 ? 1 : 2)));
        }
        for (int i = 0; i < 64; i++) {
            assertThat(new String(get(gets.get(i)), StandardCharsets.UTF_8))
                    .isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void pageSizesOutsideTheContractAreRefused() {
        assertThatThrownBy(() -> store().list(prefix(), "", 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().list(prefix(), "", 1001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().uploads().listUnfinished(prefix(), Optional.empty(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Random bytes in pieces of random sizes. */
    record Gathered(byte[] whole, List<ByteBuffer> cut) implements ObjectBody {

        static Gathered random(int size, long seed) {
            Random random = new Random(seed);
            byte[] whole = new byte[size];
            random.nextBytes(whole);
            List<ByteBuffer> cut = new ArrayList<>();
            for (int from = 0; from < size; ) {
                int length = Math.min(size - from, 1 + random.nextInt(size / 10));
                cut.add(ByteBuffer.wrap(whole, from, length).slice().asReadOnlyBuffer());
                from += length;
            }
            return new Gathered(whole, cut);
        }

        @Override
        public long sizeBytes() {
            return whole.length;
        }

        @Override
        public List<ByteBuffer> pieces() {
            return cut.stream().map(ByteBuffer::duplicate).toList();
        }
    }
}
