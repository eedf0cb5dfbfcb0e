package io.millrace.compaction.offload;

import com.google.protobuf.ByteString;
import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.compaction.ProbedReads;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.log.LogFields;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Reloads unreachable ranges, so that their objects can be deleted, and ranges of compacted topics.
 * An unreadable range is logged and excluded for a cooldown. Owned by the metadata's event loop.
 */
final class ExtentReloader {

    private static final Logger LOG = Logger.getLogger(ExtentReloader.class);

    /** A few hundred KiB per command. */
    static final int RANGES_PER_COMMAND = 8;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final OffloadMetrics metrics;
    private final ProbedReads reads;
    private final CompactedTopicReload compacted;
    private final Cooldown<OffloadedRange> coolingDown;

    ExtentReloader(
            Metadata metadata,
            ObjectStore bucket,
            CompactionDuties duties,
            OffloadSettings settings,
            OffloadMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.duties = duties;
        this.settings = settings;
        this.metrics = metrics;
        this.reads = new ProbedReads(new BucketProbe(metadata, bucket, settings.cluster()));
        this.compacted = new CompactedTopicReload(metadata, duties, settings, metrics);
        this.coolingDown = new Cooldown<>(metadata.loop());
    }

    /**
     * @param content empty if the extent manifest cannot be read
     */
    record RangeRead(OffloadedRange range, Optional<ByteString> content) {}

    /** Reloads until no range is due. Called and completed on the event loop. */
    CompletableFuture<Void> run() {
        List<OffloadedRange> due = due();
        if (due.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        List<CompletableFuture<RangeRead>> reads = due.stream().map(this::read).toList();
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                .thenComposeAsync(
                        all -> reload(reads.stream().map(CompletableFuture::join).toList()),
                        metadata.loop())
                .thenComposeAsync(done -> run(), metadata.loop());
    }

    private List<OffloadedRange> due() {
        List<OffloadedRange> due = new ArrayList<>();
        Optional<OffloadedRange> last = Optional.empty();
        do {
            List<OffloadedRange> some = metadata.objects().unreachableRanges(last, 100);
            some.stream().filter(this::isMine).forEach(due::add);
            last = some.isEmpty() ? Optional.empty() : Optional.of(some.getLast());
        } while (last.isPresent() && due.size() < RANGES_PER_COMMAND);
        compacted.due().stream().filter(row -> !coolingDown.contains(row)).forEach(due::add);
        return due.subList(0, Math.min(due.size(), RANGES_PER_COMMAND));
    }

    private boolean isMine(OffloadedRange row) {
        return duties.isResponsibleForTopic(metadata.incarnation(), row.topicId())
                && !coolingDown.contains(row);
    }

    Set<OffloadedRange> withoutRoom() {
        return compacted.withoutRoom();
    }

    CompletableFuture<RangeRead> read(OffloadedRange row) {
        ObjectKey key = row.manifest().id().key(settings.cluster());
        ByteRange range = new ByteRange(row.position(), row.length());
        return reads.read(key, () -> bucket.getRange(key, range))
                .thenApply(bytes -> new RangeRead(row, Optional.of(ByteString.copyFrom(bytes))))
                .exceptionallyCompose(failure -> handleUnread(row, FutureFailures.unwrap(failure)));
    }

    private CompletableFuture<RangeRead> handleUnread(OffloadedRange row, Throwable failure) {
        return switch (failure) {
            case ObjectStoreException.Missing gone -> handleUnread(row, "is missing");
            case ObjectStoreException.Corrupt damaged -> handleUnread(row, "is damaged");
            case ProbedReads.Unreadable own ->
                    handleUnread(row, "is unreadable: " + own.getMessage());
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    /** Excludes an unreadable range, unless reloaded meanwhile by another node. */
    private CompletableFuture<RangeRead> handleUnread(OffloadedRange row, String how) {
        return metadata.barrier()
                .thenApplyAsync(
                        reached -> {
                            if (!metadata.objects()
                                    .referencedAmong(Set.of(row.manifest().id()))
                                    .isEmpty()) {
                                exclude(row, how);
                            }
                            return new RangeRead(row, Optional.empty());
                        },
                        metadata.loop());
    }

    /**
     * Proposes reloading of ranges, each accepted on its own, in order. Only on the event loop.
     *
     * @param reads fit into one log entry
     */
    CompletableFuture<Void> reload(List<RangeRead> reads) {
        List<OffloadedRange> given = new ArrayList<>();
        List<ReloadedRange> rows = new ArrayList<>();
        for (RangeRead read : reads) {
            OffloadedRange row = read.range();
            read.content()
                    .ifPresent(content -> {
                        given.add(row);
                        rows.add(
                                new ReloadedRange(
                                        row.topicId(), row.partition(), row.endOffset(), content));
                    });
        }
        return rows.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : metadata.propose(new Command.ExtentsReloaded(rows), Priority.BACKGROUND)
                        .thenApply(Proposal::acceptedOutcome)
                        .thenAccept(outcome -> validate(given, outcome));
    }

    private void validate(List<OffloadedRange> given, Outcome outcome) {
        if (!(outcome instanceof Outcome.Rows(List<RowOutcome> verdicts))) {
            throw new IllegalStateException("unexpected outcome of a reload: " + outcome);
        }
        for (int i = 0; i < given.size(); i++) {
            RowOutcome verdict = verdicts.get(i);
            if (verdict instanceof RowOutcome.Rejected(Reason reason)
                    && reason == Reason.CORRUPT_DATA) {
                reportDamaged(given.get(i));
            }
        }
        metrics.reloaded(
                verdicts.stream().filter(row -> row instanceof RowOutcome.Accepted).count());
    }

    void reportDamaged(OffloadedRange row) {
        exclude(row, "is damaged");
    }

    void reportUnreadable(ObjectId object, RuntimeException why) {
        metrics.damaged();
        LogFields.object(object)
                .log(() ->
                        LOG.errorf(
                                "Object %s is missing, damaged or unreadable, so its live extents"
                                        + " cannot be moved. Restore it; the next attempt is in a day. %s",
                                object, why.getMessage()));
    }

    private void exclude(OffloadedRange row, String how) {
        coolingDown.start(row);
        metrics.damaged();
        LogFields.object(row.manifest().id())
                .topicId(row.topicId())
                .partition(row.partition())
                .log(() ->
                        LOG.errorf(
                                "Extent manifest %s of topic %d, partition %d, at byte %d, cannot be"
                                        + " reloaded, so its objects stay in the bucket: it %s. Restore it; the"
                                        + " next attempt is in ten minutes.",
                                row.manifest().id(),
                                row.topicId(),
                                row.partition(),
                                row.position(),
                                how));
    }
}
