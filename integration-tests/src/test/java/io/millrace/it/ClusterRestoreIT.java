package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.metadata.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster loses its etcd altogether and is restored from its bucket, or from a backup of the
 * bucket. Each test has a copy of the bucket of a cluster whose entries are all archived.
 */
@Timeout(180)
class ClusterRestoreIT {

    private static final int RECORDS = 300;

    @TempDir static Path shared;

    private static EtcdServer formerEtcd;

    @TempDir Path folder;

    @BeforeAll
    static void writeAndLoseTheNodes() throws Exception {
        formerEtcd = EtcdServer.start(shared.resolve("etcd"));
        try (MillraceProcess node = node(formerEtcd, shared.resolve("bucket"))) {
            node.createTopic("logs", 1);
            try (VerifyProcess verify =
                    VerifyProcess.start(node.address(), "--duration", "3", "--topic", "verified")) {
                produce(node, RECORDS);
                verify.await().assertAllIsThere();
            }
            Eventually.await(
                    "all entries are archived",
                    () -> Meters.value(node, "millrace_metadata_restorable_age_seconds") == 0);
            node.kill();
        }
    }

    @AfterAll
    static void stopEtcd() throws InterruptedException {
        formerEtcd.close();
    }

    @Test
    void aClusterWithoutItsEtcdIsRestoredFromItsBucket() throws Exception {
        Path bucket = copyOfBucket();
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            String plan = restore(etcd, bucket, "--dry-run").ok().text();
            assertThat(plan).contains("0 missing", "Dry run: nothing was written.");

            String report = restore(etcd, bucket).ok().text();
            assertThat(report).contains("has the generation 2");
            try (MillraceProcess node = node(etcd, bucket)) {
                assertThat(read(node)).hasSize(RECORDS);
                assertThat(produce(node, 1)).isEqualTo(RECORDS);
                assertThat(restore(etcd, bucket))
                        .matches(result -> result.exit() == 1)
                        .extracting(MillraceCommandLine.Result::err)
                        .asString()
                        .contains("etcd has keys of the cluster");
                assertThat(startOfNode(formerEtcd, bucket))
                        .contains("has the identity", "another cluster named millrace");
                try (VerifyProcess verify =
                        VerifyProcess.start(node.address(), "--duration", "2")) {
                    verify.await().assertAllIsThere();
                }
            }
        }
    }

    @Test
    void oneOfTwoRestoresIntoTheSameEtcdWins() throws Exception {
        Path bucket = copyOfBucket();
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            CompletableFuture<MillraceCommandLine.Result> other =
                    CompletableFuture.supplyAsync(() -> restore(etcd, bucket));
            MillraceCommandLine.Result one = restore(etcd, bucket);

            assertThat(List.of(one.exit(), other.join().exit())).containsExactlyInAnyOrder(0, 1);
            try (MillraceProcess node = node(etcd, bucket)) {
                assertThat(read(node)).hasSize(RECORDS);
            }
        }
    }

    @Test
    void aHalfCopiedBucketIsRefusedWithTheNamesOfMissingObjects() throws Exception {
        Path bucket = copyOfBucket();
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            Path block = BucketFiles.pathsContaining(bucket, ",wal,").getFirst();
            Files.move(block, folder.resolve("block"));
            assertThat(restore(etcd, bucket).err())
                    .contains("lacks 1 of ", block.getFileName().toString().replace(',', '/'));
            Files.move(folder.resolve("block"), block);

            for (Path checkpoint : BucketFiles.pathsContaining(bucket, ",meta,")) {
                Files.delete(checkpoint);
            }
            assertThat(restore(etcd, bucket).err())
                    .contains("archives and checkpoints that its log manifest lists", "/meta/");
            assertThat(restore(etcd, bucket, "--cluster", "other").err())
                    .contains("cluster named other", "It has those of millrace.");
            assertThat(restore(etcd, copyOfBucket()).exit()).as("nothing was changed").isZero();
        }
    }

    @Test
    void aBackupIsRestoredIntoAnotherBucket() throws Exception {
        Path backup = folder.resolve("backup");
        Path empty = folder.resolve("empty");
        String first = backup(backup).ok().text();
        String second = backup(backup).ok().text();
        assertThat(first).contains("Complete: ");
        assertThat(second).contains("copied 0 of them", " 0 to copy");
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            restore(etcd, empty, "--from", "file:" + backup).ok();
            try (MillraceProcess node = node(etcd, empty)) {
                assertThat(read(node)).hasSize(RECORDS);
                assertThat(produce(node, 1)).isEqualTo(RECORDS);
            }
        }
    }

    private Path copyOfBucket() throws IOException {
        Path copy = Files.createTempDirectory(folder, "bucket");
        Path from = shared.resolve("bucket");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path to = copy.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(path, to);
                }
            }
        }
        return copy;
    }

    /** Returns the offset of the first record. */
    private static long produce(MillraceProcess node, int records) {
        try (MillraceClient client = MillraceClient.connect(node.address());
                Producer producer = client.producer()) {
            List<CompletableFuture<ProduceResult>> results = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                results.add(producer.send(OutgoingRecord.of("logs", null, new byte[100])));
            }
            results.forEach(CompletableFuture::join);
            return results.getFirst().join().offset();
        }
    }

    private static List<?> read(MillraceProcess node) {
        ManagedChannel channel = node.connect();
        try {
            return PartitionReader.all(channel, "logs", 0);
        } finally {
            channel.shutdownNow();
        }
    }

    private static MillraceCommandLine.Result restore(
            EtcdServer etcd, Path bucket, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "cluster",
                                "restore",
                                "--etcd",
                                etcd.addresses(),
                                "--bucket",
                                "file:" + bucket));
        command.addAll(List.of(more));
        return MillraceCommandLine.runProcess(command.toArray(String[]::new));
    }

    private static MillraceCommandLine.Result backup(Path to) {
        return MillraceCommandLine.runProcess(
                "cluster",
                "backup",
                "--bucket",
                "file:" + shared.resolve("bucket"),
                "--to",
                "file:" + to,
                "--objects");
    }

    private static MillraceProcess node(EtcdServer etcd, Path bucket) {
        return launch(etcd, bucket).awaitReady();
    }

    /** Returns the error of a start that must fail. */
    private static String startOfNode(EtcdServer etcd, Path bucket) {
        try (MillraceProcess node = node(etcd, bucket)) {
            throw new IllegalStateException("the node started: " + node.address());
        } catch (AssertionError refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private static MillraceProcess.Launched launch(EtcdServer etcd, Path bucket) {
        return MillraceProcess.launchNode(
                0,
                Map.of(
                        "MILLRACE_SEAL_AGE_S", "1",
                        "MILLRACE_NODE_LEASE_S", "2",
                        "MILLRACE_PROFILE", "latency"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + bucket);
    }
}
