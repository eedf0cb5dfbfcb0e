package io.millrace.simulation.world;

import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.LogStatistics;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.simulation.invariant.LogCheck;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** A metadata log that passes every applied entry to the {@link LogCheck}. */
final class ObservedLog implements MetadataLog {

    private final MetadataLog log;
    private final LogCheck check;
    private final int node;
    private final NodeLoop loop;
    private final LongConsumer applied;
    private final LongSupplier generation;

    /**
     * @param generation the generation of the cluster; processes of earlier generations are not
     *     checked
     */
    ObservedLog(
            MetadataLog log,
            LogCheck check,
            int node,
            NodeLoop loop,
            LongSupplier generation,
            LongConsumer applied) {
        this.log = log;
        this.check = check;
        this.node = node;
        this.loop = loop;
        this.generation = generation;
        this.applied = applied;
    }

    private boolean isChecked() {
        return log.generation() == generation.getAsLong();
    }

    private final class Observed implements LogFollower {

        private final LogFollower follower;
        private long last = -1;

        Observed(LogFollower follower) {
            this.follower = follower;
        }

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            if (!loop.isDead()) {
                if (isChecked()) {
                    check.checkpoint(node, position.entry(), digest, last);
                }
                last = position.entry();
                follower.checkpoint(position, digest, bytes, name);
            }
        }

        @Override
        public void entry(LogPosition position, byte[] bytes) {
            if (!loop.isDead()) {
                if (isChecked()) {
                    check.entry(node, position.entry(), bytes, last);
                }
                last = position.entry();
                follower.entry(position, bytes);
                OptionalLong digest = follower.digestAt(position);
                // A process that has just stopped itself has no digest.
                if (digest.isPresent() && isChecked()) {
                    check.applied(node, position.entry(), digest.getAsLong());
                    applied.accept(position.entry());
                }
            }
        }

        @Override
        public OptionalLong digestAt(LogPosition position) {
            return follower.digestAt(position);
        }

        @Override
        public void logFailed(LogException why) {
            follower.logFailed(why);
        }
    }

    @Override
    public CompletableFuture<Void> open(LogFollower follower) {
        return log.open(new Observed(follower));
    }

    @Override
    public CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        return log.append(id, bytes);
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return log.manifest();
    }

    @Override
    public CompletableFuture<LogPosition> head() {
        return log.head();
    }

    @Override
    public void maintain() {
        log.maintain();
    }

    @Override
    public boolean isCheckpointDue() {
        return log.isCheckpointDue();
    }

    @Override
    public CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        return log.storeCheckpoint(position, digest, snapshot);
    }

    @Override
    public long generation() {
        return log.generation();
    }

    @Override
    public LogStatistics statistics() {
        return log.statistics();
    }

    @Override
    public CompletableFuture<Void> close() {
        return log.close();
    }
}
