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
 * A log in memory. Entries survive in a {@link Storage}, from which the next instance continues.
 * Latency and failures are configurable. Owned by its event loop.
 */
public final class InMemoryMetadataLog implements MetadataLog {

    /** The content that survives a restart. */
    public static final class Storage {
        final List<byte[]> entries = new ArrayList<>();
        byte @Nullable [] checkpoint;
        long checkpointDigest;
        LogPosition checkpointPosition = LogPosition.START;
        LogManifest manifest = LogManifest.EMPTY;
        long generation = 1;

        /** Raises the generation, as after a restore from a backup. */
        public void raiseGeneration() {
            generation++;
        }

        /** Appends an entry of another process, which open followers do not receive. */
        public void add(byte[] bytes) {
            entries.add(bytes);
        }

        /** Returns the last entry. */
        public byte[] last() {
            return entries.getLast();
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

    /** Sets the duration of each append. */
    public void setAppendDuration(Duration time) {
        appendTime = time;
    }

    /** Fails the next append with this outcome; its entry is not in the log. */
    public void failNextAppend(AppendOutcome outcome) {
        nextAppend = outcome;
    }

    /** Stops or resumes the completion of appends, as if the log were unavailable. */
    public void stallAppends(boolean now) {
        stalled = now;
    }

    /** Stops or resumes answers to {@link #head}. */
    public void stallHead(boolean now) {
        silent = now;
    }

    /** Sets whether the log requests a checkpoint. */
    public void setCheckpointDue(boolean wanted) {
        wantsCheckpoint = wanted;
    }

    /** Adds an archive to the manifest; the archive is never read. */
    public void archived(StoredArchive archive) {
        storage.manifest = storage.manifest.with(archive);
    }

    /** Sets the checkpoint of the manifest; the checkpoint is never read. */
    public void checkpointed(StoredCheckpoint checkpoint) {
        storage.manifest = storage.manifest.with(checkpoint, Integer.MAX_VALUE, checkpointsKept);
    }

    /** Fails every later attempt to store a checkpoint. */
    public void failCheckpoints() {
        losesCheckpoints = true;
    }

    /** Returns the number of seals. */
    public int seals() {
        return seals;
    }

    /** Sets the retention time of superseded checkpoints; zero removes them. */
    public void setCheckpointRetention(Duration time) {
        checkpointsKept = time;
    }

    /** Seals at every maintenance call and stores no checkpoint meanwhile. */
    public void sealAtEveryMaintenance() {
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
    public boolean isCheckpointDue() {
        return wantsCheckpoint && !busy;
    }

    @Override
    public CompletableFuture<Void> storeCheckpoint(
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
    public long generation() {
        return storage.generation;
    }

    @Override
    public LogStatistics statistics() {
        return LogStatistics.NONE;
    }

    @Override
    public CompletableFuture<Void> close() {
        follower = null;
        return CompletableFuture.completedFuture(null);
    }

    /** Returns an outcome for {@link #failNextAppend} whose entry is not in the log. */
    public static AppendOutcome notAppended(Problem problem) {
        return new AppendOutcome.NotAppended(problem);
    }
}
