package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.runtime.loop.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Seals epochs, archives their entries and stores checkpoints. Every step is conditional on its
 * base state, so concurrent or interrupted sealers only duplicate work. Owned by its event loop.
 */
final class EtcdSealer {

    private static final Logger LOG = Logger.getLogger(EtcdSealer.class);

    /** Number of revisions in etcd's history, so that slightly delayed watches can resume. */
    private static final long REVISIONS_KEPT = 10_000;

    private final EventLoop loop;
    private final Executor background;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdGeneration generation;
    private final LogArchiveStore past;
    private final EtcdLogSettings settings;
    private final LongSupplier delivered;
    private final Function<LogPosition, OptionalLong> digests;
    private final DigestVotes votes;
    private Optional<String> dispute = Optional.empty();
    private LogManifest manifest = LogManifest.EMPTY;
    private long manifestRevision;

    /** Time at which the current checkpoint was first seen. */
    private long checkpointNanos;

    private boolean busy;
    private boolean closed;
    private long seals;

    /**
     * @param delivered the position of the last entry that this node's replica applied
     * @param digests the digests of that replica, while they are kept
     * @param votes the digests of all replicas
     */
    @SuppressWarnings("TooManyParameters")
    EtcdSealer(
            EventLoop loop,
            Executor background,
            Etcd etcd,
            EtcdKeys keys,
            EtcdGeneration generation,
            LogArchiveStore past,
            EtcdLogSettings settings,
            LongSupplier delivered,
            Function<LogPosition, OptionalLong> digests,
            DigestVotes votes) {
        this.loop = loop;
        this.background = background;
        this.etcd = etcd;
        this.keys = keys;
        this.generation = generation;
        this.past = past;
        this.settings = settings;
        this.delivered = delivered;
        this.digests = digests;
        this.votes = votes;
        this.checkpointNanos = loop.nanoTime();
    }

    void manifest(LogManifest seen, long modRevision) {
        if (modRevision > manifestRevision) {
            if (seen.checkpointPosition() != manifest.checkpointPosition()) {
                checkpointNanos = loop.nanoTime();
            }
            manifest = seen;
            manifestRevision = modRevision;
        }
    }

    LogManifest manifest() {
        return manifest;
    }

    boolean isBusy() {
        return busy;
    }

    long seals() {
        return seals;
    }

    /** Starts a new epoch, unless another node already did. */
    void startEpoch(long epoch) {
        run(
                etcd.txn(
                                unchangedAnd(
                                        new Etcd.Condition.ValueIs(
                                                keys.epoch, EtcdKeys.number(epoch))),
                                List.of(new Etcd.Op.Put(keys.epoch, EtcdKeys.number(epoch + 1))),
                                List.of())
                        .thenAccept(done -> seals += done.succeeded() ? 1 : 0));
    }

    private List<Etcd.Condition> unchangedAnd(Etcd.Condition... more) {
        List<Etcd.Condition> all = new ArrayList<>(generation.unchangedConditions());
        all.addAll(List.of(more));
        return all;
    }

    /**
     * Archives the oldest sealed epoch. Fails with {@link LogException.Corrupt} if this node must
     * stop.
     *
     * @param end the position of the epoch's last entry, if this node's replica applied the epoch.
     *     The votes for it are counted before the epoch is read, because they can be awaited long.
     */
    CompletableFuture<Void> archive(long current, OptionalLong end) {
        LogManifest before = manifest;
        long revisionBefore = manifestRevision;
        long epoch = before.firstLiveEpoch();
        if (epoch >= current) {
            return CompletableFuture.completedFuture(null);
        }
        return run(
                requireMajority(end)
                        .thenCompose(agreed -> read(epoch))
                        .thenCompose(entries -> put(epoch, before, entries, end))
                        .thenComposeAsync(
                                archive ->
                                        replace(
                                                before.with(archive),
                                                revisionBefore,
                                                epoch,
                                                List.of(archive.getKey())),
                                loop));
    }

    private CompletableFuture<List<Etcd.KeyValue>> read(long epoch) {
        String end = keys.entriesFrom(epoch + 1);
        return new PagedRange(etcd, end, 0, settings.pageKeys(), page -> {})
                .read(keys.entriesFrom(epoch));
    }

    private CompletableFuture<StoredArchive> put(
            long epoch, LogManifest before, List<Etcd.KeyValue> entries, OptionalLong end) {
        entries.sort(Comparator.comparingLong(Etcd.KeyValue::modRevision));
        long last = before.firstLivePosition() + entries.size() - 1;
        boolean applied = last <= delivered.getAsLong();
        if (!applied || (end.isPresent() && end.getAsLong() != last)) {
            // Alternatively, another node archived the epoch and a broken watch missed the change.
            return checkAtManifest()
                    .thenCompose(seen ->
                            CompletableFuture.failedFuture(
                                    new EtcdException(
                                            EtcdException.Kind.UNAVAILABLE,
                                            "this node has not applied the epoch yet",
                                            null)));
        }
        List<byte[]> values = entries.stream().map(Etcd.KeyValue::value).toList();
        // No digest is kept if the replica started from a later checkpoint, possibly on all nodes.
        OptionalLong digest = end.isPresent() ? digestAt(last) : OptionalLong.empty();
        return put(epoch, before, values, digest.orElse(LogManifest.NO_DIGEST));
    }

    private CompletableFuture<StoredArchive> put(
            long epoch, LogManifest before, List<byte[]> values, long digest) {
        return CompletableFuture.supplyAsync(
                        () -> encode(epoch, before.firstLivePosition(), values), background)
                .thenCompose(bytes ->
                        past.putArchive(epoch, before.firstLivePosition(), values.size(), bytes))
                .thenApply(stored -> stored.toBuilder().setDigest(digest).build());
    }

    private OptionalLong digestAt(long entry) {
        return digests.apply(new LogPosition(0, entry));
    }

    /** Fails unless the majority of the nodes has this node's digest, if there is one. */
    private CompletableFuture<Void> requireMajority(OptionalLong end) {
        OptionalLong own = end.isPresent() ? digestAt(end.getAsLong()) : OptionalLong.empty();
        if (own.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        long last = end.getAsLong();
        return votes.count(last, own.getAsLong())
                .thenCompose(verdict -> {
                    if (!(verdict instanceof DigestVotes.Verdict.Disputed)) {
                        dispute = Optional.empty();
                    }
                    return switch (verdict) {
                        case DigestVotes.Verdict.Agreed agreed ->
                                CompletableFuture.completedFuture(null);
                        case DigestVotes.Verdict.Pending pending ->
                                CompletableFuture.failedFuture(
                                        new EtcdException(
                                                EtcdException.Kind.UNAVAILABLE,
                                                "registered nodes have not published their digests yet",
                                                null));
                        case DigestVotes.Verdict.Outvoted(long majority) ->
                                CompletableFuture.failedFuture(
                                        differs(last, own.getAsLong(), majority));
                        case DigestVotes.Verdict.Disputed(String digests) ->
                                CompletableFuture.failedFuture(disputed(last, digests));
                    };
                });
    }

    /** Returns the failure of a node that must stop, because the majority differs. */
    static LogException.Corrupt differs(long entry, long own, long others) {
        return new LogException.Corrupt(
                "This node's metadata differs from the cluster's after entry %d (digest %016x, not %016x). Restart the node; if the error recurs, check its version and its memory."
                        .formatted(entry, own, others),
                null);
    }

    private LogException.Unavailable disputed(long entry, String found) {
        String message =
                "The nodes' metadata differs after entry %d and no digest has a majority (%s), so the metadata log is not sealed and grows. Restart the nodes one after the other; if the error recurs, check their versions and their memory."
                        .formatted(entry, found);
        if (dispute.isEmpty()) {
            LOG.error(message);
        }
        dispute = Optional.of(message);
        return new LogException.Unavailable(message, null);
    }

    /** Returns why nothing is sealed while the nodes' digests have no majority. */
    Optional<String> dispute() {
        return dispute;
    }

    CompletableFuture<LogManifest> currentManifest() {
        return checkAtManifest().thenApply(seen -> manifest);
    }

    private CompletableFuture<Void> checkAtManifest() {
        return etcd.txn(List.of(), List.of(new Etcd.Op.Get(keys.manifest)), List.of())
                .thenAccept(result -> manifest(result.gets().getFirst()));
    }

    private void manifest(Optional<Etcd.KeyValue> there) {
        there.ifPresent(
                now -> manifest(LogManifest.parse(now.value(), keys.manifest), now.modRevision()));
    }

    private static byte[] encode(long epoch, long firstPosition, List<byte[]> entries) {
        ByteBuffer header = EpochFrames.header(epoch, firstPosition);
        ByteBuffer frame = EpochFrames.frame(firstPosition, EpochFrames.HEADER_BYTES, entries);
        return ByteBuffer.allocate(header.remaining() + frame.remaining())
                .put(header)
                .put(frame)
                .array();
    }

    /**
     * Replaces the manifest. Fails if it changed meanwhile.
     *
     * @param attempt the keys of this attempt's objects, which are deleted if the manifest changed
     */
    private CompletableFuture<Void> replace(
            LogManifest next, long revisionBefore, long archivedEpoch, List<String> attempt) {
        // The copy is first, so that every archived entry can be restored without etcd.
        ManifestKey key = past.newManifestKey(generation.number(), next);
        LogManifest copied = next.withCopy(key.key(past.cluster()));
        List<String> all = new ArrayList<>(attempt);
        all.add(key.key(past.cluster()).value());
        return past.putManifest(key, copied.withoutGarbage())
                .thenComposeAsync(
                        done -> replaceWithoutCopy(copied, revisionBefore, archivedEpoch, all),
                        loop);
    }

    private CompletableFuture<Void> replaceWithoutCopy(
            LogManifest next, long revisionBefore, long archivedEpoch, List<String> attempt) {
        return etcd.txn(
                        unchangedAnd(
                                new Etcd.Condition.UnchangedSince(keys.manifest, revisionBefore),
                                new Etcd.Condition.ValueAbove(
                                        keys.epoch, EtcdKeys.number(archivedEpoch))),
                        List.of(
                                new Etcd.Op.Put(keys.manifest, next.toBytes()),
                                new Etcd.Op.Delete(
                                        keys.allEntriesFrom(), keys.entriesFrom(archivedEpoch + 1)),
                                new Etcd.Op.Delete(
                                        keys.votes(0), keys.votes(next.firstLivePosition()))),
                        List.of(new Etcd.Op.Get(keys.manifest)))
                .thenCompose(result -> {
                    if (!result.succeeded()) {
                        manifest(result.gets().getFirst());
                        return past.delete(attempt).thenCompose(deleted -> manifestChanged());
                    }
                    manifest(next, result.revision());
                    return compactAndDeleteGarbage(next, result.revision());
                });
    }

    private static CompletableFuture<Void> manifestChanged() {
        return CompletableFuture.failedFuture(
                new LogException.Unavailable(
                        "Another node changed the manifest of the metadata log meanwhile. Retry.",
                        null));
    }

    private CompletableFuture<Void> compactAndDeleteGarbage(LogManifest now, long revision) {
        CompletableFuture<Void> compacted =
                revision <= REVISIONS_KEPT
                        ? CompletableFuture.completedFuture(null)
                        : etcd.compact(revision - REVISIONS_KEPT);
        return compacted
                .exceptionally(already -> null)
                .thenCompose(done ->
                        now.garbage().isEmpty()
                                ? CompletableFuture.completedFuture(null)
                                : past.delete(now.garbage()));
    }

    /**
     * Stores a checkpoint, unless there is a newer one. Fails if the manifest changed meanwhile.
     */
    CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        CompletableFuture<Void> kept =
                CompletableFuture.supplyAsync(
                                () -> past.putCheckpoint(position.entry(), digest, snapshot),
                                background)
                        .thenCompose(Function.identity())
                        .thenCompose(past::withStorageTime)
                        .thenComposeAsync(
                                checkpoint -> {
                                    LogManifest before = manifest.withoutGarbage();
                                    if (position.entry() <= before.checkpointPosition()) {
                                        // Another sealer was faster. The archives after this
                                        // checkpoint may be deleted.
                                        return past.delete(List.of(checkpoint.getKey()));
                                    }
                                    return replace(
                                            before.with(
                                                    checkpoint,
                                                    settings.archivesKept(),
                                                    settings.checkpointsKept()),
                                            manifestRevision,
                                            before.firstLiveEpoch() - 1,
                                            List.of(checkpoint.getKey()));
                                },
                                loop)
                        .thenComposeAsync(done -> deleteAbandonedManifests(), loop);
        return run(kept);
    }

    private CompletableFuture<Void> deleteAbandonedManifests() {
        return manifest.copy()
                .flatMap(key -> ManifestKey.parse(key, past.cluster()))
                .map(own -> past.deleteManifestsBefore(own, manifest.formerCopy()))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    /**
     * Returns whether the bucket lacks a copy of the manifest of this generation: after an upgrade
     * from a version without copies, and after a restore of etcd.
     */
    boolean isCopyDue() {
        return manifestRevision > 0
                && manifest.copy()
                        .flatMap(key -> ManifestKey.parse(key, past.cluster()))
                        .filter(key -> key.generation() == generation.number())
                        .isEmpty();
    }

    void copyManifest() {
        LogManifest before = manifest.withoutGarbage();
        run(replace(before, manifestRevision, before.firstLiveEpoch() - 1, List.of()));
    }

    /**
     * Removes superseded checkpoints once their retention time has passed since the newest
     * checkpoint. In an idle cluster no newer checkpoint would remove them.
     */
    void removeExpiredCheckpoints() {
        boolean over = loop.nanoTime() - checkpointNanos >= settings.checkpointsKept().toNanos();
        if (over && (!manifest.superseded().isEmpty() || manifest.formerCopy().isPresent())) {
            LogManifest before = manifest.withoutGarbage();
            // The copy may reference removed checkpoints: a restore does not need them.
            run(
                    replaceWithoutCopy(
                            before.withoutSuperseded(settings.archivesKept()),
                            manifestRevision,
                            before.firstLiveEpoch() - 1,
                            List.of()));
        }
    }

    private CompletableFuture<Void> run(CompletableFuture<Void> step) {
        busy = true;
        CompletableFuture<Void> result = new CompletableFuture<>();
        step.whenComplete((done, failure) ->
                loop.runNowOrLater(() -> {
                    busy = false;
                    if (failure == null) {
                        result.complete(null);
                    } else {
                        RuntimeException why = LogFailures.causeOf(failure);
                        if (!closed) {
                            LOG.debugf("sealing failed and will be retried: %s", why.getMessage());
                        }
                        result.completeExceptionally(LogFailures.asLogException(why));
                    }
                }));
        return result;
    }

    void close() {
        closed = true;
    }
}
