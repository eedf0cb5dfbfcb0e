package io.millrace.cli.admin;

import io.millrace.client.admin.BucketUsage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a bucket costs, in any currency: requests as S3 counts them.
 *
 * @param put for 1,000 requests that write
 * @param get for 1,000 that read
 * @param list for 1,000 that list
 * @param delete for 1,000 that delete an object or give up an upload
 * @param storage for a GiB a month
 */
record Prices(double put, double get, double list, double delete, double storage) {

    private static final double THOUSAND = 1_000;
    private static final double GIB = 1L << 30;

    /** What S3 tells apart when it counts requests. */
    enum Kind {
        /** Of uploads in parts the begin, every part, and the completion. */
        PUT("put", "begin", "part", "complete"),
        GET("get"),
        LIST("list", "unfinished"),
        DELETE("delete", "abandon");

        private final List<String> operations;

        Kind(String... operations) {
            this.operations = List.of(operations);
        }

        /** How it is called where it is printed. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean has(BucketUsage.Requests requests) {
            return operations.contains(requests.operation());
        }
    }

    /** Requests of a kind. Those that failed count too: the bucket answered most of them. */
    static long count(Kind kind, List<BucketUsage.Requests> requests) {
        return requests.stream().filter(kind::has).mapToLong(Prices::sent).sum();
    }

    private static long sent(BucketUsage.Requests requests) {
        return requests.answered() + requests.failed();
    }

    /** What requests cost. */
    double of(BucketUsage.Requests requests) {
        double price =
                switch (kind(requests)) {
                    case PUT -> put;
                    case GET -> get;
                    case LIST -> list;
                    case DELETE -> delete;
                };
        return sent(requests) * price / THOUSAND;
    }

    private static Kind kind(BucketUsage.Requests requests) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.has(requests))
                .findFirst()
                // What a newer node counts: rather too dear than left out.
                .orElse(Kind.PUT);
    }

    /** What so many bytes cost a month. */
    double aMonth(long bytes) {
        return bytes / GIB * storage;
    }
}
