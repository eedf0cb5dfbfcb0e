package io.millrace.fetch.subscribe;

/** The bytes and records that may still be sent to a client; negative by at most one batch. */
final class DeliveryCredit {

    private long bytes;
    private long records;

    void add(long moreBytes, long moreRecords) {
        bytes = sum(bytes, moreBytes);
        records = sum(records, moreRecords);
    }

    private static long sum(long left, long more) {
        return more > Long.MAX_VALUE - Math.max(0, left) ? Long.MAX_VALUE : left + more;
    }

    void use(long usedBytes, long usedRecords) {
        bytes -= usedBytes;
        records -= usedRecords;
    }

    boolean isUsedUp() {
        return bytes <= 0 || records <= 0;
    }

    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }
}
