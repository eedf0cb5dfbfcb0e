package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The requests of a cluster to etcd, by etcd's own counters. They do not depend on the number of
 * partitions.
 */
@SystemAccess("makes threads, and lets time pass")
@Tag("serial")
class EtcdCostIT {

    private static final int NODES = 3;
    private static final int PARTITIONS = 1_000;
    private static final int SECONDS = TestScale.count(8, 30);
    private static final int ROUNDS_PER_SECOND = 4;

    /** The maximum number of transactions per node in a second without entries. */
    private static final int IDLE_PER_SECOND = 2;

    /** The number of transactions to seal an epoch. */
    private static final int SEALING = 10;

    private static final String APPENDS = "millrace_metadata_append_seconds_count";
    private static final String BLOCKS = "millrace_ingest_block_sealed_total";
    private static final String ENTRIES = "millrace_metadata_entries_total";

    private static final String TRANSACTIONS =
            "millrace_etcd_request_seconds_count{operation=\"txn\"";

    @TempDir Path folder;

    @Test
    void aBlockCostsOneTransactionForAnyNumberOfPartitions() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            List<MillraceProcess> nodes = new ArrayList<>();
            try {
                for (int i = 0; i < NODES; i++) {
                    nodes.add(node(etcd, i));
                }
                try (MillraceClient client = connect(nodes.getFirst())) {
                    client.topics().create("t", PARTITIONS, Map.of());
                }
                measure(etcd, nodes);
            } finally {
                nodes.forEach(MillraceProcess::close);
            }
        }
    }

    private MillraceProcess node(EtcdServer etcd, int number) {
        return MillraceProcess.node(
                0,
                Map.of(),
                "--etcd",
                etcd.endpoints().getFirst().toString(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "n" + number);
    }

    private static MillraceClient connect(MillraceProcess node) {
        return MillraceClient.connect(ClientSettings.of(node.address()).withoutDiscovery());
    }

    private static void measure(EtcdServer etcd, List<MillraceProcess> nodes) throws Exception {
        for (MillraceProcess node : nodes) {
            // A node that lists the topic has applied all earlier entries.
            try (MillraceClient client = connect(node)) {
                assertThat(client.topics().describe("t").partitions()).hasSize(PARTITIONS);
            }
        }
        long beganNanos = System.nanoTime();
        long transactionsBefore = etcd.transactions();
        long meteredBefore = sum(nodes, TRANSACTIONS);
        long appendsBefore = sum(nodes, APPENDS);
        long blocksBefore = sum(nodes, BLOCKS);
        long entriesBefore = sum(nodes, ENTRIES);
        int records = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(NODES)) {
            List<Future<Integer>> writing =
                    nodes.stream().map(node -> threads.submit(() -> write(node))).toList();
            for (Future<Integer> future : writing) {
                records += future.get();
            }
        }
        Eventually.await(
                "every node applies every append",
                () ->
                        sum(nodes, ENTRIES) - entriesBefore
                                == NODES * (sum(nodes, APPENDS) - appendsBefore));
        long appends = sum(nodes, APPENDS) - appendsBefore;
        long blocks = sum(nodes, BLOCKS) - blocksBefore;
        long metered = sum(nodes, TRANSACTIONS) - meteredBefore;
        long transactions = etcd.transactions() - transactionsBefore;
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos);
        System.out.printf(
                "EtcdCostIT: %d records into %d partitions through %d nodes: %d blocks, %d appends, %d transactions of etcd%n",
                records, PARTITIONS, NODES, blocks, appends, transactions);

        // A transaction of each node may have been unanswered at the first reading.
        assertThat(metered).isBetween(appends, transactions + NODES);
        assertThat(blocks).isGreaterThan(SECONDS);
        // Each producer requests an id once.
        assertThat(appends).isLessThanOrEqualTo(blocks + NODES);
        // A node without entries for a second requests the end of the log, and reads missed
        // entries. More partitions or appends cause no further requests.
        assertThat(transactions)
                .isBetween(appends, appends + IDLE_PER_SECOND * NODES * (seconds + 1) + SEALING);
    }

    /** Writes records to all partitions, one after another, and waits until all are stored. */
    private static int write(MillraceProcess node) {
        byte[] value = "x".repeat(100).getBytes(UTF_8);
        LongAdder stored = new LongAdder();
        try (MillraceClient client = connect(node);
                Producer producer = client.producer()) {
            long beganNanos = System.nanoTime();
            for (int round = 0; round < SECONDS * ROUNDS_PER_SECOND; round++) {
                for (int p = 0; p < PARTITIONS; p++) {
                    producer.send(OutgoingRecord.of("t", null, value).withPartition(p))
                            .thenRun(stored::increment);
                }
                long next =
                        beganNanos + TimeUnit.SECONDS.toNanos(1) * (round + 1) / ROUNDS_PER_SECOND;
                for (long left = next - System.nanoTime();
                        left > 0;
                        left = next - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            producer.flush();
        }
        assertThat(stored.intValue()).isEqualTo(SECONDS * ROUNDS_PER_SECOND * PARTITIONS);
        return stored.intValue();
    }

    private static long sum(List<MillraceProcess> nodes, String metric) {
        return nodes.stream().mapToLong(node -> Meters.sum(node, metric)).sum();
    }
}
