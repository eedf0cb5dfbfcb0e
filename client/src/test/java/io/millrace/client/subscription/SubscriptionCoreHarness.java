package io.millrace.client.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.ReadBatch;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.HeartbeatAck;
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
 * A subscription's core with scripted node, handlers, listener and clock. Handlers and the listener
 * return when the script says so.
 */
public final class SubscriptionCoreHarness {

    public static final TopicPartition P0 = new TopicPartition("t", 0);
    public static final TopicPartition P1 = new TopicPartition("t", 1);
    public static final Duration TIMEOUT = Duration.ofSeconds(10);
    public static final Duration INTERVAL = Duration.ofSeconds(3);

    public final SubscriptionCore core;
    public final List<SubscribeRequest> sent = new ArrayList<>();
    public final List<HandlerRun> runs = new ArrayList<>();
    public final List<SubscriptionStep.Notice> notices = new ArrayList<>();
    final List<SubscriptionStep.Notice> untold = new ArrayList<>();
    public int hungUp;
    public boolean over;
    @Nullable public MillraceException failure;
    public long now = 5_000_000_000L;

    public SubscriptionCoreHarness(SubscriptionSettings settings) {
        core = new SubscriptionCore(settings, "z", "run", now);
    }

    public static SubscriptionSettings.Builder settings() {
        return SubscriptionSettings.of("g", List.of("t")).sessionTimeout(TIMEOUT);
    }

    /** Returns a member with partitions assigned at offset zero and reported to the listener. */
    public static SubscriptionCoreHarness with(
            SubscriptionSettings settings, TopicPartition... partitions) {
        SubscriptionCoreHarness world = new SubscriptionCoreHarness(settings);
        world.join("m1");
        world.assign(0, partitions);
        world.reportAll();
        return world;
    }

    public void does(ObjLongConsumer<SubscriptionCore> what) {
        what.accept(core, now);
        drain();
    }

    private void drain() {
        for (var step = core.poll(); step != null; step = core.poll()) {
            switch (step) {
                case SubscriptionStep.Send(var request) -> sent.add(request);
                case SubscriptionStep.RunHandler(var run) -> runs.add(run);
                case SubscriptionStep.NotifyListener(var notice) -> {
                    notices.add(notice);
                    untold.add(notice);
                }
                case SubscriptionStep.Reconnect(var why) -> hungUp++;
                case SubscriptionStep.CompleteFuture(var completion) -> completion.run();
                case SubscriptionStep.SubscriptionEnded(var why) -> {
                    over = true;
                    failure = why;
                }
            }
        }
    }

    /** Opens a stream and returns its first message. */
    public SubscribeRequest open() {
        SubscribeRequest first = core.open(now);
        drain();
        return first;
    }

    public void join(String memberId) {
        open();
        receive(joined(memberId));
    }

    public static SubscribeResponse.Builder joined(String memberId) {
        return SubscribeResponse.newBuilder()
                .setJoined(
                        Joined.newBuilder()
                                .setMemberId(memberId)
                                .setHeartbeatIntervalMs((int) INTERVAL.toMillis())
                                .setSessionTimeoutMs((int) TIMEOUT.toMillis()));
    }

    public void receive(SubscribeResponse.Builder response) {
        does((state, at) -> state.received(response.build(), at));
    }

    public void assign(long position, TopicPartition... partitions) {
        assign(1, position, partitions);
    }

    void assign(long topicId, long position, TopicPartition... partitions) {
        Assigned.Builder assigned = Assigned.newBuilder();
        for (TopicPartition id : partitions) {
            assigned.addPartitions(
                    AssignedPartition.newBuilder()
                            .setTopic(id.topic())
                            .setPartition(id.partition())
                            .setTopicId(topicId)
                            .setPosition(position)
                            .setMetadata("kept"));
        }
        receive(SubscribeResponse.newBuilder().setAssigned(assigned));
    }

    public void revoke(TopicPartition id) {
        receive(
                SubscribeResponse.newBuilder()
                        .setRevoke(Revoke.newBuilder().addPartitions(name(id))));
    }

    public void lose(TopicPartition id) {
        receive(SubscribeResponse.newBuilder().setLost(Lost.newBuilder().addPartitions(name(id))));
    }

    public void alive(long messages) {
        receive(
                SubscribeResponse.newBuilder()
                        .setHeartbeatAck(HeartbeatAck.newBuilder().setMessages(messages)));
    }

    /** Confirms a seek after the node has processed all seeks. */
    public void sought(TopicPartition id, long position) {
        sought(id, position, 1_000);
    }

    public void sought(TopicPartition id, long position, int seeks) {
        receive(
                SubscribeResponse.newBuilder()
                        .setSought(
                                Sought.newBuilder()
                                        .setTopic(id.topic())
                                        .setPartition(id.partition())
                                        .setPosition(position)
                                        .setSeeks(seeks)));
    }

    void fails(TopicPartition id, Reason reason) {
        receive(
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

    /** Sends one batch of records with their offsets as values. */
    public void send(TopicPartition id, long from, long to) {
        send(id, batch(from, to));
    }

    public void send(TopicPartition id, byte[] batches) {
        receive(
                SubscribeResponse.newBuilder()
                        .setBatches(
                                Batches.newBuilder()
                                        .setTopic(id.topic())
                                        .setPartition(id.partition())
                                        .setBatches(ByteString.copyFrom(batches))
                                        .setHighWatermark(1_000)));
    }

    public static byte[] batch(long from, long to) {
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

    /** Concatenates batches as a node sends them in one message. */
    public static byte[] batches(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Returns the offsets from {@code from} (inclusive) to {@code to} (exclusive). */
    public static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    public static void failing(ReadBatch batch) {
        throw new IllegalStateException("the handler's own trouble");
    }

    /** Commits an offset manually. */
    public CompletableFuture<Void> commit(TopicPartition partition, long offset) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        CommitLedger.CommitOffset mark = new CommitLedger.CommitOffset(offset, "");
        does((state, at) -> state.commit(partition, mark, stored, at));
        return stored;
    }

    public static void assertRejected(CompletableFuture<Void> stored, Reason reason) {
        assertThat(stored)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        MillraceException.class,
                        failure -> assertThat(failure.reason()).contains(reason));
    }

    /** Runs the listener for all pending notices. */
    public void reportAll() {
        while (!untold.isEmpty()) {
            SubscriptionStep.Notice notice = untold.removeFirst();
            does((state, at) -> state.reported(notice, null, at));
        }
    }

    /** Runs the oldest pending handler to its end. Returns the offsets handled. */
    public List<Long> handle() {
        List<Long> offsets = new ArrayList<>();
        handle(batch -> batch.forEach(record -> offsets.add(record.offset())));
        return offsets;
    }

    public void handle(HandlerRun.BatchCallback handling) {
        HandlerRun run = runs.removeFirst();
        HandlerRun.Outcome outcome = run.run(handling, () -> core.mayProceed(now));
        does((state, at) -> state.handlerEnded(run, outcome, at));
    }

    public void breakLine() {
        does((state, at) ->
                state.streamEnded(new MillraceException.Unreachable("The line broke.", null), at));
    }

    public void endWith(Reason reason) {
        does((state, at) ->
                state.streamEnded(
                        new MillraceException.Rejected(new Problem(reason, "It says so.")), at));
    }

    /** Advances the clock, with all ticks that are due. */
    public void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            long in = core.tickInNanos(now);
            now = Math.min(end, now + Math.max(in, 1_000_000));
            does(SubscriptionCore::tick);
        }
    }

    /** Returns the messages of one kind sent since the last call for any kind. */
    public List<SubscribeRequest> take(RequestCase kind) {
        List<SubscribeRequest> taken = new ArrayList<>(sent);
        sent.clear();
        return taken.stream().filter(each -> each.getRequestCase() == kind).toList();
    }

    /** Answers the only pending commit. Returns its offset for its only partition. */
    public long commitStored() {
        Commit commit = commit();
        receive(
                SubscribeResponse.newBuilder()
                        .setCommitted(Committed.newBuilder().setId(commit.getId())));
        return commit.getOffsets(0).getOffset();
    }

    public void commitFails(Reason reason) {
        commitFails(new Problem(reason, "No."));
    }

    public void commitFails(Problem problem) {
        receive(
                SubscribeResponse.newBuilder()
                        .setCommitted(
                                Committed.newBuilder()
                                        .setId(commit().getId())
                                        .setError(problem.toStatus())));
    }

    public Commit commit() {
        List<SubscribeRequest> commits = take(RequestCase.COMMIT);
        if (commits.size() != 1) {
            throw new AssertionError("One commit was expected: " + commits);
        }
        return commits.getFirst().getCommit();
    }
}
