package io.millrace.metadata.restore;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Chooses the checkpoint and the archives of a restore. Pure. */
public final class RestorePlanner {

    private static final Comparator<RestorableLog> NEWEST_FIRST =
            Comparator.comparing(RestorableLog::key).reversed();

    private RestorePlanner() {}

    /**
     * Plans a restore.
     *
     * @param found the manifests in the bucket, at least one
     * @param generation the generation of the log to restore; empty for the newest
     * @throws RestoreRefusedException if the manifests do not reach the target
     */
    public static RestorePlan plan(
            List<RestorableLog> found, OptionalLong generation, RestoreTarget target) {
        TreeMap<Long, List<RestorableLog>> generations = new TreeMap<>(Comparator.reverseOrder());
        found.stream()
                .sorted(NEWEST_FIRST)
                .forEach(log ->
                        generations
                                .computeIfAbsent(log.key().generation(), key -> new ArrayList<>())
                                .add(log));
        long chosen = generation.orElseGet(generations::firstKey);
        List<RestorableLog> logs = generations.getOrDefault(chosen, List.of());
        if (logs.isEmpty()) {
            throw new RestoreRefusedException(
                    "The bucket has no log manifest of generation %d, only of %s. Correct --generation."
                            .formatted(chosen, generations.keySet()));
        }
        List<RestorableLog> others =
                generations.entrySet().stream()
                        .filter(entry -> entry.getKey() != chosen)
                        .map(Map.Entry::getValue)
                        .map(List::getFirst)
                        .toList();
        // A folder of backups has several manifests of a generation; older ones reach further back.
        return logs.stream()
                .flatMap(log -> plan(log, target, others).stream())
                .findFirst()
                .orElseThrow(() -> unreachable(logs, target));
    }

    private static Optional<RestorePlan> plan(
            RestorableLog log, RestoreTarget target, List<RestorableLog> others) {
        return start(log, target)
                .map(start -> {
                    long end = target instanceof RestoreTarget.Entry(var entry) ? entry : log.end();
                    List<StoredArchive> archives = log.archives(start.getPosition(), end);
                    requireNoGap(log, start.getPosition(), archives, end);
                    return new RestorePlan(log, start, archives, target, others);
                });
    }

    /** Returns the newest checkpoint that is not after the target. */
    private static Optional<StoredCheckpoint> start(RestorableLog log, RestoreTarget target) {
        List<StoredCheckpoint> starts = log.starts();
        return switch (target) {
            case RestoreTarget.Newest newest ->
                    log.end() > 0 ? Optional.of(starts.getLast()) : Optional.empty();
            case RestoreTarget.Entry(var entry) ->
                    entry > log.end()
                            ? Optional.empty()
                            : starts.reversed().stream()
                                    .filter(start -> start.getPosition() <= entry)
                                    .findFirst();
            case RestoreTarget.Time(var at) ->
                    starts.reversed().stream()
                            .filter(start -> isBefore(start, at.toEpochMilli()))
                            .findFirst();
        };
    }

    /** The beginning of the log is before any time. */
    private static boolean isBefore(StoredCheckpoint start, long timeMs) {
        return start.getKey().isEmpty()
                || (start.getStoredMs() > 0 && start.getStoredMs() <= timeMs);
    }

    private static void requireNoGap(
            RestorableLog log, long start, List<StoredArchive> archives, long end) {
        long reached = start;
        for (StoredArchive archive : archives) {
            if (archive.getFirstPosition() > reached + 1) {
                throw gap(log, reached + 1, archive.getFirstPosition() - 1);
            }
            reached = Math.max(reached, LogManifest.lastPosition(archive));
        }
        if (reached < end) {
            throw gap(log, reached + 1, end);
        }
    }

    private static RestoreRefusedException gap(RestorableLog log, long first, long last) {
        return new RestoreRefusedException(
                "The log manifest of generation %d lists no archive with the entries %d to %d, so the log cannot be restored beyond entry %d. Restore an earlier point with --to %d."
                        .formatted(log.key().generation(), first, last, first - 1, first - 1));
    }

    private static RestoreRefusedException unreachable(
            List<RestorableLog> logs, RestoreTarget target) {
        RestorableLog newest = logs.getFirst();
        if (newest.end() == 0) {
            return new RestoreRefusedException(
                    "The log of generation %d has no archived entry, so there is nothing to restore."
                            .formatted(newest.key().generation()));
        }
        StoredCheckpoint oldest = logs.getLast().starts().getFirst();
        String at =
                oldest.getStoredMs() > 0
                        ? ", stored at %s,".formatted(Instant.ofEpochMilli(oldest.getStoredMs()))
                        : "";
        return new RestoreRefusedException(
                "The log of generation %d can be restored from entry %d%s to entry %d, but not to %s. Correct --to. Older points need a backup; newer entries were in etcd only and are lost with it."
                        .formatted(
                                newest.key().generation(),
                                oldest.getPosition(),
                                at,
                                newest.end(),
                                target));
    }
}
