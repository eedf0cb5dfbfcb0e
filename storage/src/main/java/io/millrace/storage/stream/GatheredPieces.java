package io.millrace.storage.stream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The runs of an object as slices, by position. A piece is a batch, or several batches adjacent in
 * both their array and the object.
 */
final class GatheredPieces {

    private final List<Slice> pieces;
    private final long[] starts;

    private GatheredPieces(List<Slice> pieces, long[] starts) {
        this.pieces = pieces;
        this.starts = starts;
    }

    List<Slice> all() {
        return pieces;
    }

    List<Slice> read(long position, int length) {
        List<Slice> read = new ArrayList<>();
        int found = Arrays.binarySearch(starts, position);
        int piece = found >= 0 ? found : -found - 2;
        int skip = (int) (position - starts[piece]);
        for (int rest = length; rest > 0; piece++) {
            Slice whole = pieces.get(piece);
            int part = Math.min(rest, whole.length() - skip);
            read.add(whole.part(skip, part));
            rest -= part;
            skip = 0;
        }
        return read;
    }

    /** Collects batches in the order of the object. */
    static final class Builder {

        private final List<Slice> pieces = new ArrayList<>();
        private long[] starts = new long[16];

        void add(Slice batch, long position) {
            int last = pieces.size() - 1;
            if (last >= 0) {
                Slice before = pieces.get(last);
                if (before.array() == batch.array()
                        && before.offset() + before.length() == batch.offset()) {
                    int merged = before.length() + batch.length();
                    pieces.set(last, new Slice(before.array(), before.offset(), merged));
                    return;
                }
            }
            if (pieces.size() == starts.length) {
                starts = Arrays.copyOf(starts, 2 * starts.length);
            }
            starts[pieces.size()] = position;
            pieces.add(batch);
        }

        GatheredPieces build() {
            return new GatheredPieces(List.copyOf(pieces), Arrays.copyOf(starts, pieces.size()));
        }
    }
}
