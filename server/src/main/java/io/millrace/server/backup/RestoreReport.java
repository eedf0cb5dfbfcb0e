package io.millrace.server.backup;

import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.restore.BucketComparison;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.state.MetadataState;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The report of a restore: the restored point, and what is lost. */
record RestoreReport(String cluster, RestorePlan plan, MetadataState state, Consumer<String> out) {

    /**
     * Reports the restored point.
     *
     * @param newest the time of the newest restored record
     */
    void restoredPoint(Optional<Instant> newest) {
        MetadataState.Sizes sizes = state.sizes();
        out.accept(
                "Restored point: entry %d of %d in the bucket%s."
                        .formatted(
                                state.entries(),
                                plan.log().end(),
                                newest.map(time -> ", newest records stored at " + time)
                                        .orElse(", no records")));
        out.accept(
                "Contents: %d topics, %d partitions, %d extents, %d groups."
                        .formatted(
                                state.topics().all().size(),
                                sizes.partitions(),
                                sizes.extents(),
                                sizes.groups()));
    }

    /**
     * Reports the comparison with the bucket.
     *
     * @param copies the number of missing objects that the backup has and a restore copies
     */
    void objects(BucketComparison comparison, int copies) {
        out.accept(
                "Objects: %d referenced, %,d bytes; %d missing%s; %d unreferenced, %,d bytes: stored after the restored point or never committed. They stay for millrace.metadata-retention-s and are then deleted."
                        .formatted(
                                comparison.referenced(),
                                comparison.referencedBytes(),
                                comparison.missing().size(),
                                copies > 0 ? ", %d of them in the backup".formatted(copies) : "",
                                comparison.unreferenced(),
                                comparison.unreferencedBytes()));
    }

    /** Reports a log that only repeats a part of a former one, which may reach further. */
    void formerLog() {
        RestorableLog log = plan.log();
        if (log.manifest().uncovered().isEmpty()) {
            log.manifest()
                    .formerCopy()
                    .flatMap(former -> ManifestKey.parse(former, cluster))
                    .ifPresent(former ->
                            out.accept(
                                    "Generation %d is itself a restore of generation %d, with no archive after entry %d. For the whole former log use --generation %d."
                                            .formatted(
                                                    log.key().generation(),
                                                    former.generation(),
                                                    log.manifest().checkpointPosition(),
                                                    former.generation())));
        }
    }

    void losses() {
        long left = plan.log().end() - state.entries();
        if (left > 0) {
            out.accept(
                    "Left out: the %d entries in the bucket after the restored point. To restore them instead, run this command with --generation %d and another empty etcd, within millrace.metadata-retention-s."
                            .formatted(left, plan.log().key().generation()));
        }
        out.accept(
                "Lost: all entries after entry %d, which were in etcd only. Their number is unknown; they are at most the writes of millrace.seal-age-s before the loss. Producers and consumers of their records: see docs/operations.md."
                        .formatted(plan.log().end()));
    }
}
