package io.millrace.server.grpc.fetch;

import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.server.grpc.access.CallRights;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A fetch without the partitions that the caller has no right to read. Their results are problems,
 * which end the wait for records, as in Kafka. Rights are checked again before the response. One
 * owner.
 */
final class ReadableFetch {

    private final CallRights rights;
    private final RememberedDecisions readable;
    private final BitSet refused = new BitSet();

    ReadableFetch(CallRights rights) {
        this.rights = rights;
        this.readable = rights.decisions(Operation.READ, ResourceType.TOPIC);
    }

    /** Returns the query for the readable partitions. */
    FetchQuery readablePartOf(FetchQuery query) {
        refused.clear();
        List<FetchQuery.PartitionQuery> partitions = query.partitions();
        for (int i = 0; i < partitions.size(); i++) {
            if (!readable.allows(partitions.get(i).topic())) {
                refused.set(i);
            }
        }
        if (refused.isEmpty()) {
            return query;
        }
        List<FetchQuery.PartitionQuery> allowed = new ArrayList<>();
        for (int i = 0; i < partitions.size(); i++) {
            if (!refused.get(i)) {
                allowed.add(partitions.get(i));
            }
        }
        return new FetchQuery(
                allowed, Duration.ZERO, query.minBytes(), query.maxBytes(), query.source());
    }

    /**
     * Returns the results for all partitions of a query.
     *
     * @param result the result for the readable part of the query
     */
    FetchResult complete(FetchQuery query, FetchResult result) {
        List<FetchQuery.PartitionQuery> partitions = query.partitions();
        if (refused.isEmpty() && allReadable(partitions)) {
            return result;
        }
        Iterator<PartitionResult> found = result.partitions().iterator();
        List<PartitionResult> all = new ArrayList<>(partitions.size());
        for (int i = 0; i < partitions.size(); i++) {
            FetchQuery.PartitionQuery each = partitions.get(i);
            boolean asked = !refused.get(i);
            Optional<PartitionResult> own = asked ? Optional.of(found.next()) : Optional.empty();
            all.add(
                    own.filter(read -> readable.allows(each.topic()))
                            .orElseGet(() -> refusal(each)));
        }
        return new FetchResult(all);
    }

    private boolean allReadable(List<FetchQuery.PartitionQuery> partitions) {
        for (FetchQuery.PartitionQuery each : partitions) {
            if (!readable.allows(each.topic())) {
                return false;
            }
        }
        return true;
    }

    private PartitionResult refusal(FetchQuery.PartitionQuery each) {
        return new PartitionResult.Failed(
                each.topic(),
                each.partition(),
                rights.refuse(Operation.READ, ResourceType.TOPIC, each.topic()));
    }
}
