package io.millrace.it;

import io.millrace.client.MillraceClient;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A group whose members join, leave, are killed and are paused, while coordinators are killed and
 * paused and etcd fails. No two members process a partition at a time, every record is handled, and
 * records that were committed before a proper release are handled once.
 */
@SystemAccess("waits for processes in real time")
@Timeout(300)
class GroupFaultsIT {

    private static final int PARTITIONS = 6;
    private static final int MAX_MEMBERS = 4;
    private static final String[] NODES = {"n0", "n1"};
    private static final Duration LASTS =
            TestScale.duration(Duration.ofSeconds(15), Duration.ofSeconds(40));
    private static final Duration ETCD_AWAY = Duration.ofSeconds(6);

    @TempDir Path folder;
    private final long seed = TestScale.seed(GroupFaultsIT.class);
    private final Random random = new Random(seed);
    private final List<String> log = new ArrayList<>();
    private FolderCluster cluster;
    private RecordedGroup group;

    @BeforeEach
    void start() throws Exception {
        cluster = FolderCluster.withOwnEtcd(folder, NODES);
        cluster.node("n0").createTopic("t", PARTITIONS);
        group = new RecordedGroup(cluster, folder, new RecordedGroup.Spec("g", "t", PARTITIONS, 5));
    }

    @AfterEach
    void stop() throws Exception {
        group.close();
        cluster.close();
    }

    private MemberProcess any() {
        return group.alive().get(random.nextInt(group.alive().size()));
    }

    private void startMember() throws IOException {
        String instanceId = random.nextBoolean() ? "" : "i" + group.size();
        log.add(group.startMember(instanceId).name() + " joins");
    }

    private void endMember() throws IOException {
        MemberProcess member = any();
        group.endMember(member);
        log.add(member.name() + " leaves");
    }

    private void killMember() throws IOException, InterruptedException {
        MemberProcess member = any();
        group.killMember(member);
        log.add(member.name() + " is killed");
        if (!member.instanceId().isEmpty()) {
            log.add(group.startMember(member.instanceId()).name() + " replaces it");
        }
    }

    private void pauseMember() throws IOException, InterruptedException {
        MemberProcess member = any();
        Duration length = Duration.ofMillis(500 + random.nextInt(6_000));
        log.add(member.name() + " is paused for " + length.toMillis() + " ms");
        member.pause();
        pass(length);
        member.resume();
    }

    private void killNode() {
        String which = NODES[random.nextInt(NODES.length)];
        cluster.node(which).kill();
        cluster.start(which);
        log.add(which + " is killed and started again");
    }

    /** For longer or shorter than the lease of the node. */
    private void pauseNode() {
        String which = NODES[random.nextInt(NODES.length)];
        Duration length = Duration.ofMillis(500 + random.nextInt(6_000));
        log.add(which + " is paused for " + length.toMillis() + " ms");
        cluster.node(which).pause();
        pass(length);
        cluster.node(which).resume();
    }

    private void stopEtcd() throws Exception {
        cluster.etcd.kill();
        pass(ETCD_AWAY);
        cluster.etcd.restart();
        log.add("etcd is down for " + ETCD_AWAY.toSeconds() + " s");
    }

    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void injectFault() throws Exception {
        int what = random.nextInt(100);
        if (group.alive().size() < 2 || what < 25 && group.alive().size() < MAX_MEMBERS) {
            startMember();
        } else if (what < 45) {
            endMember();
        } else if (what < 65) {
            killMember();
        } else if (what < 85) {
            pauseMember();
        } else if (what < 93) {
            killNode();
        } else {
            pauseNode();
        }
    }

    @Test
    void partitionsHaveOneOwnerAndEveryRecordIsHandled() throws Exception {
        // The writer must not lose time: at least one node is always alive.
        try (MillraceClient client = MillraceClient.connect(cluster.addresses());
                SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
            for (int i = 0; i < MAX_MEMBERS; i++) {
                startMember();
            }
            long end = System.nanoTime() + LASTS.toNanos();
            boolean etcdWasAway = false;
            while (System.nanoTime() < end) {
                pass(Duration.ofMillis(random.nextInt(3_000)));
                injectFault();
                if (!etcdWasAway && end - System.nanoTime() < LASTS.toNanos() / 2) {
                    etcdWasAway = true;
                    stopEtcd();
                }
            }
            int[] ends = writer.ends();
            group.endAndCheck("seed %d: %s".formatted(seed, log), client, ends);
            System.out.printf(
                    "GroupFaultsIT: %d records; %d members and %d changes of hands in: %s%n",
                    Arrays.stream(ends).sum(),
                    group.size(),
                    group.history().ownerships(),
                    String.join("; ", log));
        }
    }
}
