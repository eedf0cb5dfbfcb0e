package io.millrace.metadata.log;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory that outlives its opening: what is appended is there for the next instance with
 * the same {@link Storage}. Latency and failures can be set. Owned by its loop.
 */
public final class InMemoryMetadataLog implements MetadataLog {

    /** What survives a restart. */
    public static final class Storage {
        final List<byte[]> entries = new ArrayList<>();
        byte @Nullable [] checkpoint;
        long checkpointDigest;
        LogPosition checkpointPosition = LogPosition.START;
        LogManifest manifest = LogManifest.EMPTY;

        /** Puts an entry of somebody else at the end, unseen by followers that are open. */
        public void add(byte[] bytes) {
            entries.add(bytes);
        }
    }

    private final EventLoop loop;
    private final Storage storage;
    private Duration appendTime = Duration.ZERO;
    private @Nullable AppendOutcome nextAppend;
    private boolean stalled;
    private boolean silent;
    private boolean wantsCheckpoint;
    private Duration checkpointsKept = Duration.ZERO;
    private boolean sealing;
    private boolean losesCheckpoints;
    private int seals;
    private boolean busy;
    private int delivered;
    private @Nullable LogFollower follower;

    public InMemoryMetadataLog(EventLoop loop, Storage storage) {
        this.loop = loop;
        this.storage = storage;
    }

    /** How long each append takes from now on. */
    public void appendsTake(Duration time) {
        appendTime = time;
    }

    /** The next append ends like this, and its entry is not in the log. */
    public void nextAppendFails(AppendOutcome outcome) {
        nextAppend = outcome;
    }

    /** From now on appends are never answered, as if the log were away; false ends that. */
    public void stall(boolean now) {
        stalled = now;
    }

    /** From now on nobody is told how far the log is; false ends that. */
    public void reportsNothing(boolean now) {
        silent = now;
    }

    /** Whether a checkpoint is wanted. */
    public void wantCheckpoint(boolean wanted) {
        wantsCheckpoint = wanted;
    }

    /** An epoch has become past and lies in this archive, which nobody reads. */
    public void archived(StoredArchive archive) {
        storage.manifest = storage.manifest.with(archive);
    }

    /** The manifest names this checkpoint from now on, which nobody reads. */
    public void checkpointed(StoredCheckpoint checkpoint) {
        storage.manifest = storage.manifest.with(checkpoint, Integer.MAX_VALUE, checkpointsKept);
    }

    /** Keeps no checkpoint from now on, at the end of each attempt. */
    public void loseCheckpoints() {
        losesCheckpoints = true;
    }

    /** How often it sealed. */
    public int seals() {
        return seals;
    }

    /** Keeps checkpoints that have a newer one: all until it is said that none are kept. */
    public void keepCheckpoints(Duration time) {
        checkpointsKept = time;
    }

    /** Has something to seal each time, and cannot keep a checkpoint meanwhile. */
    public void sealEachTime() {
        sealing = true;
    }

    @Override
    public CompletableFuture<Void> open(LogFollower newFollower) {
        follower = newFollower;
        CompletableFuture<Void> opened = new CompletableFuture<>();
        loop.execute(() -> {
            byte[] checkpoint = storage.checkpoint;
            if (checkpoint != null) {
                newFollower.checkpoint(
                        storage.checkpointPosition,
                        storage.checkpointDigest,
                        checkpoint,
                        "the checkpoint in memory");
            }
            delivered = (int) storage.checkpointPosition.entry();
            deliver(newFollower);
            opened.complete(null);
        });
        return opened;
    }

    private void deliver(LogFollower to) {
        while (delivered < storage.entries.size()) {
            byte[] bytes = storage.entries.get(delivered++);
            to.entry(new LogPosition(0, delivered), bytes);
        }
    }

    @Override
    public CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        CompletableFuture<AppendOutcome> done = new CompletableFuture<>();
        if (stalled) {
            return done;
        }
        loop.schedule(
                appendTime,
                () -> {
                    AppendOutcome failure = nextAppend;
                    nextAppend = null;
                    if (failure != null) {
                        done.complete(failure);
                        return;
                    }
                    storage.entries.add(bytes);
                    if (follower != null) {
                        deliver(follower);
                    }
                    done.complete(new AppendOutcome.Appended());
                });
        return done;
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return answer(() -> storage.manifest);
    }

    @Override
    public CompletableFuture<LogPosition> head() {
        return answer(() -> new LogPosition(0, storage.entries.size()));
    }

    private <T> CompletableFuture<T> answer(Supplier<T> what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> {
            if (silent) {
                answer.completeExceptionally(new LogException.Unavailable("away", null));
            } else {
                answer.complete(what.get());
            }
        });
        return answer;
    }

    @Override
    public void maintain() {
        if (follower != null) {
            deliver(follower);
        }
        if (sealing && !busy) {
            seals++;
            busy = true;
            loop.schedule(Duration.ofMillis(1), () -> busy = false);
        }
    }

    @Override
    public boolean wantsCheckpoint() {
        return wantsCheckpoint && !busy;
    }

    @Override
    public CompletableFuture<Void> keepCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        if (losesCheckpoints) {
            busy = true;
            CompletableFuture<Void> lost = new CompletableFuture<>();
            loop.schedule(
                    Duration.ofMillis(1),
                    () -> {
                        busy = false;
                        lost.completeExceptionally(
                                new LogException.Unavailable("the bucket is away", null));
                    });
            return lost;
        }
        storage.checkpoint = CheckpointCodec.encode(snapshot);
        storage.checkpointDigest = digest;
        storage.checkpointPosition = position;
        storage.manifest =
                storage.manifest.with(
                        StoredCheckpoint.newBuilder()
                                .setKey("memory")
                                .setPosition(position.entry())
                                .setDigest(digest)
                                .build(),
                        Integer.MAX_VALUE,
                        checkpointsKept);
        wantsCheckpoint = false;
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public LogFigures figures() {
        return LogFigures.own(0, 0, 0);
    }

    @Override
    public CompletableFuture<Void> close() {
        follower = null;
        return CompletableFuture.completedFuture(null);
    }

    /** An outcome for {@link #nextAppendFails}: nothing is in the log. */
    public static AppendOutcome notAppended(Problem problem) {
        return new AppendOutcome.NotAppended(problem);
    }
}
