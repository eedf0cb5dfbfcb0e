package io.millrace.metadata.state;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Arrays;

/**
 * The stream objects that extents name, by a dense number that is reused once no extent names the
 * object any more, so the table is as large as the most objects that were ever alive at a time.
 */
final class ObjectTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    private byte[] kinds = new byte[16];
    private long[] incarnations = new long[16];
    private long[] sequences = new long[16];
    private long[] indexPositions = new long[16];
    private long[] sizes = new long[16];
    private long[] liveBytes = new long[16];
    private int[] liveExtents = new int[16];
    private int[] free = new int[16];
    private long extents;
    private int used;
    private int freeCount;

    long liveExtents() {
        return extents;
    }

    int liveCount() {
        return used - freeCount;
    }

    /** Takes a number for an object that no extent names yet. */
    int add(ObjectRef ref) {
        int number = freeCount > 0 ? free[--freeCount] : used++;
        if (number == kinds.length) {
            grow(number * 2);
        }
        kinds[number] = (byte) ref.id().kind().ordinal();
        incarnations[number] = ref.id().incarnation();
        sequences[number] = ref.id().sequence();
        indexPositions[number] = ref.indexPosition();
        sizes[number] = ref.sizeBytes();
        liveBytes[number] = 0;
        liveExtents[number] = 0;
        return number;
    }

    ObjectRef ref(int number) {
        ObjectId id = new ObjectId(KINDS[kinds[number]], incarnations[number], sequences[number]);
        return new ObjectRef(id, indexPositions[number], sizes[number]);
    }

    /** More of the object is alive; a batch that extends an extent adds no extent. */
    void reference(int number, int extents, long bytes) {
        liveExtents[number] += extents;
        this.extents += extents;
        liveBytes[number] += bytes;
    }

    void release(int number, long bytes) {
        liveBytes[number] -= bytes;
        extents--;
        if (--liveExtents[number] == 0) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, freeCount * 2);
            }
            free[freeCount++] = number;
        }
    }

    private void grow(int capacity) {
        kinds = Arrays.copyOf(kinds, capacity);
        incarnations = Arrays.copyOf(incarnations, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        indexPositions = Arrays.copyOf(indexPositions, capacity);
        sizes = Arrays.copyOf(sizes, capacity);
        liveBytes = Arrays.copyOf(liveBytes, capacity);
        liveExtents = Arrays.copyOf(liveExtents, capacity);
    }

    StateSnapshot.Part freeze() {
        ObjectTable copy = new ObjectTable();
        copy.kinds = Arrays.copyOf(kinds, used);
        copy.incarnations = Arrays.copyOf(incarnations, used);
        copy.sequences = Arrays.copyOf(sequences, used);
        copy.indexPositions = Arrays.copyOf(indexPositions, used);
        copy.sizes = Arrays.copyOf(sizes, used);
        copy.liveBytes = Arrays.copyOf(liveBytes, used);
        copy.liveExtents = Arrays.copyOf(liveExtents, used);
        copy.free = Arrays.copyOf(free, freeCount);
        copy.extents = extents;
        copy.used = used;
        copy.freeCount = freeCount;
        return copy::writeTo;
    }

    private void writeTo(SnapshotWriter out) {
        out.putInt(used);
        out.putBytes(kinds, used);
        out.putLongs(incarnations, used);
        out.putLongs(sequences, used);
        out.putLongs(indexPositions, used);
        out.putLongs(sizes, used);
        out.putLongs(liveBytes, used);
        out.putInts(liveExtents, used);
        out.putLong(extents);
        out.putInt(freeCount);
        out.putInts(free, freeCount);
    }

    static ObjectTable readFrom(SnapshotReader in) {
        ObjectTable table = new ObjectTable();
        table.used = in.getCount();
        int capacity = Math.max(16, table.used);
        table.kinds = in.getBytes(table.used, capacity);
        table.incarnations = in.getLongs(table.used, capacity);
        table.sequences = in.getLongs(table.used, capacity);
        table.indexPositions = in.getLongs(table.used, capacity);
        table.sizes = in.getLongs(table.used, capacity);
        table.liveBytes = in.getLongs(table.used, capacity);
        table.liveExtents = in.getInts(table.used, capacity);
        table.extents = in.getLong();
        table.freeCount = in.getCount();
        table.free = in.getInts(table.freeCount, Math.max(16, table.freeCount));
        return table;
    }
}
