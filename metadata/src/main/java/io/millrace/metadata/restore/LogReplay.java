package io.millrace.metadata.restore;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.state.MetadataState;
import java.time.Instant;
import java.util.Optional;

/**
 * The replay of a checkpoint and the archives after it, up to a target. Verifies positions and
 * digests, so that archives of different logs are not mixed. Pure; one thread.
 */
public final class LogReplay {

    private final FeatureLevels levels;
    private final RestoreTarget target;
    private MetadataState state;
    private long newestBlockMs = Long.MIN_VALUE;
    private boolean isAtTarget;

    public LogReplay(FeatureLevels levels, RestoreTarget target) {
        this.levels = levels;
        this.target = target;
        this.state = new MetadataState(levels);
    }

    /**
     * Starts with the state of a checkpoint.
     *
     * @throws LogException.Corrupt if the content is not of this checkpoint
     * @throws io.millrace.metadata.codec.CorruptMetadataException if the bytes are damaged
     * @throws io.millrace.metadata.codec.UnsupportedEntryException if the state needs a newer
     *     version
     */
    public void checkpoint(StoredCheckpoint stored, byte[] bytes) {
        String name = "The checkpoint " + stored.getKey();
        state = CheckpointCodec.decode(bytes, name, levels);
        if (state.entries() != stored.getPosition()) {
            throw new LogException.Corrupt(
                    "%s has the state after entry %d, not %d. Restore it from a copy of the bucket."
                            .formatted(name, state.entries(), stored.getPosition()),
                    null);
        }
        requireDigest(name, stored.getDigest());
        isAtTarget = isEnd();
    }

    /**
     * Applies the entries of the next archive.
     *
     * @throws LogException.Corrupt if the archive does not continue the state
     * @throws io.millrace.metadata.codec.UnsupportedEntryException if an entry needs a newer
     *     version
     */
    public void archive(StoredArchive stored, EpochFrames.EpochContent content) {
        String name = "The archive " + stored.getKey();
        if (content.firstPosition() > state.entries() + 1) {
            throw new LogException.Corrupt(
                    "%s begins at entry %d, but the replay has reached entry %d."
                            .formatted(name, content.firstPosition(), state.entries()),
                    null);
        }
        long known = state.entries() + 1 - content.firstPosition();
        int from = (int) Math.min(known, content.entries().size());
        for (byte[] bytes : content.entries().subList(from, content.entries().size())) {
            if (isAtTarget) {
                return;
            }
            apply(EntryCodec.decode(bytes));
        }
        if (state.entries() == LogManifest.lastPosition(stored)) {
            requireDigest(name, stored.getDigest());
        }
    }

    private void apply(Entry entry) {
        if (isAfterTarget(entry)) {
            isAtTarget = true;
            return;
        }
        state.apply(entry);
        blockTime(entry).ifPresent(time -> newestBlockMs = Math.max(newestBlockMs, time));
        isAtTarget = isEnd();
    }

    private boolean isEnd() {
        return target instanceof RestoreTarget.Entry(var last) && state.entries() >= last;
    }

    private boolean isAfterTarget(Entry entry) {
        return target instanceof RestoreTarget.Time(var at)
                && blockTime(entry).filter(time -> time > at.toEpochMilli()).isPresent();
    }

    private static Optional<Long> blockTime(Entry entry) {
        Optional<Long> newest = Optional.empty();
        for (Command command : entry.commands()) {
            if (command instanceof Command.BlockCommitted block
                    && newest.filter(time -> time >= block.appendTimeMs()).isEmpty()) {
                newest = Optional.of(block.appendTimeMs());
            }
        }
        return newest;
    }

    private void requireDigest(String name, long expected) {
        if (expected != LogManifest.NO_DIGEST && expected != state.digest()) {
            throw new LogException.Corrupt(
                    "%s does not continue the checkpoint before it: its digest is %016x, but the replay has %016x. The bucket mixes objects of different logs; restore an earlier point with --to, or another log with --generation."
                            .formatted(name, expected, state.digest()),
                    null);
        }
    }

    /** Returns whether the target was reached, so that no further archive is needed. */
    public boolean isAtTarget() {
        return isAtTarget;
    }

    public MetadataState state() {
        return state;
    }

    /** Returns the seal time of the newest replayed block; empty if the archives have none. */
    public Optional<Instant> newestBlock() {
        return newestBlockMs == Long.MIN_VALUE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(newestBlockMs));
    }
}
