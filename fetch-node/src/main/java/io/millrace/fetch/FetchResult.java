package io.millrace.fetch;

import java.util.List;

/**
 * The result of a fetch.
 *
 * @param partitions one result for each partition of the query, in the query's order
 */
public record FetchResult(List<PartitionResult> partitions) {
    public FetchResult {
        partitions = List.copyOf(partitions);
    }
}
