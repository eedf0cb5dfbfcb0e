package io.millrace.compaction.offload;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.ProbedReads;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ManifestBuilder;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Runs one round of offloading over this node's topics. Examines a limited number of partitions per
 * task and writes one extent manifest at a time. Used once. Owned by the metadata's event loop.
 */
final class ExtentOffloader {

    private static final int PARTITIONS_PER_TASK = 2_000;

    /** Limited because producers use the same connections. */
    static final int CONCURRENT_READS = 16;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final ProbedReads reads;
    private final OffloadSettings settings;
    private final ManifestIdSequence manifestIds;
    private final OffloadMetrics metrics;
    private final OffloadPlan plan;
    private final ArrayDeque<Topic> topics = new ArrayDeque<>();
    private int partition;
    private List<PendingOffload> gathered = new ArrayList<>();
    private int gatheredExtents;

    /**
     * @param last range to join with, if any
     */
    private record PendingOffload(
            long topicId, int partition, Optional<OffloadedRange> last, OffloadCandidate extents) {}

    private record JoinedRange(
            PendingOffload cold, long baseOffset, byte[] content, int extents, long digest) {}

    ExtentOffloader(
            Metadata metadata,
            ObjectStore bucket,
            CompactionDuties duties,
            OffloadPlan plan,
            ManifestIdSequence names,
            OffloadMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.settings = plan.settings();
        this.reads = new ProbedReads(new BucketProbe(metadata, bucket, settings.cluster()));
        this.plan = plan;
        this.manifestIds = names;
        this.metrics = metrics;
        if (!plan.isEmpty()) {
            metadata.topics().allById().stream()
                    .filter(topic ->
                            duties.isResponsibleForTopic(metadata.incarnation(), topic.id()))
                    .forEach(topics::add);
        }
    }

    /** Runs the round. Called and completed on the event loop. */
    CompletableFuture<Void> run() {
        int left = PARTITIONS_PER_TASK;
        while (left > 0 && !topics.isEmpty() && gatheredExtents < settings.manifestExtents()) {
            gather(topics.getFirst(), partition++);
            left--;
            if (partition >= topics.getFirst().partitionCount()) {
                topics.removeFirst();
                partition = 0;
            }
        }
        boolean isEnough = topics.isEmpty() || gatheredExtents >= settings.manifestExtents();
        CompletableFuture<Void> written =
                isEnough ? write() : CompletableFuture.completedFuture(null);
        return topics.isEmpty()
                ? written
                : written.thenComposeAsync(done -> run(), metadata.loop());
    }

    /** A partition with more extents than a manifest can hold continues in a later round. */
    private void gather(Topic topic, int number) {
        PartitionLog log = metadata.view().partition(topic.id(), number).orElse(null);
        if (log == null) {
            return;
        }
        Optional<OffloadedRange> last = log.lastOffloadedRange();
        for (OffloadCandidate row : plan.due(log, topic.settings())) {
            if (gatheredExtents >= settings.manifestExtents()) {
                return;
            }
            last = last.filter(candidate -> plan.joins(log, topic.settings(), candidate, row));
            gathered.add(new PendingOffload(topic.id(), number, last, row));
            // The joined range also occupies memory until the manifest is written.
            gatheredExtents += row.extents() + last.map(OffloadedRange::extents).orElse(0);
            last = Optional.empty();
        }
    }

    private CompletableFuture<Void> write() {
        List<PendingOffload> rows = gathered;
        gathered = new ArrayList<>();
        gatheredExtents = 0;
        return join(rows, new ArrayList<>()).thenComposeAsync(this::write, metadata.loop());
    }

    private CompletableFuture<List<JoinedRange>> join(
            List<PendingOffload> rows, List<JoinedRange> before) {
        int from = before.size();
        if (from == rows.size()) {
            return CompletableFuture.completedFuture(before);
        }
        List<CompletableFuture<JoinedRange>> next =
                rows.subList(from, Math.min(from + CONCURRENT_READS, rows.size())).stream()
                        .map(this::join)
                        .toList();
        return CompletableFuture.allOf(next.toArray(CompletableFuture[]::new))
                .thenComposeAsync(
                        read -> {
                            next.forEach(future -> before.add(future.join()));
                            return join(rows, before);
                        },
                        metadata.loop());
    }

    /** Uses the range alone if the last offloaded range cannot be read. */
    private CompletableFuture<JoinedRange> join(PendingOffload cold) {
        if (cold.last().isEmpty()) {
            return CompletableFuture.completedFuture(unjoined(cold));
        }
        OffloadedRange last = cold.last().get();
        ObjectKey key = last.manifest().id().key(settings.cluster());
        ByteRange range = new ByteRange(last.position(), last.length());
        return reads.read(key, () -> bucket.getRange(key, range))
                .thenApplyAsync(
                        before ->
                                matchesDigest(last, before)
                                        ? joined(cold, last, before)
                                        : unjoined(cold),
                        metadata.loop())
                .exceptionally(failure -> unjoinedIfDamaged(cold, failure));
    }

    /** Content is verified before being written again, because the state only adds digests. */
    private boolean matchesDigest(OffloadedRange row, byte[] content) {
        return metadata.view()
                .partition(row.topicId(), row.partition())
                .flatMap(log -> log.extents(row, content))
                .isPresent();
    }

    private static JoinedRange unjoined(PendingOffload cold) {
        OffloadCandidate extents = cold.extents();
        return new JoinedRange(
                cold, extents.baseOffset(), extents.content(), extents.extents(), extents.digest());
    }

    private static JoinedRange joined(PendingOffload cold, OffloadedRange last, byte[] before) {
        OffloadCandidate next = cold.extents();
        byte[] content = Arrays.copyOf(before, before.length + next.content().length);
        System.arraycopy(next.content(), 0, content, before.length, next.content().length);
        return new JoinedRange(
                cold,
                last.baseOffset(),
                content,
                last.extents() + next.extents(),
                last.digest() + next.digest());
    }

    private static JoinedRange unjoinedIfDamaged(PendingOffload cold, Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        return switch (cause) {
            case ObjectStoreException.Missing gone -> unjoined(cold);
            case ObjectStoreException.Corrupt damaged -> unjoined(cold);
            case ProbedReads.Unreadable own -> unjoined(cold);
            default -> throw new CompletionException(cause);
        };
    }

    private CompletableFuture<Void> write(List<JoinedRange> now) {
        if (now.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        ObjectId id = manifestIds.next(metadata.incarnation());
        ManifestBuilder builder = new ManifestBuilder(id);
        List<RangeToOffload> rows = new ArrayList<>();
        for (JoinedRange range : now) {
            long topicId = range.cold().topicId();
            int number = range.cold().partition();
            long end = range.cold().extents().endOffset();
            long position =
                    builder.add(
                            topicId,
                            number,
                            range.content(),
                            range.extents(),
                            end - range.baseOffset());
            rows.add(
                    new RangeToOffload(
                            topicId,
                            number,
                            range.baseOffset(),
                            end,
                            position,
                            range.extents(),
                            range.digest()));
        }
        SealedObject manifest = builder.seal();
        return bucket.put(id.key(settings.cluster()), manifest.body())
                .thenComposeAsync(
                        stored ->
                                metadata.propose(
                                        new Command.ExtentsOffloaded(manifest.ref(), rows),
                                        Priority.BACKGROUND),
                        metadata.loop())
                .thenApply(Proposal::acceptedOutcome)
                .thenAccept(outcome -> count(outcome, now));
    }

    private void count(Outcome outcome, List<JoinedRange> rows) {
        if (!(outcome instanceof Outcome.Rows(List<RowOutcome> verdicts))) {
            throw new IllegalStateException("unexpected outcome of an offload: " + outcome);
        }
        long extents = 0;
        long others = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (verdicts.get(i) instanceof RowOutcome.Accepted) {
                extents += rows.get(i).cold().extents().extents();
            } else {
                others++;
            }
        }
        metrics.offloaded(extents, others);
    }
}
