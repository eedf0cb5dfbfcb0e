package io.millrace.group.admin;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.GroupMetrics;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Groups in virtual time on production metadata: the view of this process, and changes by another
 * process.
 */
public final class GroupWorld {

    public static final long NOW_MS = 10_000;

    public final SimulatedEventLoop loop = new SimulatedEventLoop();

    /** The metadata of this process. */
    public final MetadataFixture here;

    /**
     * The metadata of another process on the same log, whose entries this one receives a moment
     * later.
     */
    public final MetadataFixture elsewhere;

    public final GroupAdmin admin;

    /** The result of a lookup by timestamp in each partition. */
    public OffsetResult timeFinds = new OffsetResult.Found(0, 0);

    /** A task that runs during a lookup by timestamp. */
    public Runnable meanwhile = () -> {};

    private long nextSequence;

    public GroupWorld() {
        InMemoryMetadataLog.Storage log = new InMemoryMetadataLog.Storage();
        here = new MetadataFixture(loop, log, 1);
        elsewhere = new MetadataFixture(loop, log, 2);
        loop.advance(Duration.ofSeconds(1));
        admin =
                new GroupAdmin(
                        here.metadata(),
                        new GroupCommits(
                                here.metadata(), new GroupMetrics(new SimpleMeterRegistry())),
                        this::find,
                        InstantSource.fixed(Instant.ofEpochMilli(NOW_MS)));
    }

    private CompletableFuture<List<OffsetResult>> find(List<OffsetLookup> questions) {
        meanwhile.run();
        CompletableFuture<List<OffsetResult>> found = new CompletableFuture<>();
        loop.schedule(
                Duration.ofSeconds(1),
                () -> found.complete(questions.stream().map(question -> timeFinds).toList()));
        return found;
    }

    /** Writes a block with this number of records of one timestamp. */
    public void write(Topic topic, int partition, int records, long timeMs) {
        ObjectRef object =
                new ObjectRef(
                        new ObjectId(
                                ObjectId.Kind.WAL, here.metadata().incarnation(), nextSequence++),
                        100,
                        200);
        here.propose(
                new Command.BlockCommitted(
                        object,
                        timeMs,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        records,
                                        0,
                                        100,
                                        timeMs,
                                        ProducerStamp.NONE))));
    }

    /** Claims a group and adds a member with leases of these partitions. */
    public void join(String group, String member, Topic topic, int... partitions) {
        long claim =
                ((Outcome.GroupClaim)
                                here.propose(
                                        new Command.GroupClaimed(
                                                group, here.metadata().incarnation(), 0)))
                        .claimEpoch();
        List<LeaseChange> leases = new ArrayList<>();
        for (int partition : partitions) {
            leases.add(new LeaseChange(topic.id(), partition, member));
        }
        here.propose(
                new Command.GroupChanged(
                        group,
                        claim,
                        1,
                        new GroupChange(
                                "stream",
                                ByteString.EMPTY,
                                List.of(),
                                List.of(
                                        new GroupMember(
                                                member, "", ByteString.EMPTY, ByteString.EMPTY)),
                                leases)));
    }

    /** Commits without a member. */
    public void commit(MetadataFixture by, String group, Topic topic, int partition, long offset) {
        by.propose(commitOf(group, topic, partition, offset));
    }

    static Command commitOf(String group, Topic topic, int partition, long offset) {
        return new Command.OffsetsCommitted(
                group,
                "",
                -1,
                List.of(
                        new OffsetCommit(
                                topic.id(), partition, new CommittedOffset(offset, -1, ""))));
    }

    public Group group(String id) {
        return here.metadata().groups().group(id).orElseThrow();
    }

    public OptionalLong committed(String group, Topic topic, int partition) {
        return here.metadata()
                .groups()
                .group(group)
                .flatMap(known -> known.committed(topic.id(), partition))
                .map(known -> OptionalLong.of(known.offset()))
                .orElse(OptionalLong.empty());
    }

    /** Returns the result of a call on the event loop. */
    public <T> T ask(Supplier<CompletableFuture<T>> call) {
        List<CompletableFuture<T>> asked = new ArrayList<>();
        loop.call(() -> asked.add(call.get()));
        loop.advance(Duration.ofSeconds(5));
        return done(asked.getFirst());
    }

    /** Returns the error with which a call on the event loop fails. */
    public Problem rejection(Supplier<CompletableFuture<?>> call) {
        try {
            Object answer = ask(() -> call.get().thenApply(done -> (Object) String.valueOf(done)));
            throw new AssertionError("not refused: " + answer);
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof ProblemException rejected) {
                return rejected.problem();
            }
            throw failed;
        }
    }

    private static <T> T done(CompletableFuture<T> future) {
        if (!future.isDone()) {
            throw new AssertionError("not done");
        }
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
