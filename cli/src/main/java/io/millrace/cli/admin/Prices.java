package io.millrace.cli.admin;

import io.millrace.client.admin.BucketUsage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The prices of a bucket in any currency: for 1,000 requests of each kind, and for 1 GiB a month.
 */
record Prices(double put, double get, double list, double delete, double storage) {

    private static final double THOUSAND = 1_000;
    private static final double GIB = 1L << 30;

    enum Kind {
        /** A multipart upload counts one request to begin, one per part and one to complete. */
        PUT("put", "create_multipart", "upload_part", "complete_multipart"),
        GET("get"),
        LIST("list", "list_multipart"),
        DELETE("delete", "abort_multipart");

        private final List<String> operations;

        Kind(String... operations) {
            this.operations = List.of(operations);
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean has(BucketUsage.Requests requests) {
            return operations.contains(requests.operation());
        }
    }

    /** Returns the number of requests. Failed requests count too, as the bucket answered most. */
    static long count(Kind kind, List<BucketUsage.Requests> requests) {
        return requests.stream().filter(kind::has).mapToLong(Prices::sent).sum();
    }

    private static long sent(BucketUsage.Requests requests) {
        return requests.answered() + requests.failed();
    }

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
                // An operation of a newer node: overestimate the cost instead of omitting it.
                .orElse(Kind.PUT);
    }

    double monthly(long bytes) {
        return bytes / GIB * storage;
    }
}
