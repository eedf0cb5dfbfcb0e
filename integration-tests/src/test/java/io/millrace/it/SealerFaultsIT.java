package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.it.Link.CutSide;
import io.millrace.it.LinkedCluster.Node;
import io.millrace.storage.TestScale;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The node that seals the log is killed or paused at each of its steps, under load. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SealerFaultsIT {

    private static final int PARTITIONS = 4;
    private static final int PACE = 8;

    /** More than the history of etcd that a sealer retains. */
    private static final int LONG_HISTORY = 10_200;

    /** A step of a sealer, recognized by its request to the bucket or to etcd. */
    private enum SealerStep {
        BUMP(false) {
            @Override
            boolean isSaidBy(String message) {
                return message.contains("/epoch")
                        && !message.contains("/log/")
                        && !message.contains("/manifest");
            }
        },
        PUT_ARCHIVE(true) {
            @Override
            boolean isSaidBy(String message) {
                return message.startsWith("PUT ") && message.contains("/meta/archive-");
            }
        },
        REPLACE_MANIFEST(false) {
            @Override
            boolean isSaidBy(String message) {
                return message.contains("/manifest")
                        && message.contains("/log/0")
                        && !message.contains("/log/head");
            }
        },
        COMPACT_HISTORY(false) {
            @Override
            boolean isSaidBy(String message) {
                // A data frame whose message is one small number, but not a TTL.
                boolean data = message.length() > 14 && message.charAt(3) == 0;
                int length = message.length() - 14;
                return data && length >= 3 && length <= 5 && message.charAt(14) == 8;
            }
        },
        PUT_CHECKPOINT(true) {
            @Override
            boolean isSaidBy(String message) {
                return message.startsWith("PUT ") && message.contains("/meta/checkpoint-");
            }
        };

        private final boolean toBucket;

        SealerStep(boolean toBucket) {
            this.toBucket = toBucket;
        }

        abstract boolean isSaidBy(String message);
    }

    private record CutPoint(SealerStep step, CutSide side) {}

    private static final List<CutPoint> KILLS =
            TestScale.cases(
                    List.of(
                            new CutPoint(SealerStep.REPLACE_MANIFEST, CutSide.AFTER),
                            new CutPoint(SealerStep.PUT_ARCHIVE, CutSide.BEFORE)),
                    List.of(
                            new CutPoint(SealerStep.BUMP, CutSide.BEFORE),
                            new CutPoint(SealerStep.REPLACE_MANIFEST, CutSide.AFTER),
                            new CutPoint(SealerStep.PUT_ARCHIVE, CutSide.BEFORE),
                            new CutPoint(SealerStep.COMPACT_HISTORY, CutSide.AFTER),
                            new CutPoint(SealerStep.PUT_CHECKPOINT, CutSide.AFTER),
                            new CutPoint(SealerStep.REPLACE_MANIFEST, CutSide.BEFORE)));

    private static final List<SealerStep> SLEEPS =
            TestScale.cases(
                    List.of(SealerStep.REPLACE_MANIFEST),
                    List.of(SealerStep.PUT_ARCHIVE, SealerStep.REPLACE_MANIFEST, SealerStep.BUMP));

    @TempDir static Path folder;
    private LinkedCluster cluster;
    private int topics;
    private ManagedChannel channel;
    private PatientWriter writer;
    private Node written;

    @BeforeAll
    void start() throws Exception {
        cluster = LinkedCluster.start(folder, 2);
    }

    @BeforeEach
    void load() {
        String topic = "t" + ++topics;
        written = cluster.node(1);
        written.process().createTopic(topic, PARTITIONS);
        channel = written.process().connect();
        writer = new PatientWriter(channel, topic, PARTITIONS, PACE);
    }

    @AfterEach
    void unload() {
        writer.close();
        channel.shutdownNow();
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    /** Cuts off the sealing node at the given step. */
    private Node cutOffAt(CutPoint stop) {
        Predicate<String> message = stop.step()::isSaidBy;
        List<CompletableFuture<Node>> sprung =
                cluster.nodes().stream()
                        // A node that is still starting does not seal yet.
                        .filter(Node::isReady)
                        .map(node ->
                                (stop.step().toBucket ? node.bucket : node.etcd)
                                        .holdAt(message, stop.side())
                                        .thenApply(done -> node))
                        .toList();
        Node[] sealer = new Node[1];
        LinkedCluster.await(
                "sealer at " + stop,
                () ->
                        sprung.stream()
                                .filter(CompletableFuture::isDone)
                                .findFirst()
                                .map(first -> sealer[0] = first.join())
                                .isPresent());
        cluster.nodes().stream().filter(node -> node != sealer[0]).forEach(Node::mend);
        return sealer[0];
    }

    private Node otherThan(Node node) {
        return cluster.nodes().stream().filter(each -> each != node).findFirst().orElseThrow();
    }

    private void writeTo(Node node, int endsBefore) {
        LinkedCluster.await("end of the stream", () -> writer.ends().size() > endsBefore);
        channel.shutdownNow();
        written = node;
        channel = node.process().connect();
        writer.connect(channel);
    }

    private void mustBeWhole() {
        cluster.nodes().forEach(Node::awaitReady);
        writer.finish();
        for (Node node : cluster.nodes()) {
            ManagedChannel reading = node.process().connect();
            writer.checkStored(reading);
            reading.shutdownNow();
        }
        long entries = cluster.liveEntries();
        LinkedCluster.await("sealing of the rest", () -> cluster.liveEntries() == 0);
        System.out.printf(
                "SealerFaultsIT: all %d acknowledged batches are present; %d entries were archived at the end%n",
                writer.acknowledgements(), entries);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    @Test
    void theOtherNodeSealsAfterAKillAtAnyStep() throws IOException {
        if (KILLS.stream().anyMatch(stop -> stop.step() == SealerStep.COMPACT_HISTORY)) {
            cluster.addHistory(LONG_HISTORY);
        }
        for (CutPoint stop : KILLS) {
            Node sealer = cutOffAt(stop);
            Node other = otherThan(sealer);
            other.awaitReady();
            int ends = writer.ends().size();
            long acknowledged = writer.acknowledgements();
            sealer.kill();
            long killedNanos = System.nanoTime();
            if (written == sealer) {
                writeTo(other, ends);
            }
            LinkedCluster.await("service", () -> writer.acknowledgements() > acknowledged + 5);
            long serviceMillis = millisSince(killedNanos);
            long archived = cluster.archivedEpochs();
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > archived + 1);
            System.out.printf(
                    "SealerFaultsIT: killed at %s: service after %d ms, two more epochs sealed after %d ms%n",
                    stop, serviceMillis, millisSince(killedNanos));
            sealer.startWithoutWaiting();
        }
        mustBeWhole();
    }

    @Test
    void aSealerResumedEpochsLaterRevertsNothing() {
        for (SealerStep step : SLEEPS) {
            Node sleeper = cutOffAt(new CutPoint(step, CutSide.BEFORE));
            Node other = otherThan(sleeper);
            sleeper.process().pause();
            if (written == sleeper) {
                // Its connection stays open, as that of a suspended machine.
                int ends = writer.ends().size();
                channel.shutdownNow();
                writeTo(other, ends);
            }
            long archived = cluster.archivedEpochs();
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > archived + 1);
            long before = cluster.archivedEpochs();
            sleeper.process().resume();
            sleeper.mend();
            long wokenNanos = System.nanoTime();
            try (Probe probe = new Probe(sleeper.process().address())) {
                probe.store();
            }
            System.out.printf(
                    "SealerFaultsIT: paused at %s while epochs %d to %d were sealed; serves after %d ms%n",
                    step, archived, before, millisSince(wokenNanos));
            assertThat(cluster.archivedEpochs()).isGreaterThanOrEqualTo(before);
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > before + 1);
        }
        mustBeWhole();
    }
}
