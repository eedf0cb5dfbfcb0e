package io.millrace.fetch;

import java.util.List;

/**
 * What a fetch found.
 *
 * @param partitions one for each of the query's, in its order
 */
public record FetchResult(List<PartitionResult> partitions) {
    public FetchResult {
        partitions = List.copyOf(partitions);
    }
}
