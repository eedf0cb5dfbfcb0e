package io.millrace.client.subscription;

import io.millrace.protocol.v1.Credit;
import org.jspecify.annotations.Nullable;

/**
 * The credit granted to a node: the free capacity, but at most a quarter of the capacity at once.
 * So a slow partition can be paused before its batches fill the buffer of all partitions. Owner:
 * the I/O thread.
 */
final class CreditWindow {

    private static final int WINDOWS = 4;

    private static final class Counter {
        private final long capacity;
        private long held;
        private long granted;

        Counter(long capacity) {
            this.capacity = capacity;
        }

        private long grantable() {
            long target = Math.min(window(), capacity - held);
            return target <= 0 ? 0 : Math.max(0, target - granted);
        }

        private long window() {
            return Math.max(1, capacity / WINDOWS);
        }

        private boolean isDue() {
            return grantable() > 0 && (granted <= 0 || grantable() >= window() / 2);
        }
    }

    private final Counter bytes;
    private final Counter records;

    CreditWindow(long bytes, long records) {
        this.bytes = new Counter(bytes);
        this.records = new Counter(records);
    }

    void reset() {
        bytes.granted = 0;
        records.granted = 0;
    }

    void received(long byteCount, long recordCount) {
        bytes.held += byteCount;
        records.held += recordCount;
        bytes.granted -= byteCount;
        records.granted -= recordCount;
    }

    void freed(long byteCount, long recordCount) {
        bytes.held -= byteCount;
        records.held -= recordCount;
    }

    long heldBytes() {
        return bytes.held;
    }

    /** Returns the credit to grant; null if too small for a message. */
    @Nullable Credit grant() {
        if (!bytes.isDue() && !records.isDue()) {
            return null;
        }
        Credit credit =
                Credit.newBuilder()
                        .setBytes(bytes.grantable())
                        .setRecords(records.grantable())
                        .build();
        bytes.granted += credit.getBytes();
        records.granted += credit.getRecords();
        return credit;
    }
}
