package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Alive;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.Lost;
import io.millrace.protocol.v1.PartitionFailed;
import io.millrace.protocol.v1.PartitionName;
import io.millrace.protocol.v1.Revoke;
import io.millrace.protocol.v1.Sought;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeRequest.RequestCase;
import io.millrace.protocol.v1.SubscribeResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjLongConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's core with a script in place of node, handlers, listener and clock. Handlers
 * return and the listener is told when the script says so.
 */
final class CoreWorld {

    static final TopicPartition P0 = new TopicPartition("t", 0);
    static final TopicPartition P1 = new TopicPartition("t", 1);
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    static final Duration INTERVAL = Duration.ofSeconds(3);

    final SubscriptionCore core;
    final List<SubscribeRequest> sent = new ArrayList<>();
    final List<HandlerRun> runs = new ArrayList<>();
    final List<SubscriptionStep.Notice> notices = new ArrayList<>();
    final List<SubscriptionStep.Notice> untold = new ArrayList<>();
    int hungUp;
    boolean over;
    @Nullable MillraceException failure;
    long now = 5_000_000_000L;

    CoreWorld(SubscriptionSettings settings) {
        core = new SubscriptionCore(settings, "z", "run", now);
    }

    static SubscriptionSettings.Builder settings() {
        return SubscriptionSettings.of("g", List.of("t")).sessionTimeout(TIMEOUT);
    }

    /** A member that was assigned these at zero, whose listener knows. */
    static CoreWorld with(SubscriptionSettings settings, TopicPartition... partitions) {
        CoreWorld world = new CoreWorld(settings);
        world.join("m1");
        world.assign(0, partitions);
        world.tellAll();
        return world;
    }

    void does(ObjLongConsumer<SubscriptionCore> what) {
        what.accept(core, now);
        drain();
    }

    private void drain() {
        for (var step = core.poll(); step != null; step = core.poll()) {
            switch (step) {
                case SubscriptionStep.Send(var request) -> sent.add(request);
                case SubscriptionStep.Begin(var run) -> runs.add(run);
                case SubscriptionStep.Tell(var notice) -> {
                    notices.add(notice);
                    untold.add(notice);
                }
                case SubscriptionStep.HangUp(var why) -> hungUp++;
                case SubscriptionStep.Settle(var completion) -> completion.run();
                case SubscriptionStep.Over(var why) -> {
                    over = true;
                    failure = why;
                }
            }
        }
    }

    /** Opens a stream; returns its first message. */
    SubscribeRequest open() {
        SubscribeRequest first = core.open(now);
        drain();
        return first;
    }

    void join(String memberId) {
        open();
        hear(joined(memberId));
    }

    static SubscribeResponse.Builder joined(String memberId) {
        return SubscribeResponse.newBuilder()
                .setJoined(
                        Joined.newBuilder()
                                .setMemberId(memberId)
                                .setHeartbeatIntervalMs((int) INTERVAL.toMillis())
                                .setSessionTimeoutMs((int) TIMEOUT.toMillis()));
    }

    void hear(SubscribeResponse.Builder response) {
        does((state, at) -> state.heard(response.build(), at));
    }

    void assign(long position, TopicPartition... partitions) {
        Assigned.Builder assigned = Assigned.newBuilder();
        for (TopicPartition id : partitions) {
            assigned.addPartitions(
                    AssignedPartition.newBuilder()
                            .setTopic(id.topic())
                            .setPartition(id.partition())
                            .setPosition(position)
                            .setMetadata("kept"));
        }
        hear(SubscribeResponse.newBuilder().setAssigned(assigned));
    }

    void revoke(TopicPartition id) {
        hear(SubscribeResponse.newBuilder().setRevoke(Revoke.newBuilder().addPartitions(name(id))));
    }

    void lose(TopicPartition id) {
        hear(SubscribeResponse.newBuilder().setLost(Lost.newBuilder().addPartitions(name(id))));
    }

    void alive(long messages) {
        hear(SubscribeResponse.newBuilder().setAlive(Alive.newBuilder().setMessages(messages)));
    }

    /** The node has followed all seeks that it was sent. */
    void sought(TopicPartition id, long position) {
        sought(id, position, 1_000);
    }

    void sought(TopicPartition id, long position, int seeks) {
        hear(
                SubscribeResponse.newBuilder()
                        .setSought(
                                Sought.newBuilder()
                                        .setTopic(id.topic())
                                        .setPartition(id.partition())
                                        .setPosition(position)
                                        .setSeeks(seeks)));
    }

    void fails(TopicPartition id, Reason reason) {
        hear(
                SubscribeResponse.newBuilder()
                        .setFailed(
                                PartitionFailed.newBuilder()
                                        .setTopic(id.topic())
                                        .setPartition(id.partition())
                                        .setError(new Problem(reason, "It fails.").toStatus())));
    }

    private static PartitionName name(TopicPartition id) {
        return PartitionName.newBuilder().setTopic(id.topic()).setPartition(id.partition()).build();
    }

    /** The node sends one batch of records whose values are their offsets. */
    void send(TopicPartition id, long from, long to) {
        send(id, batch(from, to));
    }

    void send(TopicPartition id, byte[] batches) {
        hear(
                SubscribeResponse.newBuilder()
                        .setBatches(
                                Batches.newBuilder()
                                        .setTopic(id.topic())
                                        .setPartition(id.partition())
                                        .setBatches(ByteString.copyFrom(batches))
                                        .setHighWatermark(1_000)));
    }

    static byte[] batch(long from, long to) {
        BatchWriter writer = new BatchWriter(1024);
        IntStream.range((int) from, (int) to)
                .forEach(i ->
                        writer.append(
                                null,
                                Integer.toString(i).getBytes(StandardCharsets.UTF_8),
                                List.of(),
                                i));
        writer.seal(CompressionCodec.NONE);
        byte[] bytes = writer.toByteString().toByteArray();
        MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                .batches()
                .iterator()
                .next()
                .setLastOffset(to - 1);
        return bytes;
    }

    /** Several batches, as a node sends them in one message. */
    static byte[] batches(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The offsets from the first to before the last. */
    static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    static void failing(ReadBatch batch) {
        throw new IllegalStateException("the handler's own trouble");
    }

    /** Somebody commits an offset by hand. */
    CompletableFuture<Void> commit(TopicPartition partition, long offset) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.Mark mark = new CommitLedger.Mark(offset, "");
        does((state, at) -> state.commit(partition, mark, stored, at));
        return stored;
    }

    static void assertRefused(CompletableFuture<Void> stored, Reason reason) {
        assertThat(stored)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        MillraceException.class,
                        failure -> assertThat(failure.reason()).contains(reason));
    }

    /** The listener hears all that it is to be told, and returns. */
    void tellAll() {
        while (!untold.isEmpty()) {
            SubscriptionStep.Notice notice = untold.removeFirst();
            does((state, at) -> state.told(notice, null, at));
        }
    }

    /** The oldest handler that runs takes all it has, and returns; returns what it was given. */
    List<Long> handle() {
        List<Long> offsets = new ArrayList<>();
        handle(batch -> batch.forEach(record -> offsets.add(record.offset())));
        return offsets;
    }

    void handle(HandlerRun.Handling handling) {
        HandlerRun run = runs.removeFirst();
        HandlerRun.Outcome outcome = run.run(handling, () -> core.mayGoOn(now));
        does((state, at) -> state.ran(run, outcome, at));
    }

    void breakLine() {
        does((state, at) ->
                state.broken(new MillraceException.Unreachable("The line broke.", null), at));
    }

    void endWith(Reason reason) {
        does((state, at) ->
                state.broken(
                        new MillraceException.Refused(new Problem(reason, "It says so.")), at));
    }

    /** Lets time pass, with all ticks that are due. */
    void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            long in = core.tickInNanos(now);
            now = Math.min(end, now + Math.max(in, 1_000_000));
            does(SubscriptionCore::tick);
        }
    }

    /** What was sent of a kind since it was last asked about any. */
    List<SubscribeRequest> take(RequestCase kind) {
        List<SubscribeRequest> taken = new ArrayList<>(sent);
        sent.clear();
        return taken.stream().filter(each -> each.getRequestCase() == kind).toList();
    }

    /** The offset that the only commit has which was sent, for its only partition; answers it. */
    long commitStored() {
        Commit commit = commit();
        hear(
                SubscribeResponse.newBuilder()
                        .setCommitted(Committed.newBuilder().setId(commit.getId())));
        return commit.getOffsets(0).getOffset();
    }

    void commitFails(Reason reason) {
        commitFails(new Problem(reason, "No."));
    }

    void commitFails(Problem problem) {
        hear(
                SubscribeResponse.newBuilder()
                        .setCommitted(
                                Committed.newBuilder()
                                        .setId(commit().getId())
                                        .setError(problem.toStatus())));
    }

    Commit commit() {
        List<SubscribeRequest> commits = take(RequestCase.COMMIT);
        if (commits.size() != 1) {
            throw new AssertionError("One commit was expected: " + commits);
        }
        return commits.getFirst().getCommit();
    }
}
