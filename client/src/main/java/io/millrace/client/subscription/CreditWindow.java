package io.millrace.client.subscription;

import io.millrace.protocol.v1.Credit;
import org.jspecify.annotations.Nullable;

/**
 * How much a node may send: what may be held less what is held, and no more of it at once than a
 * quarter of all, so that one partition that falls behind can be stopped before it has taken the
 * room of the others. Owner: the I/O thread.
 */
final class CreditWindow {

    private static final int WINDOWS = 4;

    /** One of the two things that are counted. */
    private static final class Counter {
        private final long capacity;
        private long held;
        private long granted;

        Counter(long capacity) {
            this.capacity = capacity;
        }

        /** What could be granted now. */
        private long room() {
            long target = Math.min(window(), capacity - held);
            return target <= 0 ? 0 : Math.max(0, target - granted);
        }

        private long window() {
            return Math.max(1, capacity / WINDOWS);
        }

        /** Whether a grant is worth a message. */
        private boolean isDue() {
            return room() > 0 && (granted <= 0 || room() >= window() / 2);
        }
    }

    private final Counter bytes;
    private final Counter records;

    CreditWindow(long bytes, long records) {
        this.bytes = new Counter(bytes);
        this.records = new Counter(records);
    }

    /** A new stream: nothing is granted. */
    void opened() {
        bytes.granted = 0;
        records.granted = 0;
    }

    /** So much came, and is held. */
    void arrived(long byteCount, long recordCount) {
        bytes.held += byteCount;
        records.held += recordCount;
        bytes.granted -= byteCount;
        records.granted -= recordCount;
    }

    /** So much is held no more. */
    void freed(long byteCount, long recordCount) {
        bytes.held -= byteCount;
        records.held -= recordCount;
    }

    /** Bytes that are held. */
    long heldBytes() {
        return bytes.held;
    }

    /** What to grant now; null if it is not worth a message. */
    @Nullable Credit grant() {
        if (!bytes.isDue() && !records.isDue()) {
            return null;
        }
        Credit credit =
                Credit.newBuilder().setBytes(bytes.room()).setRecords(records.room()).build();
        bytes.granted += credit.getBytes();
        records.granted += credit.getRecords();
        return credit;
    }
}
