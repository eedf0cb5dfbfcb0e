package io.millrace.metadata.state;

import io.millrace.metadata.codec.OutcomeCodec;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The incarnations that write to the log, with the last entry of each open incarnation. Keeps the
 * latest {@link #MAX_REMEMBERED_CLOSED} closed incarnations. An unknown incarnation can only start
 * with entry number 1.
 */
final class IncarnationTable {

    static final int MAX_REMEMBERED_CLOSED = 10_000;

    record LastEntry(long sequence, List<Outcome> outcomes) {}

    final TreeMap<Long, LastEntry> open = new TreeMap<>();
    final ArrayDeque<Long> closed = new ArrayDeque<>();
    private final TreeMap<Long, Boolean> isClosed = new TreeMap<>();

    @Nullable LastEntry last(long incarnation) {
        return open.get(incarnation);
    }

    boolean isOpen(long incarnation) {
        return open.containsKey(incarnation);
    }

    boolean isClosed(long incarnation) {
        return isClosed.containsKey(incarnation);
    }

    boolean canAppend(long incarnation, long sequence) {
        return open.containsKey(incarnation)
                || (sequence == 1 && !isClosed.containsKey(incarnation));
    }

    void applied(long incarnation, long sequence, List<Outcome> outcomes) {
        if (!isClosed.containsKey(incarnation)) {
            open.put(incarnation, new LastEntry(sequence, outcomes));
        }
    }

    void close(long incarnation) {
        open.remove(incarnation);
        if (isClosed.put(incarnation, true) == null) {
            closed.addLast(incarnation);
            if (closed.size() > MAX_REMEMBERED_CLOSED) {
                isClosed.remove(closed.removeFirst());
            }
        }
    }

    StateSnapshot.Part freeze() {
        List<Long> closedNow = List.copyOf(closed);
        TreeMap<Long, LastEntry> openNow = new TreeMap<>(open);
        return out -> {
            out.putInt(closedNow.size());
            closedNow.forEach(out::putLong);
            out.putInt(openNow.size());
            openNow.forEach((incarnation, last) -> {
                out.putLong(incarnation);
                out.putLong(last.sequence());
                out.putBytes(OutcomeCodec.encode(last.outcomes()));
            });
        };
    }

    void readFrom(SnapshotReader in) {
        int closed = in.getCount();
        for (int i = 0; i < closed; i++) {
            close(in.getLong());
        }
        int open = in.getCount();
        for (int i = 0; i < open; i++) {
            applied(in.getLong(), in.getLong(), OutcomeCodec.decode(in.getBytes()));
        }
    }
}
