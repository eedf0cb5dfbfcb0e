package io.millrace.fetch;

import java.util.List;

/** The result of a fetch, with partitions in the order of the query. */
public record FetchResult(List<PartitionResult> partitions) {
    public FetchResult {
        partitions = List.copyOf(partitions);
    }
}
