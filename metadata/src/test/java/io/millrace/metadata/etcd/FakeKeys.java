package io.millrace.metadata.etcd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a {@link FakeEtcd} with their revisions and their history since the last compaction.
 * One thread.
 */
final class FakeKeys {

    /**
     * A change of a key.
     *
     * @param now the new value; null after a deletion
     */
    record Change(long revision, String key, Etcd.@Nullable KeyValue now) {

        private boolean isBetween(String from, String end) {
            return key.compareTo(from) >= 0 && key.compareTo(end) < 0;
        }
    }

    private final TreeMap<String, Etcd.KeyValue> keys = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private long revision = 1;
    private long compacted;

    long revision() {
        return revision;
    }

    long compacted() {
        return compacted;
    }

    /** Advances the revision. */
    void advanceRevision(long changes) {
        revision += changes;
    }

    /** Deletes all keys and the history, as a new etcd at the same address would. */
    void reset() {
        keys.clear();
        history.clear();
        revision = 1;
        compacted = 0;
    }

    /** Replaces all keys. Reads before the revision fail, because the older history is lost. */
    void restore(List<Etcd.KeyValue> restored, long toRevision) {
        reset();
        for (Etcd.KeyValue key : restored) {
            keys.put(key.key(), key);
            // The state at the restore remains readable after later changes.
            history.add(new Change(key.modRevision(), key.key(), key));
        }
        history.sort(Comparator.comparingLong(Change::revision));
        revision = toRevision;
        compacted = toRevision;
    }

    List<Etcd.KeyValue> all() {
        return List.copyOf(keys.values());
    }

    List<String> names() {
        return List.copyOf(keys.keySet());
    }

    Optional<Etcd.KeyValue> get(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    void put(String key, byte[] value) {
        Etcd.@Nullable KeyValue before = keys.get(key);
        Etcd.KeyValue now =
                new Etcd.KeyValue(
                        key,
                        value.clone(),
                        before == null ? revision : before.createRevision(),
                        revision,
                        before == null ? 1 : before.version() + 1);
        keys.put(key, now);
        history.add(new Change(revision, key, now));
    }

    void delete(String key) {
        if (keys.remove(key) != null) {
            history.add(new Change(revision, key, null));
        }
    }

    /** Returns the keys of a range; none if the end is not after the start. */
    NavigableMap<String, Etcd.KeyValue> between(String from, String end) {
        return from.compareTo(end) < 0
                ? keys.subMap(from, true, end, false)
                : Collections.emptyNavigableMap();
    }

    /** Returns the keys of a range at a revision that is not compacted. */
    List<Etcd.KeyValue> between(String from, String end, long at) {
        TreeMap<String, Etcd.KeyValue> then = new TreeMap<>(between(from, end));
        for (Change change : history.reversed()) {
            if (change.revision() > at && change.isBetween(from, end)) {
                then.remove(change.key());
            }
        }
        for (Change change : history) {
            if (change.revision() <= at && change.isBetween(from, end)) {
                if (change.now() == null) {
                    then.remove(change.key());
                } else {
                    then.put(change.key(), change.now());
                }
            }
        }
        return List.copyOf(then.values());
    }

    /** Returns the changes from a revision on. */
    List<Change> changes(String from, String end, long since) {
        List<Change> changes = new ArrayList<>();
        for (Change change : history) {
            if (change.revision() >= since && change.isBetween(from, end)) {
                changes.add(change);
            }
        }
        return changes;
    }

    boolean holds(Etcd.Condition condition) {
        return switch (condition) {
            case Etcd.Condition.ValueIs(String key, byte[] value) ->
                    get(key).filter(now -> Arrays.equals(now.value(), value)).isPresent();
            case Etcd.Condition.ValueAbove(String key, byte[] value) ->
                    get(key).filter(now -> Arrays.compareUnsigned(now.value(), value) > 0)
                            .isPresent();
            case Etcd.Condition.Absent(String key) -> !keys.containsKey(key);
            case Etcd.Condition.UnchangedSince(String key, long modRevision) ->
                    get(key).map(Etcd.KeyValue::modRevision).orElse(0L) == modRevision;
        };
    }

    /** Compacts the history before a revision. */
    void compactTo(long before) {
        compacted = Math.max(compacted, Math.min(before, revision));
        Set<String> newer = new HashSet<>();
        List<Change> kept = new ArrayList<>();
        for (Change change : history.reversed()) {
            // The state at the compaction remains readable, as in etcd.
            if (change.revision() > compacted || newer.add(change.key())) {
                kept.addFirst(change);
            }
        }
        history.clear();
        history.addAll(kept);
    }
}
