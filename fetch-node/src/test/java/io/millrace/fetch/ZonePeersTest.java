package io.millrace.fetch;

import static io.millrace.fetch.FetchWorld.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.fetch.cache.AnnouncementHistory;
import io.millrace.fetch.cache.ChunkSources;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.metrics.PeerReadResult;
import io.millrace.fetch.zone.PeerRead;
import io.millrace.fetch.zone.Zone;
import io.millrace.fetch.zone.ZoneLoaderSelector;
import io.millrace.fetch.zone.ZoneLoaderSelectorTest;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests several fetch nodes of one zone that share a bucket and read from each other. */
final class ZonePeersTest {

    private static final Duration NETWORK = Duration.ofMillis(1);

    /** Longer than a read from the bucket takes. */
    private static final Duration BUCKET = Duration.ofMillis(10);

    /** The behaviour of a node as a peer. */
    private enum PeerBehaviour {
        WELL,
        SILENT,
        /** Starts to answer after the timeout and never ends. */
        SLOW,
        /** Answers after the timeout. */
        LATE,
        /** Starts to answer and never continues. */
        STUCK,
        REJECTING,
        /** Sends a chunk with one flipped bit. */
        DAMAGING,
        /** Sends other bytes with matching checksums. */
        FORGING,
        /** Sends fewer bytes than requested. */
        SHORT
    }

    private final FetchWorld world = new FetchWorld(FetchWorld.settings(0, 0), 1);
    private final Topic topic = world.topic("orders", 1);
    private final List<RegisteredNode> members = new ArrayList<>();
    private final Map<String, FetchNode> nodes = new HashMap<>();
    private final Map<String, SimpleMeterRegistry> meters = new HashMap<>();
    private final Map<String, PeerBehaviour> moods = new HashMap<>();

    /** Starts the given number of nodes: n0, n1, and so on. */
    private void start(int count) {
        for (int i = 0; i < count; i++) {
            String id = "n" + i;
            members.add(ZoneLoaderSelectorTest.member(id, 1000 + i, "here", Role.FETCH));
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            meters.put(id, registry);
            nodes.put(
                    id,
                    new FetchNode(
                            FetchWorld.settings(0, 0),
                            world.metadata,
                            world.bucket,
                            world.loop,
                            world.loop,
                            new ChunkSources(
                                    ChunkStore.NONE, new Zone(() -> members, () -> id, this::read)),
                            new FetchMetrics(registry)));
        }
        world.loop.runReady();
    }

    private FetchNode node(String id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    private CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun) {
        CompletableFuture<Chunk> answer = new CompletableFuture<>();
        world.loop.schedule(NETWORK, () -> answer(peer, object, position, length, begun, answer));
        return answer;
    }

    private void answer(
            RegisteredNode peer,
            ObjectRef object,
            long position,
            int length,
            Runnable begun,
            CompletableFuture<Chunk> answer) {
        PeerBehaviour mood = moods.getOrDefault(peer.node(), PeerBehaviour.WELL);
        if (mood == PeerBehaviour.SILENT) {
            return;
        }
        if (mood == PeerBehaviour.REJECTING) {
            answer.completeExceptionally(new IllegalStateException("refused"));
            return;
        }
        if (mood == PeerBehaviour.SLOW) {
            world.loop.schedule(PeerRead.FIRST_BYTE_TIMEOUT.plus(BUCKET), begun);
            return;
        }
        if (mood == PeerBehaviour.LATE) {
            moods.remove(peer.node());
            world.loop.schedule(
                    PeerRead.FIRST_BYTE_TIMEOUT,
                    () -> answer(peer, object, position, length, begun, answer));
            return;
        }
        begun.run();
        if (mood == PeerBehaviour.STUCK) {
            return;
        }
        var unused =
                node(peer.node())
                        .readChunk(object, position, length)
                        .whenComplete((chunk, failure) -> {
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            } else {
                                answer.complete(inMood(mood, chunk));
                            }
                        });
    }

    private static Chunk inMood(PeerBehaviour mood, Chunk chunk) {
        byte[] bytes = chunk.bytes().clone();
        if (mood == PeerBehaviour.DAMAGING) {
            bytes[bytes.length / 2] ^= 4;
        }
        if (mood == PeerBehaviour.FORGING) {
            bytes[bytes.length / 2] ^= 4;
            return Chunk.of(bytes);
        }
        return mood == PeerBehaviour.SHORT
                ? new Chunk(new byte[0], new int[0])
                : new Chunk(bytes, chunk.pageCrcs());
    }

    /** Returns the node's result of a fetch from an offset, which must complete in time. */
    private byte[] fetch(String node, long offset, Duration within) {
        List<CompletableFuture<FetchResult>> started = new ArrayList<>();
        world.loop.call(
                () -> started.add(node(node).fetch(FetchWorld.query("orders", 0, offset, 1))));
        world.loop.advance(within);
        PartitionResult result = done(started.getFirst()).partitions().getFirst();
        return ((Fetched) result).batches().toByteArray();
    }

    private byte[] fetch(String node, long offset) {
        return fetch(node, offset, Duration.ofSeconds(5));
    }

    private void write() {
        world.write(List.of(new Written(topic, 0, world.batch(1, 10_000, 1000))));
    }

    private ObjectRef objectAt(long offset) {
        return world.here
                .metadata()
                .view()
                .partition(topic.id(), 0)
                .orElseThrow()
                .extents(offset, offset + 1)
                .getFirst()
                .object();
    }

    private void announce(String node, ObjectRef object) {
        world.loop.call(() -> node(node).objectAnnounced(object));
    }

    private byte[] model(int batch) {
        return world.served(topic, 0).get(batch);
    }

    /** Returns the number of GETs for nodes that all read the end of the log. */
    private int getsForTailing(int count, int objects) {
        start(count);
        for (int i = 0; i < objects; i++) {
            write();
            for (String node : nodes.keySet()) {
                assertThat(fetch(node, i)).isEqualTo(model(i));
            }
        }
        return world.bucket.calls();
    }

    private double reads(String node, PeerReadResult result) {
        return Objects.requireNonNull(meters.get(node))
                .get("millrace.fetch.peer.reads")
                .tag("result", result.name().toLowerCase(Locale.ROOT))
                .counter()
                .count();
    }

    @Test
    void nodesOfAZoneThatTailOneTopicCauseTheGetsOfOne() {
        int getsOfOneNode = new ZonePeersTest().getsForTailing(1, 40);
        assertThat(new ZonePeersTest().getsForTailing(2, 40)).isEqualTo(getsOfOneNode);
        assertThat(new ZonePeersTest().getsForTailing(3, 40)).isEqualTo(getsOfOneNode);
    }

    @Test
    void allReadAtOnceAndStillEachObjectIsLoadedOnce() {
        start(3);
        IntStream.range(0, 20).forEach(i -> write());
        int size = model(0).length;
        Map<String, Integer> read = new HashMap<>();
        for (int round = 0; round < 20; round++) {
            Map<String, CompletableFuture<FetchResult>> fetches = new HashMap<>();
            world.loop.call(() ->
                    nodes.forEach((id, node) ->
                            fetches.put(
                                    id,
                                    node.fetch(
                                            FetchWorld.query(
                                                    "orders", 0, read.getOrDefault(id, 0), 0)))));
            world.loop.advance(Duration.ofSeconds(5));
            fetches.forEach((id, fetch) -> {
                Fetched fetched = (Fetched) done(fetch).partitions().getFirst();
                read.merge(id, fetched.batches().sizeBytes() / size, Integer::sum);
            });
        }
        assertThat(read.values()).containsOnly(20);
        assertThat(world.bucket.calls()).isEqualTo(20); // a chunk with its index each
    }

    @Test
    void aHangingPeerCostsThirtyMillisecondsOnceAndNotEachTime() {
        start(2);
        moods.put("n1", PeerBehaviour.SILENT);
        int slow = 0;
        for (int i = 0; i < 20; i++) {
            write();
            double before = reads("n0", PeerReadResult.SILENT);
            Duration within = before == 0 ? BUCKET.plus(PeerRead.FIRST_BYTE_TIMEOUT) : BUCKET;
            assertThat(fetch("n0", i, within)).isEqualTo(model(i));
            slow += (int) (reads("n0", PeerReadResult.SILENT) - before);
        }
        assertThat(slow).isEqualTo(1);
    }

    @Test
    void aPeerThatAnswersTooLateIsDoneWithoutAndAskedAgainTheNextTime() {
        start(2);
        moods.put("n1", PeerBehaviour.SLOW);
        for (int i = 0; i < 10; i++) {
            write();
            assertThat(fetch("n0", i, Duration.ofMillis(60))).isEqualTo(model(i));
        }
        double asked = reads("n0", PeerReadResult.SILENT);
        moods.clear();
        for (int i = 10; i < 20; i++) {
            write();
            assertThat(fetch("n0", i, Duration.ofMillis(60))).isEqualTo(model(i));
        }

        assertThat(asked).isGreaterThan(1);
        assertThat(reads("n0", PeerReadResult.TAKEN)).isGreaterThan(1);
    }

    @Test
    void aLateAnswerIsUsedIfTheBucketIsEvenLater() {
        start(2);
        write();
        int last = 0;
        while (new ZoneLoaderSelector().peerFor(objectAt(last).id(), members, "n0", 0).isEmpty()) {
            write();
            last++;
        }
        fetch("n1", last);
        world.bucket.byDefault(
                FaultyObjectStore.Fault.late(
                        world.loop, Duration.ofMillis(150), FaultyObjectStore.Fault.none()));
        moods.put("n1", PeerBehaviour.LATE);

        assertThat(fetch("n0", last, Duration.ofMillis(60))).isEqualTo(model(last));
        assertThat(reads("n0", PeerReadResult.TAKEN)).isOne();
    }

    @Test
    void aPeerThatWokeUpIsAskedAgain() {
        start(2);
        moods.put("n1", PeerBehaviour.SILENT);
        for (int i = 0; i < 10; i++) {
            write();
            fetch("n0", i, Duration.ofMillis(60));
        }
        moods.clear();
        world.loop.advance(ZoneLoaderSelector.FIRST_PAUSE);
        for (int i = 10; i < 30; i++) {
            write();
            fetch("n0", i);
        }
        assertThat(reads("n0", PeerReadResult.TAKEN)).isGreaterThan(3);
    }

    @Test
    void aPeerThatLoadsForLongerThanItsFirstByteMayTakeIsWaitedFor() {
        start(2);
        world.bucket.byDefault(
                FaultyObjectStore.Fault.late(
                        world.loop, Duration.ofMillis(150), FaultyObjectStore.Fault.none()));
        for (int i = 0; i < 20; i++) {
            write();
            fetch("n0", i);
        }
        assertThat(world.bucket.calls()).isEqualTo(20);
        assertThat(reads("n0", PeerReadResult.TAKEN)).isPositive();
    }

    @Test
    void damagedChunksFromAPeerAreRejectedAndLoadedFromTheBucket() {
        readsDespite(PeerBehaviour.DAMAGING, PeerReadResult.DAMAGED);
    }

    @Test
    void chunksThatContradictAKnownIndexAreLoadedFromTheBucket() {
        start(2);
        long first = 0;
        do {
            first = world.served(topic, 0).size();
            world.write(
                    IntStream.range(0, 8)
                            .mapToObj(i -> new Written(topic, 0, world.batch(1, 60_000, 0)))
                            .toList());
        } while (new ZoneLoaderSelector()
                .peerFor(objectAt(first).id(), members, "n0", 0)
                .isEmpty());
        moods.put("n1", PeerBehaviour.REJECTING);
        assertThat(fetch("n0", first)).isEqualTo(model((int) first));
        moods.put("n1", PeerBehaviour.FORGING);
        world.loop.advance(ZoneLoaderSelector.FIRST_PAUSE.multipliedBy(2));

        for (int i = (int) first + 1; i < first + 8; i++) {
            assertThat(fetch("n0", i)).isEqualTo(model(i));
        }
        assertThat(reads("n0", PeerReadResult.TAKEN)).isPositive();
    }

    @Test
    void aPeerThatSendsTooLittleIsNotBelieved() {
        readsDespite(PeerBehaviour.SHORT, PeerReadResult.DAMAGED);
    }

    @Test
    void aPeerThatRefusesIsDoneWithout() {
        readsDespite(PeerBehaviour.REJECTING, PeerReadResult.FAILED);
    }

    @Test
    void aPeerThatBeginsAndDoesNotEndIsDoneWithout() {
        readsDespite(PeerBehaviour.STUCK, PeerReadResult.FAILED);
    }

    private void readsDespite(PeerBehaviour mood, PeerReadResult result) {
        start(2);
        moods.put("n1", mood);
        for (int i = 0; i < 20; i++) {
            write();
            assertThat(fetch("n0", i)).isEqualTo(model(i));
        }
        assertThat(reads("n0", result)).isPositive();
        assertThat(reads("n0", PeerReadResult.TAKEN)).isZero();
    }

    @Test
    void twoThatTakeEachOtherForTheLoaderDoNotWaitForEachOther() {
        start(2);
        write();
        ObjectRef object = objectAt(0);
        // Each node sees the other as the writer of the object.
        for (int i = 0; i < 2; i++) {
            String id = "n" + i;
            List<RegisteredNode> seen =
                    List.of(
                            ZoneLoaderSelectorTest.member(id, 1, "here", Role.FETCH),
                            ZoneLoaderSelectorTest.member(
                                    "n" + (1 - i), object.id().incarnation(), "here", Role.FETCH));
            nodes.put(
                    id,
                    new FetchNode(
                            FetchWorld.settings(0, 0),
                            world.metadata,
                            world.bucket,
                            world.loop,
                            world.loop,
                            new ChunkSources(
                                    ChunkStore.NONE, new Zone(() -> seen, () -> id, this::read)),
                            new FetchMetrics(Objects.requireNonNull(meters.get(id)))));
        }
        world.loop.runReady();
        List<CompletableFuture<FetchResult>> fetches = new ArrayList<>();
        world.loop.call(() ->
                nodes.values()
                        .forEach(node ->
                                fetches.add(node.fetch(FetchWorld.query("orders", 0, 0, 0)))));
        world.loop.advance(Duration.ofMillis(30));
        assertThat(fetches).allMatch(CompletableFuture::isDone);
    }

    @Test
    void announcedObjectsAreLoadedOnceBeforeFollowersRequestThem() {
        start(1);
        for (int i = 0; i < 20; i++) {
            write();
            announce("n0", objectAt(i));
            // Long enough to load the chunk, if it is loaded at all.
            world.loop.advance(Duration.ofMillis(50));
            int before = world.bucket.calls();
            assertThat(fetch("n0", i)).isEqualTo(model(i));
            assertThat(world.bucket.calls() - before).isEqualTo(i == 0 ? 1 : 0);
        }
        assertThat(world.bucket.calls()).isEqualTo(20);
    }

    @Test
    void announcedObjectsAreRequestedFromTheLoaderWhileReadersFollow() {
        start(2);
        for (int i = 0; i < 20; i++) {
            write();
            for (String node : nodes.keySet()) {
                announce(node, objectAt(i));
            }
            world.loop.advance(AnnouncementHistory.MIN_AGE);
            for (String node : nodes.keySet()) {
                Duration within = i == 0 ? AnnouncementHistory.MIN_AGE : Duration.ZERO;
                assertThat(fetch(node, i, within)).isEqualTo(model(i));
            }
        }
        assertThat(world.bucket.calls()).isEqualTo(20);

        for (int i = 20; i < 120; i++) {
            write();
            for (String node : nodes.keySet()) {
                announce(node, objectAt(i));
            }
            world.loop.advance(AnnouncementHistory.MIN_AGE);
        }
        assertThat(world.bucket.calls()).isLessThan(70);
    }

    @Test
    void announcedObjectsAreNotLoadedWithoutReaders() {
        start(1);
        for (int i = 0; i < 20; i++) {
            write();
            announce("n0", objectAt(i));
            world.loop.advance(AnnouncementHistory.MIN_AGE);
        }
        assertThat(world.bucket.calls()).isZero();
    }

    @Test
    void aReaderWaitsForTheLoadOfAnAnnouncedObject() {
        start(1);
        write();
        announce("n0", objectAt(0));
        fetch("n0", 0);
        write();
        announce("n0", objectAt(1));
        assertThat(fetch("n0", 1)).isEqualTo(model(1));
        assertThat(world.bucket.calls()).isEqualTo(2);
    }

    @Test
    void aChunkThatTheBucketWouldCutDifferentlyIsRefused() {
        start(1);
        write();
        ObjectRef object = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, 0), 1000, 2000);
        for (long position : new long[] {-1, 10, 1000, 1L << 40}) {
            List<CompletableFuture<Chunk>> asked = new ArrayList<>();
            world.loop.call(() -> asked.add(node("n0").readChunk(object, position, 1000)));
            assertThat(asked.getFirst()).isCompletedExceptionally();
        }
        assertThat(world.bucket.calls()).isZero();
    }

    private CompletableFuture<Chunk> readChunk(String node, ObjectRef object, int length) {
        List<CompletableFuture<Chunk>> asked = new ArrayList<>();
        world.loop.call(() -> asked.add(node(node).readChunk(object, 0, length)));
        world.loop.advance(Duration.ofSeconds(5));
        return asked.getFirst();
    }

    @Test
    void anObjectOutsideTheMetadataIsNotReadForAPeer() {
        start(1);
        ObjectRef orphan = world.copy(List.of(new Written(topic, 0, world.batch(1, 1000, 0))));

        assertThat(readChunk("n0", orphan, (int) orphan.indexPosition()))
                .isCompletedExceptionally();
        assertThat(world.bucket.calls()).isZero();
    }

    @Test
    void anObjectOfOtherSizesThanInTheMetadataIsNotReadForAPeer() {
        start(1);
        write();
        ObjectRef written = objectAt(0);
        ObjectRef forged = new ObjectRef(written.id(), FetchWorld.CHUNK, Integer.MAX_VALUE);

        assertThat(readChunk("n0", forged, FetchWorld.CHUNK)).isCompletedExceptionally();
        assertThat(world.bucket.calls()).isZero();
    }

    @Test
    void aPeerThatHasAppliedMoreEntriesIsServedAfterABarrier() {
        start(1);
        world.loop.advance(Duration.ofSeconds(1));
        ObjectRef object =
                world.writeElsewhere(List.of(new Written(topic, 0, world.batch(1, 1000, 0))));

        assertThat(readChunk("n0", object, (int) object.indexPosition()))
                .isCompletedWithValueMatching(chunk -> chunk.isValid((int) object.indexPosition()));
        assertThat(world.metadata.barriers()).isOne();
    }

    @Test
    void anAnnouncedObjectThatCannotBeABlockIsNotLoaded() {
        start(1);
        for (int i = 0; i < 5; i++) {
            write();
            announce("n0", objectAt(i));
            fetch("n0", i);
            world.loop.advance(AnnouncementHistory.MIN_AGE);
        }
        int before = world.bucket.calls();
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, 0);
        for (ObjectRef forged :
                List.of(
                        new ObjectRef(id, FetchWorld.CHUNK, Integer.MAX_VALUE),
                        new ObjectRef(id, 1L << 40, (1L << 40) + 100),
                        new ObjectRef(objectAt(0).id(), FetchWorld.CHUNK, FetchWorld.CHUNK + 100),
                        new ObjectRef(
                                new ObjectId(ObjectId.Kind.SEGMENT, 7, 0),
                                FetchWorld.CHUNK,
                                70_000))) {
            announce("n0", forged);
            world.loop.advance(Duration.ofSeconds(1));
        }
        assertThat(world.bucket.calls()).isEqualTo(before);
    }

    @Test
    void recentWritesAreServedToPeersWithoutAGet() {
        FetchWorld writer = new FetchWorld(FetchWorld.settings(), 2);
        Topic hot = writer.topic("hot", 1);
        List<Written> batches =
                IntStream.range(0, 5)
                        .mapToObj(i -> new Written(hot, 0, writer.batch(1, 30_000, 0)))
                        .toList();
        ObjectRef object = writer.writeRecent(batches);
        byte[] stored =
                writer.objects
                        .getRange(
                                FetchWorld.key(object),
                                new ByteRange(0, (int) object.indexPosition()))
                        .join();
        for (int start = 0; start < stored.length; start += FetchWorld.CHUNK) {
            int position = start;
            int length = Math.min(FetchWorld.CHUNK, stored.length - start);
            List<CompletableFuture<Chunk>> asked = new ArrayList<>();
            writer.loop.call(() -> asked.add(writer.node.readChunk(object, position, length)));
            Chunk chunk = done(asked.getFirst());
            assertThat(chunk.bytes()).isEqualTo(Arrays.copyOfRange(stored, start, start + length));
            assertThat(chunk.isValid(length)).isTrue();
        }
        assertThat(writer.bucket.calls()).isZero();
    }
}
