package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.Link.CutSide;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.etcd.EtcdMember;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.MemoryObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metadata log on a real etcd that fails. */
@SystemAccess("waits for processes in real time")
class EtcdFaultsIT {

    private static final long LONGEST_SECONDS = 40;
    private static final int CUTS = TestScale.count(2, 4);
    private static final int MAX_CALLS = 100;
    private static final int SEALS_OF_EACH = 5;
    private static final int MAX_ENTRIES = 1_000;

    @TempDir private Path folder;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ThreadedEventLoop clock = new ThreadedEventLoop();

    /** A bucket that answers later and on another thread, as a real one does. */
    private final MemoryObjectStore bucket =
            new MemoryObjectStore(
                    task -> clock.loop.schedule(Duration.ofMillis(5), task), () -> Instant.EPOCH);

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
        clock.close();
    }

    private EtcdServer start(int members, String... flags) throws Exception {
        EtcdServer server = EtcdServer.start(folder, members, flags);
        open.add(server);
        return server;
    }

    private EtcdLogNode node(List<URI> endpoints, long incarnation) {
        EtcdLogNode node =
                new EtcdLogNode(endpoints, bucket, EtcdLogSettings.DEFAULTS, incarnation);
        open.add(node);
        return node;
    }

    private Link link(EtcdServer server) throws Exception {
        Link link = Link.toEtcd(server.endpoints().getFirst());
        open.add(link);
        return link;
    }

    private static List<CompletableFuture<AppendOutcome>> append(EtcdLogNode node, int entries) {
        return IntStream.range(0, entries).mapToObj(i -> node.append()).toList();
    }

    private static void mustBeAppended(List<CompletableFuture<AppendOutcome>> appends) {
        assertThat(appends)
                .allSatisfy(append ->
                        assertThat(append.get(LONGEST_SECONDS, TimeUnit.SECONDS))
                                .isEqualTo(new AppendOutcome.Appended()));
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(deadline);
            clock.pass(Duration.ofMillis(10));
        }
    }

    private static List<String> all(long incarnation, int entries) {
        return LongStream.rangeClosed(1, entries).mapToObj(n -> incarnation + "-" + n).toList();
    }

    /**
     * Checks that all nodes have the same entries, and every entry of each writer once and in
     * order.
     */
    private void assertAllEntries(List<EtcdLogNode> nodes, int ofOne, int ofTwo) {
        for (EtcdLogNode node : nodes) {
            await("all is read", () -> node.seen().size() >= ofOne + ofTwo);
            assertThat(node.seen()).isEqualTo(nodes.getFirst().seen());
            assertThat(node.seen()).filteredOn(id -> id.startsWith("1-")).isEqualTo(all(1, ofOne));
            assertThat(node.seen()).filteredOn(id -> id.startsWith("2-")).isEqualTo(all(2, ofTwo));
            assertThat(node.broken()).isEmpty();
        }
    }

    @Test
    void anAppendIsOneTransactionWithoutFaults() throws Exception {
        EtcdServer server = start(1);
        // A slow disk is no failure: appends must not time out.
        EtcdLogNode node = EtcdLogNode.patient(server.endpoints(), bucket, 1);
        open.add(node);
        long before = server.transactions();
        mustBeAppended(append(node, 50));

        assertThat(server.transactions() - before).isEqualTo(50);
    }

    @Test
    void killOfTheLeaderNeitherLosesNorDuplicatesEntries() throws Exception {
        EtcdServer server = start(3);
        EtcdLogNode one = node(server.endpoints(), 1);
        EtcdLogNode two = node(server.endpoints(), 2);
        List<CompletableFuture<AppendOutcome>> appends = new ArrayList<>(append(one, 150));
        appends.addAll(append(two, 150));
        await("some is appended", () -> one.seen().size() > 50);
        EtcdMember leader = server.leader();
        leader.kill();
        appends.addAll(append(one, 50));
        mustBeAppended(appends);
        leader.restart();
        EtcdLogNode late = node(List.of(leader.endpoint()), 3);

        assertAllEntries(List.of(one, two, late), 200, 150);
    }

    @Test
    void appendsMoveFromAnUnresponsiveLeaderToOtherServers() throws Exception {
        EtcdServer server = start(3);
        EtcdLogNode one = node(server.endpoints(), 1);
        EtcdLogNode two = node(server.endpoints(), 2);
        mustBeAppended(append(one, 5));
        mustBeAppended(append(two, 5));
        EtcdMember leader = server.leader();
        leader.pause();
        mustBeAppended(append(one, 5));
        mustBeAppended(append(two, 5));
        leader.resume();
        mustBeAppended(append(one, 5));

        assertAllEntries(List.of(one, two), 15, 10);
    }

    @Test
    void appendsWaitDuringAnOutageOfEtcd() throws Exception {
        EtcdServer server = start(1);
        EtcdLogNode one = node(server.endpoints(), 1);
        EtcdLogNode two = node(server.endpoints(), 2);
        mustBeAppended(append(one, 5));
        Etcd other = client(server);
        server.kill();
        List<CompletableFuture<AppendOutcome>> waiting = append(one, 5);
        mustFail(other, EtcdException.Kind.UNAVAILABLE, 3);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        server.restart();
        mustBeAppended(waiting);

        assertAllEntries(List.of(one, two), 10, 0);
    }

    @Test
    void appendsWaitWhileEtcdHasNoSpaceAndRecoverWithoutIntervention() throws Exception {
        EtcdServer server = start(3, "--quota-backend-bytes=" + (4 << 20));
        EtcdLogNode node = node(server.endpoints(), 1);
        mustBeAppended(append(node, 5));
        Etcd other = client(server);
        fill(other);
        EtcdMember leader = server.leader();
        for (EtcdMember member : server.members()) {
            if (member != leader) {
                member.kill();
                break;
            }
        }
        List<CompletableFuture<AppendOutcome>> waiting = append(node, 5);
        mustFail(other, EtcdException.Kind.NO_SPACE, 20);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        Etcd.Op makeRoom = new Etcd.Op.Delete("/other/", "/other0");
        await(
                "other users have deleted their keys",
                () ->
                        clock.call(() ->
                                other.txn(List.of(), List.of(makeRoom), List.of())
                                        .handle((done, failure) -> failure == null)));
        long deletedNanos = System.nanoTime();
        await(
                "there is room",
                () -> {
                    node.maintain();
                    return waiting.stream().allMatch(CompletableFuture::isDone);
                });
        mustBeAppended(waiting);
        System.out.printf(
                "EtcdFaultsIT: etcd had no space; appends continued %d ms after other users deleted their keys%n",
                (System.nanoTime() - deletedNanos) / 1_000_000);

        assertAllEntries(List.of(node), 10, 0);
    }

    /** Returns a client on the clock's event loop. */
    private Etcd client(EtcdServer server) {
        Etcd etcd =
                JetcdEtcd.open(
                        EtcdSettings.of(server.endpoints(), Optional.empty(), Optional.empty()),
                        clock.loop,
                        new SplittableRandom(1));
        open.add(() -> clock.run(etcd::close));
        return etcd;
    }

    private void fill(Etcd etcd) {
        byte[] noise = new byte[200_000];
        boolean full = false;
        for (int i = 0; !full; i++) {
            Etcd.Op put = new Etcd.Op.Put("/other/" + i, noise);
            full =
                    clock.call(() ->
                            etcd.txn(List.of(), List.of(put), List.of())
                                    .handle((done, failure) -> isNoSpace(failure)));
        }
    }

    private static boolean isNoSpace(@Nullable Throwable failure) {
        return isA(EtcdException.Kind.NO_SPACE, failure);
    }

    private static boolean isA(EtcdException.Kind kind, @Nullable Throwable failure) {
        return failure instanceof EtcdException why && why.kind() == kind;
    }

    /**
     * Calls etcd sequentially, as the log does, until the given number of calls has failed in this
     * way. No call may succeed.
     */
    private void mustFail(Etcd etcd, EtcdException.Kind kind, int calls) {
        Etcd.Op put = new Etcd.Op.Put("/other/failing", new byte[100_000]);
        int failed = 0;
        for (int i = 0; failed < calls; i++) {
            assertThat(i).as("calls of which %d are %s", failed, kind).isLessThan(MAX_CALLS);
            Optional<Throwable> failure =
                    clock.call(() ->
                            etcd.txn(List.of(), List.of(put), List.of())
                                    .handle((done, thrown) -> Optional.ofNullable(thrown)));
            assertThat(failure).as("failure of a call, as etcd is %s", kind).isPresent();
            failed += isA(kind, failure.orElseThrow()) ? 1 : 0;
        }
    }

    @Test
    void aReaderReadsEverythingDespiteCompactionOfEtcd() throws Exception {
        EtcdServer server = start(1);
        Link link = link(server);
        EtcdLogNode writer = node(server.endpoints(), 1);
        EtcdLogNode reader = node(List.of(link.endpoint()), 2);
        mustBeAppended(append(writer, 5));
        await("the reader follows", () -> reader.seen().size() == 5);
        link.cut();
        mustBeAppended(append(writer, 20));
        Etcd other = client(server);
        Etcd.Op read = new Etcd.Op.Get("/");
        long now = clock.call(() -> other.txn(List.of(), List.of(read), List.of())).revision();
        clock.call(() -> other.compact(now).thenApply(done -> true));
        link.mend();
        mustBeAppended(append(writer, 5));

        assertAllEntries(List.of(writer, reader), 30, 0);
    }

    @Test
    void aWatchCutRightAfterOpeningSkipsNoEntry() throws Exception {
        EtcdServer server = start(1);
        Link link = link(server);
        EtcdLogNode writer = node(server.endpoints(), 1);
        EtcdLogNode reader = node(List.of(link.endpoint()), 2);
        mustBeAppended(append(writer, 5));
        await("the reader follows", () -> reader.seen().size() == 5);
        for (int i = 1; i <= CUTS; i++) {
            link.cut();
            mustBeAppended(append(writer, 5));
            CompletableFuture<Void> opened =
                    link.mendUntil(EtcdFaultsIT::opensWatch, CutSide.AFTER);
            await("etcd has its watch", opened::isDone);
            mustBeAppended(append(writer, 5));
        }
        link.cut();
        link.mend();

        assertAllEntries(List.of(writer, reader), 5 + 10 * CUTS, 0);
    }

    /** Only the request for a watch covers all keys and therefore contains the end of the range. */
    private static boolean opensWatch(String message) {
        return message.contains("/millrace/test/manifest0");
    }

    @Test
    void anAppendWithLostReplyIsInTheLogOnce() throws Exception {
        EtcdServer server = start(1);
        Link link = link(server);
        EtcdLogNode cutOff = node(List.of(link.endpoint()), 1);
        EtcdLogNode other = node(server.endpoints(), 2);
        mustBeAppended(append(cutOff, 3));
        link.holdReplies();
        CompletableFuture<AppendOutcome> append = cutOff.append();
        await("the entry is in the log", () -> other.head() == 4);
        assertThat(append).isNotDone();
        link.cut();
        mustBeAppended(append(other, 3));
        link.mend();
        mustBeAppended(List.of(append));
        mustBeAppended(append(cutOff, 3));

        assertAllEntries(List.of(cutOff, other), 7, 3);
    }

    @Test
    void anEntryWithReplyLostAcrossASealedEpochIsAppliedOnce() throws Exception {
        EtcdServer server = start(1);
        Link link = link(server);
        EtcdLogSettings sealing = EtcdLogSettings.DEFAULTS.withSealEntries(4);
        EtcdLogNode cutOff = new EtcdLogNode(List.of(link.endpoint()), bucket, sealing, 1);
        open.add(cutOff);
        EtcdLogNode sealer = new EtcdLogNode(server.endpoints(), bucket, sealing, 2);
        open.add(sealer);
        mustBeAppended(append(cutOff, 3));
        link.holdReplies();
        CompletableFuture<AppendOutcome> append = cutOff.append();
        await("the entry is in the log", () -> sealer.head() == 4);
        link.cut();
        await("its epoch is an archive", () -> sealer.archives() == 1);
        mustBeAppended(append(sealer, 3));
        link.mend();
        mustBeAppended(List.of(append));
        mustBeAppended(append(cutOff, 1));
        await("both have all", () -> sealer.applied().size() == 8 && cutOff.applied().size() == 8);

        assertThat(sealer.applied()).isEqualTo(cutOff.applied());
        assertThat(sealer.applied()).containsAll(all(1, 5)).containsAll(all(2, 3));
    }

    @Test
    void twoConcurrentSealersDoNoHarm() throws Exception {
        EtcdServer server = start(1);
        EtcdLogSettings sealing = EtcdLogSettings.DEFAULTS.withSealEntries(4);
        EtcdLogNode one = new EtcdLogNode(server.endpoints(), bucket, sealing, 1);
        open.add(one);
        EtcdLogNode two = new EtcdLogNode(server.endpoints(), bucket, sealing, 2);
        open.add(two);
        int entries = 0;
        while (Math.min(one.seals(), two.seals()) < SEALS_OF_EACH) {
            assertThat(++entries).as("entries before both have sealed").isLessThan(MAX_ENTRIES);
            List<CompletableFuture<AppendOutcome>> appends = append(one, 1);
            appends = Stream.concat(appends.stream(), append(two, 1).stream()).toList();
            // The node that is called first seals the epoch more often.
            (entries % 2 == 0 ? one : two).maintain();
            (entries % 2 == 0 ? two : one).maintain();
            mustBeAppended(appends);
        }
        EtcdLogNode late = node(server.endpoints(), 3);

        assertAllEntries(List.of(one, two, late), entries, entries);
        assertThat(late.archives()).isGreaterThan(1);
    }
}
