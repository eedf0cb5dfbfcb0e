package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fetch nodes of one zone, each a process, that all read the records of an ingest node, with a
 * bucket on an S3 server.
 */
@Tag(TestScale.FULL)
class ZonePeersIT {

    private static final int PARTITIONS = 4;
    private static final int BATCHES_PER_SECOND = 40;
    private static final int ROUND = 300;

    @TempDir Path folder;
    private EtcdServer etcd;
    private SharedServers.Bucket s3;
    private MillraceProcess writes;
    private ManagedChannel toWriter;
    private final List<MillraceProcess> reads = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<TailReader> readers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 1);
        s3 = SharedServers.newBucket();
        writes = node("writes", "ingest");
        toWriter = writes.connect();
        writes.createTopic("t", PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        readers.forEach(TailReader::close);
        channels.forEach(ManagedChannel::shutdownNow);
        toWriter.shutdownNow();
        reads.forEach(MillraceProcess::close);
        writes.close();
        etcd.close();
    }

    private MillraceProcess node(String id, String role) {
        return MillraceProcess.node(
                0,
                Map.of(
                        "MILLRACE_NODE_LEASE_S",
                        "5",
                        "AWS_ACCESS_KEY_ID",
                        "local",
                        "AWS_SECRET_ACCESS_KEY",
                        "local"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                s3.url(),
                "--s3-endpoint",
                s3.endpoint().toString(),
                "--node-id",
                id,
                "--zone",
                "a",
                "--roles",
                role);
    }

    /** Starts another fetch node, with a reader from the first record on. */
    private void startFetchNode() {
        MillraceProcess node = node("reads" + reads.size(), "fetch");
        reads.add(node);
        readFrom(node);
    }

    private void readFrom(MillraceProcess node) {
        ManagedChannel channel = node.connect();
        channels.add(channel);
        readers.add(new TailReader(channel, "t", PARTITIONS));
    }

    private PatientWriter write() {
        return new PatientWriter(toWriter, "t", PARTITIONS, BATCHES_PER_SECOND);
    }

    /** Waits until the readers have every record acknowledged so far, each exactly once. */
    private void awaitDelivery(PatientWriter writer) {
        long acknowledged = writer.acknowledgements();
        for (TailReader reader : readers) {
            await(
                    "delivery",
                    () -> recordsOf(reader) >= acknowledged * PatientWriter.RECORDS_PER_BATCH);
        }
    }

    private static long recordsOf(TailReader reader) {
        long records = 0;
        for (int p = 0; p < PARTITIONS; p++) {
            records += reader.next(p);
        }
        return records;
    }

    private long peerReads(MillraceProcess node, String result) {
        return Meters.sum(node, "millrace_fetch_peer_reads_total{result=\"" + result + "\"");
    }

    @Test
    void aPausedOrKilledLoaderCausesNoLossOrDuplicate() throws Exception {
        for (int i = 0; i < 3; i++) {
            startFetchNode();
        }
        try (PatientWriter writer = write()) {
            await("load", () -> writer.acknowledgements() > ROUND);
            awaitDelivery(writer);
            MillraceProcess lost = reads.removeLast();
            readers.removeLast().close();

            lost.pause();
            proceed(writer, "a node that sleeps");
            assertThat(reads.stream().mapToLong(node -> peerReads(node, "silent")).sum())
                    .isPositive();
            lost.resume();
            proceed(writer, "a node that woke up");
            lost.kill();
            proceed(writer, "a node that was killed");

            writer.finish();
            awaitDelivery(writer);
            for (ManagedChannel channel : channels.subList(0, reads.size())) {
                writer.checkStored(channel);
            }
        }
    }

    private void proceed(PatientWriter writer, String without) {
        long beganNanos = System.nanoTime();
        long goal = writer.acknowledgements() + ROUND / 2;
        await("load", () -> writer.acknowledgements() > goal);
        long writtenNanos = System.nanoTime();
        awaitDelivery(writer);
        System.out.printf(
                "ZonePeersIT: beside %s, what %d ms wrote is read %d ms later%n",
                without,
                TimeUnit.NANOSECONDS.toMillis(writtenNanos - beganNanos),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - writtenNanos));
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new AssertionError("no " + what + " in 60 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
