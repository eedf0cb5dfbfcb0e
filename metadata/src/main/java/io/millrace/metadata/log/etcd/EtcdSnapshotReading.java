package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A read of the whole log at one revision of etcd: the checkpoint, the later archives, then the
 * live entries. Verifies the number of live entries against the head. Used once. Owned by its event
 * loop.
 */
final class EtcdSnapshotReading {

    interface LogContentReceiver {
        void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

        /** Receives an entry, possibly repeated; entries from an archive have no key. */
        void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes);

        void epoch(long epoch);

        void head(LogHead found);

        void manifest(byte[] bytes, long modRevision);

        /** Reports a part of the read that took time and is not delivered yet. */
        void progressed();

        LogProgress reached();
    }

    record ReadingFactory(
            EventLoop loop,
            Etcd etcd,
            EtcdKeys keys,
            EtcdGeneration generation,
            LogArchiveStore past,
            EtcdLogSettings settings) {

        EtcdSnapshotReading make(long delivered, boolean checkpointed, LogContentReceiver found) {
            return new EtcdSnapshotReading(this, delivered == 0 && !checkpointed, found);
        }
    }

    private final ReadingFactory dependencies;
    private final boolean wantsCheckpoint;
    private final LogContentReceiver receiver;
    private LogManifest manifest = LogManifest.EMPTY;
    private long revision;
    private long head;

    private EtcdSnapshotReading(
            ReadingFactory with, boolean wantsCheckpoint, LogContentReceiver found) {
        this.dependencies = with;
        this.wantsCheckpoint = wantsCheckpoint;
        this.receiver = found;
    }

    /** Reads the log and returns the revision. */
    CompletableFuture<Long> run() {
        return readRoots()
                .thenCompose(done -> readCheckpoint())
                .thenCompose(done ->
                        readArchives(manifest.archivesAfter(receiver.reached().entries()), 0))
                .thenCompose(done -> readLive())
                .thenApply(live -> {
                    deliver(live);
                    return revision;
                });
    }

    private CompletableFuture<Void> readRoots() {
        EtcdKeys keys = dependencies.keys;
        LogProgress reached = receiver.reached();
        return dependencies
                .etcd
                .txn(
                        List.of(),
                        List.of(
                                new Etcd.Op.Get(keys.epoch),
                                new Etcd.Op.Get(keys.manifest),
                                new Etcd.Op.Get(keys.head),
                                dependencies.generation.readOperations().get(0),
                                dependencies.generation.readOperations().get(1)),
                        List.of())
                .thenCompose(roots -> {
                    Optional<Etcd.KeyValue> epoch = roots.gets().get(0);
                    if (epoch.isEmpty()) {
                        return createCluster();
                    }
                    dependencies.generation.adoptOrVerify(roots.gets().subList(3, 5));
                    LogProgress end = LogProgress.of(epoch, roots.gets().get(2));
                    reached.verifyReply(end);
                    revision = roots.revision();
                    head = end.entries();
                    receiver.epoch(end.epoch());
                    receiver.head(LogHead.of(roots.gets().get(2)));
                    roots.gets().get(1).ifPresent(this::manifest);
                    return CompletableFuture.completedFuture(null);
                });
    }

    private void manifest(Etcd.KeyValue stored) {
        manifest = LogManifest.parse(stored.value(), "the manifest in etcd");
        receiver.manifest(stored.value(), stored.modRevision());
    }

    /** Creates the keys of a new cluster, unless another process was first. */
    private CompletableFuture<Void> createCluster() {
        EtcdKeys keys = dependencies.keys;
        if (receiver.reached().entries() > 0) {
            return CompletableFuture.failedFuture(
                    new LogException.Corrupt(
                            "The keys of the metadata log %s are missing from etcd. Restore etcd from a backup."
                                    .formatted(keys.prefix),
                            null));
        }
        List<Etcd.Condition> conditions =
                new ArrayList<>(dependencies.generation.creationConditions());
        conditions.add(new Etcd.Condition.Absent(keys.epoch));
        return dependencies
                .etcd
                .txn(
                        conditions,
                        List.of(
                                new Etcd.Op.Put(keys.epoch, EtcdKeys.number(1)),
                                new Etcd.Op.Put(keys.generation, EtcdKeys.number(1))),
                        List.of(
                                new Etcd.Op.Get(keys.epoch),
                                dependencies.generation.readOperations().get(0),
                                dependencies.generation.readOperations().get(1)))
                .thenCompose(result -> {
                    if (!result.succeeded() && result.gets().getFirst().isEmpty()) {
                        dependencies.generation.adoptOrVerify(result.gets().subList(1, 3));
                    }
                    return readRoots();
                });
    }

    private CompletableFuture<Void> readCheckpoint() {
        if (!wantsCheckpoint || manifest.checkpoint().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        StoredCheckpoint checkpoint = manifest.checkpoint().get();
        return onLoop(dependencies.past.checkpoint(checkpoint))
                .thenAccept(bytes ->
                        receiver.checkpoint(
                                new LogPosition(0, checkpoint.getPosition()),
                                checkpoint.getDigest(),
                                bytes,
                                "checkpoint " + checkpoint.getKey()));
    }

    private CompletableFuture<Void> readArchives(List<StoredArchive> archives, int at) {
        long next =
                at < archives.size()
                        ? archives.get(at).getFirstPosition()
                        : manifest.firstLivePosition();
        if (next > receiver.reached().entries() + 1) {
            return CompletableFuture.failedFuture(
                    new LogException.Corrupt(
                            "Entries %d to %d are no longer archived, because this node was disconnected for too long. Restart the node."
                                    .formatted(receiver.reached().entries() + 1, next - 1),
                            null));
        }
        if (at == archives.size()) {
            return CompletableFuture.completedFuture(null);
        }
        return onLoop(dependencies.past.archive(archives.get(at)))
                .thenCompose(content -> {
                    deliver(content);
                    return readArchives(archives, at + 1);
                });
    }

    private void deliver(EpochFrames.EpochContent content) {
        for (int i = 0; i < content.entries().size(); i++) {
            receiver.entry(content.firstPosition() + i, null, content.entries().get(i));
        }
    }

    private CompletableFuture<List<Etcd.KeyValue>> readLive() {
        return new PagedRange(
                        dependencies.etcd,
                        dependencies.keys.allEntriesEnd(),
                        revision,
                        dependencies.settings.pageKeys(),
                        page -> receiver.progressed())
                .read(dependencies.keys.allEntriesFrom());
    }

    private void deliver(List<Etcd.KeyValue> live) {
        long number = manifest.firstLivePosition();
        if (number - 1 + live.size() != head) {
            throw new LogException.Corrupt(
                    "The metadata log has %d entries in etcd after %d archived entries, but its head says %d in total. Restore etcd from a backup."
                            .formatted(live.size(), number - 1, head),
                    null);
        }
        live.sort(Comparator.comparingLong(Etcd.KeyValue::modRevision));
        for (Etcd.KeyValue entry : live) {
            receiver.entry(number++, dependencies.keys.parse(entry.key()), entry.value());
        }
    }

    private <T> CompletableFuture<T> onLoop(CompletableFuture<T> elsewhere) {
        CompletableFuture<T> here = new CompletableFuture<>();
        elsewhere.whenComplete((value, failure) ->
                dependencies.loop.runNowOrLater(() -> {
                    if (failure == null) {
                        here.complete(value);
                    } else {
                        here.completeExceptionally(failure);
                    }
                }));
        return here;
    }
}
