package io.millrace.storage.disk;

import java.time.Instant;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A file's bytes on a {@link CrashingDisk}. As files only grow at the end or are cut off, what is
 * durable is a prefix of the present bytes and a tail that was cut off since the last sync.
 */
final class DiskContent implements DiskNode {

    private static final int SECTOR_BYTES = 512;

    private byte[] bytes = new byte[0];
    private int size;
    private int durablePrefix;
    private byte[] durableTail = new byte[0];
    private Instant lastModified;

    DiskContent(Instant created) {
        this.lastModified = created;
    }

    int size() {
        return size;
    }

    Instant lastModified() {
        return lastModified;
    }

    byte[] read(long position, int length) {
        int from = Math.toIntExact(position);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    void append(byte[] more, Instant now) {
        if (size + more.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more.length, 2 * size));
        }
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
        lastModified = now;
    }

    void truncate(int newSize) {
        if (newSize < durablePrefix) {
            byte[] cut = Arrays.copyOfRange(bytes, newSize, durablePrefix);
            byte[] tail = Arrays.copyOf(cut, cut.length + durableTail.length);
            System.arraycopy(durableTail, 0, tail, cut.length, durableTail.length);
            durableTail = tail;
            durablePrefix = newSize;
        }
        size = Math.min(size, newSize);
    }

    void sync() {
        durablePrefix = size;
        durableTail = new byte[0];
    }

    @Override
    public DiskContent afterCrash(RandomGenerator random) {
        DiskContent left = new DiskContent(lastModified);
        left.append(Arrays.copyOf(bytes, durablePrefix), lastModified);
        boolean cutIsLost = durableTail.length > 0 && random.nextBoolean();
        left.append(cutIsLost ? durableTail : survivors(random), lastModified);
        left.sync();
        return left;
    }

    /** What becomes of the bytes behind the durable prefix. */
    private byte[] survivors(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> new byte[0];
            case 1 -> Arrays.copyOfRange(bytes, durablePrefix, size);
            default -> torn(random);
        };
    }

    /** The size came through up to some byte, the content only in some sectors. */
    private byte[] torn(RandomGenerator random) {
        int end = random.nextInt(durablePrefix, size + 1);
        byte[] torn = Arrays.copyOfRange(bytes, durablePrefix, end);
        for (int from = durablePrefix; from < end; ) {
            int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if (random.nextInt(4) == 0) {
                Arrays.fill(torn, from - durablePrefix, to - durablePrefix, (byte) 0);
            }
            from = to;
        }
        return torn;
    }

    @Override
    public long sizeBytes() {
        return size;
    }
}
