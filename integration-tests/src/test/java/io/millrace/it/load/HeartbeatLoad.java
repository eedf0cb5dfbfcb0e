package io.millrace.it.load;

import io.millrace.it.differential.WireConnection;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Classic groups of members that only send heartbeats, each over a connection of its own and every
 * three seconds, as consumers do by default.
 */
@SystemAccess("measures a server")
final class HeartbeatLoad {

    private static final long HEARTBEAT_MILLIS = 3_000;
    private static final int SESSION_MILLIS = 45_000;
    private static final int REBALANCE_MILLIS = 60_000;

    private final String address;
    private final ServerProcess server;
    private final int groups;
    private final int members;
    private final CountDownLatch joined;
    private final LongAdder heartbeats = new LongAdder();
    private final LongAdder rejoins = new LongAdder();

    HeartbeatLoad(String address, ServerProcess server, int groups, int members) {
        this.address = address;
        this.server = server;
        this.groups = groups;
        this.members = members;
        this.joined = new CountDownLatch(groups * members);
    }

    /** Prints the server's CPU during a number of seconds of heartbeats. */
    void run(int seconds) throws Exception {
        System.out.printf("%d groups of %d members%n", groups, members);
        for (int group = 0; group < groups; group++) {
            String name = "heartbeats-" + group;
            for (int member = 0; member < members; member++) {
                Thread.ofVirtual().start(() -> live(name));
            }
            // Not all connections at once.
            Thread.sleep(Duration.ofMillis(20));
        }
        joined.await();
        for (int round = 1; round <= 3; round++) {
            long before = heartbeats.sum();
            long rejoinsBefore = rejoins.sum();
            double cpu = server.cpuSeconds();
            long since = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds));
            double elapsed = (System.nanoTime() - since) / 1e9;
            double used = server.cpuSeconds() - cpu;
            long beats = heartbeats.sum() - before;
            System.out.printf(
                    "round %d: %.0f heartbeats a second, server CPU %.1f %% of a core, %.0f us for each,"
                            + " %d members joined again, peak memory %d MiB%n",
                    round,
                    beats / elapsed,
                    100 * used / elapsed,
                    1e6 * used / beats,
                    rejoins.sum() - rejoinsBefore,
                    server.peakMemoryMib());
        }
    }

    private void live(String group) {
        boolean counted = false;
        while (true) {
            try (WireConnection connection = new WireConnection(address)) {
                String member = "";
                while (true) {
                    Membership own = join(connection, group, member);
                    member = own.member();
                    if (!counted) {
                        counted = true;
                        joined.countDown();
                    } else {
                        rejoins.increment();
                    }
                    member = beat(connection, group, own);
                }
            } catch (IOException closed) {
                rejoins.increment();
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    private Membership join(WireConnection connection, String group, String member)
            throws IOException, InterruptedException {
        String known = member;
        while (true) {
            var request =
                    new JoinGroupRequestData()
                            .setGroupId(group)
                            .setMemberId(known)
                            .setProtocolType("load")
                            .setSessionTimeoutMs(SESSION_MILLIS)
                            .setRebalanceTimeoutMs(REBALANCE_MILLIS);
            request.protocols()
                    .add(
                            new JoinGroupRequestData.JoinGroupRequestProtocol()
                                    .setName("none")
                                    .setMetadata(new byte[0]));
            var reply = (JoinGroupResponseData) call(connection, ApiKeys.JOIN_GROUP, 9, request);
            known = reply.memberId();
            switch (Errors.forCode(reply.errorCode())) {
                case NONE -> {
                    if (synced(connection, group, reply)) {
                        return new Membership(known, reply.generationId());
                    }
                }
                case MEMBER_ID_REQUIRED -> {}
                case UNKNOWN_MEMBER_ID -> known = "";
                default -> Thread.sleep(100);
            }
        }
    }

    private boolean synced(WireConnection connection, String group, JoinGroupResponseData joined)
            throws IOException {
        List<SyncGroupRequestData.SyncGroupRequestAssignment> assignments = new ArrayList<>();
        joined.members()
                .forEach(member ->
                        assignments.add(
                                new SyncGroupRequestData.SyncGroupRequestAssignment()
                                        .setMemberId(member.memberId())
                                        .setAssignment(new byte[0])));
        var request =
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(joined.memberId())
                        .setGenerationId(joined.generationId())
                        .setProtocolType("load")
                        .setProtocolName("none")
                        .setAssignments(assignments);
        var reply = (SyncGroupResponseData) call(connection, ApiKeys.SYNC_GROUP, 5, request);
        return reply.errorCode() == Errors.NONE.code();
    }

    /** Sends heartbeats until one is refused; returns the id with which the member joins again. */
    private String beat(WireConnection connection, String group, Membership own)
            throws IOException, InterruptedException {
        // Members of one group joined together, but their heartbeats are spread.
        Thread.sleep(ThreadLocalRandom.current().nextLong(HEARTBEAT_MILLIS));
        while (true) {
            var request =
                    new HeartbeatRequestData()
                            .setGroupId(group)
                            .setMemberId(own.member())
                            .setGenerationId(own.generation());
            var reply = (HeartbeatResponseData) call(connection, ApiKeys.HEARTBEAT, 4, request);
            Errors error = Errors.forCode(reply.errorCode());
            if (error != Errors.NONE) {
                return error == Errors.UNKNOWN_MEMBER_ID ? "" : own.member();
            }
            heartbeats.increment();
            Thread.sleep(HEARTBEAT_MILLIS);
        }
    }

    private static ApiMessage call(
            WireConnection connection, ApiKeys api, int version, ApiMessage request)
            throws IOException {
        return connection
                .call(api, (short) version, request)
                .orElseThrow(() -> new IOException("the server closed the connection"));
    }

    private record Membership(String member, int generation) {}
}
