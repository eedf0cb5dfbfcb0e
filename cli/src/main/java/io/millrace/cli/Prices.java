package io.millrace.cli;

import io.millrace.client.BucketUsage;

/**
 * What a bucket costs, in any currency: requests as S3 counts them. Deletions, and uploads that are
 * given up, are free.
 *
 * @param put for 1,000 requests that write or list
 * @param get for 1,000 that read
 * @param storage for a GiB a month
 */
record Prices(double put, double get, double storage) {

    private static final double THOUSAND = 1_000;
    private static final double GIB = 1L << 30;

    /** What requests cost. Those that failed count too: the bucket answered most of them. */
    double of(BucketUsage.Requests requests) {
        double price =
                switch (requests.operation()) {
                    case "get" -> get;
                    case "delete", "abandon" -> 0;
                    default -> put;
                };
        return (requests.answered() + requests.failed()) * price / THOUSAND;
    }

    /** What so many bytes cost a month. */
    double aMonth(long bytes) {
        return bytes / GIB * storage;
    }
}
