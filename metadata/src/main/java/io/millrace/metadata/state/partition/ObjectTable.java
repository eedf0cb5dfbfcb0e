package io.millrace.metadata.state.partition;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The referenced stream objects, by a dense number that is reused once its object is unreferenced.
 * Takes about 60 bytes per object; each GiB or so of retained data has one object.
 */
public final class ObjectTable {

    /** The storage time of a manifest, or of a segment without extents. */
    static final long NO_TIME = Long.MIN_VALUE;

    private static final long NO_TOPIC = 0;

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    private final DereferencedTable dereferenced;

    private final ObjectNumbers byId = new ObjectNumbers();
    private byte[] kinds = new byte[16];
    private long[] incarnations = new long[16];
    private LongColumn sequences = new LongColumn(16);
    private LongColumn indexPositions = new LongColumn(16);
    private LongColumn sizes = new LongColumn(16);
    private long[] storedMs = new long[16];
    private LongColumn topicIds = new LongColumn(16);
    private LongColumn liveBytes = new LongColumn(16);
    private int[] liveExtents = new int[16];

    private int[] offloadedExtents = new int[16];

    private int[] free = new int[16];
    private long extents;
    private long offloaded;
    private int used;
    private int freeCount;

    public ObjectTable(DereferencedTable dereferenced) {
        this.dereferenced = dereferenced;
    }

    public long liveExtents() {
        return extents;
    }

    public long offloadedExtents() {
        return offloaded;
    }

    public int liveCount() {
        return used - freeCount;
    }

    /** Allocates a number for an object that is still unreferenced. */
    public int add(ObjectRef ref, long stored) {
        int number = freeCount > 0 ? free[--freeCount] : used++;
        if (number == kinds.length) {
            grow(number + Math.max(16, number >> 3));
        }
        kinds[number] = (byte) ref.id().kind().ordinal();
        incarnations[number] = ref.id().incarnation();
        sequences.set(number, ref.id().sequence());
        indexPositions.set(number, ref.indexPosition());
        sizes.set(number, ref.sizeBytes());
        storedMs[number] = stored;
        topicIds.set(number, NO_TOPIC);
        liveBytes.set(number, 0);
        liveExtents[number] = 0;
        offloadedExtents[number] = 0;
        byId.add(number, this::hash);
        return number;
    }

    ObjectRef ref(int number) {
        return new ObjectRef(id(number), indexPositions.get(number), sizes.get(number));
    }

    /** Returns a referenced object by id. */
    public Optional<ObjectRef> find(ObjectId id) {
        int number =
                byId.find(
                        hash(id.incarnation(), id.sequence()),
                        index -> liveExtents[index] > 0 && id(index).equals(id));
        return number < 0 ? Optional.empty() : Optional.of(ref(number));
    }

    private long hash(int number) {
        return hash(incarnations[number], sequences.get(number));
    }

    private static long hash(long incarnation, long sequence) {
        return incarnation ^ (sequence * 0xBF58476D1CE4E5B9L);
    }

    private ObjectId id(int number) {
        return new ObjectId(KINDS[kinds[number]], incarnations[number], sequences.get(number));
    }

    long storedMs(int number) {
        return storedMs[number];
    }

    /**
     * Raises an object's storage time to that of an input: a merged object is as old as its
     * youngest input.
     */
    void inheritStoredMs(int number, int input) {
        storedMs[number] = Math.max(storedMs[number], storedMs[input]);
    }

    /** Adds references to an object; 0 {@code extents} for a batch that extends an extent. */
    void reference(int number, long topicId, int extents, long bytes) {
        if (topicIds.get(number) == NO_TOPIC) {
            topicIds.set(number, topicId);
        }
        liveExtents[number] += extents;
        this.extents += extents;
        liveBytes.set(number, liveBytes.get(number) + bytes);
    }

    void release(int number, long bytes) {
        extents--;
        releaseManifest(number, bytes);
    }

    /** Counts an extent as offloaded. The reference to the object stays. */
    void offload(int number) {
        offloadedExtents[number]++;
        offloaded++;
        extents--;
    }

    void reload(int number) {
        offloadedExtents[number]--;
        offloaded--;
        extents++;
    }

    /** Adds an offloaded range's reference to its manifest. */
    void referenceManifest(int number, long bytes) {
        liveExtents[number]++;
        liveBytes.set(number, liveBytes.get(number) + bytes);
    }

    void releaseManifest(int number, long bytes) {
        liveBytes.set(number, liveBytes.get(number) - bytes);
        if (--liveExtents[number] == 0) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, freeCount * 2);
            }
            byId.remove(number, this::hash);
            free[freeCount++] = number;
            dereferenced.add(id(number), sizes.get(number));
        }
    }

    /** Registers an object in the bucket that stays unreferenced. */
    public void addUnreferenced(ObjectId id, long sizeBytes) {
        dereferenced.add(id, sizeBytes);
    }

    public BitSet numbersOf(Set<ObjectId> ids) {
        BitSet numbers = new BitSet(used);
        Map<Long, Set<ObjectId>> byWriter =
                ids.stream().collect(groupingBy(ObjectId::incarnation, toSet()));
        for (int i = 0; i < used; i++) {
            Set<ObjectId> ofWriter = liveExtents[i] == 0 ? null : byWriter.get(incarnations[i]);
            if (ofWriter != null && ofWriter.contains(id(i))) {
                numbers.set(i);
            }
        }
        return numbers;
    }

    public Set<ObjectId> referencedAmong(Set<ObjectId> ids) {
        return numbersOf(ids).stream().mapToObj(this::id).collect(toSet());
    }

    public List<StoredObject> referencedObjects() {
        List<StoredObject> all = new ArrayList<>(liveCount());
        for (int i = 0; i < used; i++) {
            if (liveExtents[i] > 0) {
                all.add(stored(i));
            }
        }
        return all;
    }

    /**
     * Returns, by object number, the topic of the first extent; 0 for objects without offloaded
     * extents.
     */
    long[] topicsOfOffloaded() {
        long[] found = new long[used];
        for (int i = 0; i < used; i++) {
            found[i] = liveExtents[i] > 0 && offloadedExtents[i] > 0 ? topicIds.get(i) : NO_TOPIC;
        }
        return found;
    }

    StoredObject stored(int number) {
        return new StoredObject(
                ref(number),
                topicIds.get(number),
                liveBytes.get(number),
                storedMs[number],
                liveExtents[number],
                offloadedExtents[number]);
    }

    private void grow(int capacity) {
        kinds = Arrays.copyOf(kinds, capacity);
        incarnations = Arrays.copyOf(incarnations, capacity);
        sequences.grow(capacity);
        indexPositions.grow(capacity);
        sizes.grow(capacity);
        storedMs = Arrays.copyOf(storedMs, capacity);
        topicIds.grow(capacity);
        liveBytes.grow(capacity);
        liveExtents = Arrays.copyOf(liveExtents, capacity);
        offloadedExtents = Arrays.copyOf(offloadedExtents, capacity);
    }

    public StateSnapshot.Part freeze() {
        ObjectTable copy = new ObjectTable(dereferenced);
        copy.kinds = Arrays.copyOf(kinds, used);
        copy.incarnations = Arrays.copyOf(incarnations, used);
        copy.sequences = sequences.copy(used);
        copy.indexPositions = indexPositions.copy(used);
        copy.sizes = sizes.copy(used);
        copy.storedMs = Arrays.copyOf(storedMs, used);
        copy.topicIds = topicIds.copy(used);
        copy.liveBytes = liveBytes.copy(used);
        copy.liveExtents = Arrays.copyOf(liveExtents, used);
        copy.offloadedExtents = Arrays.copyOf(offloadedExtents, used);
        copy.free = Arrays.copyOf(free, freeCount);
        copy.extents = extents;
        copy.offloaded = offloaded;
        copy.used = used;
        copy.freeCount = freeCount;
        return copy::writeTo;
    }

    private void writeTo(SnapshotWriter out) {
        out.putInt(used);
        out.putBytes(kinds, used);
        out.putLongs(incarnations, used);
        sequences.writeTo(out, used);
        indexPositions.writeTo(out, used);
        sizes.writeTo(out, used);
        liveBytes.writeTo(out, used);
        out.putInts(liveExtents, used);
        out.putLong(extents);
        out.putInt(freeCount);
        out.putInts(free, freeCount);
        out.putLongs(storedMs, used);
        topicIds.writeTo(out, used);
        out.putInts(offloadedExtents, used);
        out.putLong(offloaded);
    }

    public void readFrom(SnapshotReader in) {
        used = in.getCount();
        int capacity = Math.max(16, used);
        kinds = in.getBytes(used, capacity);
        incarnations = in.getLongs(used, capacity);
        sequences = LongColumn.readFrom(in, used, capacity);
        indexPositions = LongColumn.readFrom(in, used, capacity);
        sizes = LongColumn.readFrom(in, used, capacity);
        liveBytes = LongColumn.readFrom(in, used, capacity);
        liveExtents = in.getInts(used, capacity);
        extents = in.getLong();
        freeCount = in.getCount();
        free = in.getInts(freeCount, Math.max(16, freeCount));
        storedMs = in.getLongs(used, capacity);
        topicIds = LongColumn.readFrom(in, used, capacity);
        offloadedExtents = in.getInts(used, capacity);
        offloaded = in.getLong();
        indexNumbers();
    }

    private void indexNumbers() {
        BitSet unused = new BitSet(used);
        for (int i = 0; i < freeCount; i++) {
            unused.set(free[i]);
        }
        for (int number = unused.nextClearBit(0); number < used; ) {
            byId.add(number, this::hash);
            number = unused.nextClearBit(number + 1);
        }
    }
}
