package io.millrace.runtime.disk;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.random.RandomGenerator;

/**
 * A file's bytes on a {@link CrashingDisk}. The durable bytes are a prefix of the present bytes,
 * except for sectors that were overwritten and a tail that was truncated since the last sync.
 */
final class DiskContent implements DiskNode {

    private static final int SECTOR_BYTES = 512;

    /** Durable bytes that were overwritten. */
    private record Overwritten(int position, byte[] before) {}

    /** The latest first. */
    private final Deque<Overwritten> overwritten = new ArrayDeque<>();

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
        write(size, more, now);
    }

    void write(int position, byte[] more, Instant now) {
        int end = position + more.length;
        if (position < durablePrefix) {
            int durableEnd = Math.min(end, durablePrefix);
            overwritten.push(
                    new Overwritten(position, Arrays.copyOfRange(bytes, position, durableEnd)));
        }
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, 2 * size));
        }
        if (position > size) {
            Arrays.fill(bytes, size, position, (byte) 0);
        }
        System.arraycopy(more, 0, bytes, position, more.length);
        size = Math.max(size, end);
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
        overwritten.clear();
    }

    @Override
    public DiskContent afterCrash(RandomGenerator random) {
        DiskContent left = new DiskContent(lastModified);
        left.append(durable(random), lastModified);
        boolean cutIsLost = durableTail.length > 0 && random.nextBoolean();
        left.append(cutIsLost ? durableTail : survivors(random), lastModified);
        left.sync();
        return left;
    }

    /** Returns the durable prefix, with the old or the new content of each overwritten sector. */
    private byte[] durable(RandomGenerator random) {
        byte[] durable = Arrays.copyOf(bytes, durablePrefix);
        for (Overwritten part : overwritten) {
            int end = Math.min(part.position() + part.before().length, durablePrefix);
            for (int from = part.position(); from < end; ) {
                int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
                if (random.nextBoolean()) {
                    System.arraycopy(
                            part.before(), from - part.position(), durable, from, to - from);
                }
                from = to;
            }
        }
        return durable;
    }

    /** Returns the bytes after the durable prefix that survive. */
    private byte[] survivors(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> new byte[0];
            case 1 -> Arrays.copyOfRange(bytes, durablePrefix, size);
            default -> torn(random);
        };
    }

    /**
     * Returns a torn write: the size survives up to a random byte, the content only in some
     * sectors.
     */
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
