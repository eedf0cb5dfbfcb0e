package io.millrace.kafka.fetch;

import io.millrace.fetch.FetchNode;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetLookup.LookupPosition;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Looks up offsets by time or by special timestamps. Both isolation levels end at the high
 * watermark. The whole log is local: the earliest local offset is the log start, and there are no
 * tiered offsets and no pending uploads.
 */
public final class ListOffsetsHandler
        implements ApiHandler<ListOffsetsRequestData, ListOffsetsResponseData> {

    private static final short FIRST_WITH_LEADER_EPOCH = 4;
    private static final int NO_EPOCH = -1;

    private final FetchNode fetch;
    private final Metadata metadata;

    public ListOffsetsHandler(FetchNode fetch, Metadata metadata) {
        this.fetch = fetch;
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_OFFSETS;
    }

    @Override
    public CompletableFuture<ListOffsetsResponseData> handle(
            RequestContext context, ListOffsetsRequestData request) {
        CompletableFuture<ListOffsetsResponseData> answer = new CompletableFuture<>();
        metadata.loop()
                .runNowOrLater(() -> {
                    try {
                        new Search(context, request, answer).start();
                    } catch (RuntimeException bug) {
                        answer.completeExceptionally(bug);
                    }
                });
        return answer;
    }

    /** One request. Owned by the fetch node's event loop. */
    private final class Search {

        private final RequestContext context;
        private final ListOffsetsRequestData request;
        private final CompletableFuture<ListOffsetsResponseData> answer;
        private final ListOffsetsResponseData built = new ListOffsetsResponseData();
        private final LeaderEpochs epochs = new LeaderEpochs((int) metadata.generation());
        private final List<OffsetLookup> lookups = new ArrayList<>();
        private final List<ListOffsetsPartitionResponse> places = new ArrayList<>();

        private record Named(String topic, int partition) {}

        Search(
                RequestContext context,
                ListOffsetsRequestData request,
                CompletableFuture<ListOffsetsResponseData> answer) {
            this.context = context;
            this.request = request;
            this.answer = answer;
        }

        void start() {
            boolean legal = IsolationLevels.isKnown(request.isolationLevel());
            Set<Named> duplicates = duplicates();
            for (ListOffsetsTopic topic : request.topics()) {
                boolean allowed =
                        context.authorize(Operation.DESCRIBE, ResourceType.TOPIC, topic.name());
                ListOffsetsTopicResponse found =
                        new ListOffsetsTopicResponse().setName(topic.name());
                built.topics().add(found);
                for (ListOffsetsPartition partition : topic.partitions()) {
                    ListOffsetsPartitionResponse place =
                            new ListOffsetsPartitionResponse()
                                    .setPartitionIndex(partition.partitionIndex());
                    found.partitions().add(place);
                    if (!legal) {
                        fail(place, IsolationLevels.UNKNOWN_LEVEL);
                    } else if (!allowed) {
                        fail(place, Errors.TOPIC_AUTHORIZATION_FAILED);
                    } else if (duplicates.contains(
                            new Named(topic.name(), partition.partitionIndex()))) {
                        fail(place, Errors.INVALID_REQUEST);
                    } else {
                        search(topic.name(), partition, place);
                    }
                }
            }
            if (lookups.isEmpty()) {
                answer.complete(built);
                return;
            }
            var unused =
                    fetch.listOffsets(lookups)
                            .whenComplete((results, failure) -> {
                                if (failure == null) {
                                    answerAll(results);
                                } else {
                                    answer.completeExceptionally(failure);
                                }
                            });
        }

        private Set<Named> duplicates() {
            Set<Named> named = new HashSet<>();
            Set<Named> twice = new HashSet<>(0);
            for (ListOffsetsTopic topic : request.topics()) {
                for (ListOffsetsPartition partition : topic.partitions()) {
                    Named each = new Named(topic.name(), partition.partitionIndex());
                    if (!named.add(each)) {
                        twice.add(each);
                    }
                }
            }
            return twice;
        }

        private void search(
                String topic, ListOffsetsPartition partition, ListOffsetsPartitionResponse place) {
            SpecialTimestamp.Target target =
                    SpecialTimestamp.targetOf(partition.timestamp(), context.version());
            Errors fenced = epochs.problem(partition.currentLeaderEpoch());
            switch (target) {
                case SpecialTimestamp.Target.Unsupported() ->
                        fail(place, Errors.UNSUPPORTED_VERSION);
                case SpecialTimestamp.Target.Nothing() -> {
                    // Existence and epoch are checked as for other offsets.
                    look(topic, partition, new LookupPosition.Earliest(), fenced, place);
                    place.setTimestamp(NOTHING);
                }
                case SpecialTimestamp.Target.At(LookupPosition position) ->
                        look(topic, partition, position, fenced, place);
            }
        }

        private void look(
                String topic,
                ListOffsetsPartition partition,
                LookupPosition position,
                Errors fenced,
                ListOffsetsPartitionResponse place) {
            if (fenced != Errors.NONE && exists(topic, partition.partitionIndex())) {
                fail(place, fenced);
            } else {
                lookups.add(new OffsetLookup(topic, partition.partitionIndex(), position));
                places.add(place);
            }
        }

        private boolean exists(String topic, int partition) {
            return metadata.topics()
                    .named(topic)
                    .filter(found -> partition >= 0 && partition < found.partitionCount())
                    .isPresent();
        }

        private void answerAll(List<OffsetResult> results) {
            for (int i = 0; i < results.size(); i++) {
                ListOffsetsPartitionResponse place = places.get(i);
                switch (results.get(i)) {
                    case OffsetResult.Failed(var problem) ->
                            fail(place, KafkaErrors.of(problem.reason()));
                    case OffsetResult.Found found -> found(lookups.get(i), place, found);
                }
            }
            answer.complete(built);
        }

        private void found(
                OffsetLookup lookup, ListOffsetsPartitionResponse place, OffsetResult.Found found) {
            boolean byTime =
                    lookup.at() instanceof LookupPosition.Time
                            || lookup.at() instanceof LookupPosition.MaxTimestamp;
            if (place.timestamp() == NOTHING || (byTime && found.timestampMs() < 0)) {
                place.setTimestamp(-1).setOffset(-1);
                return;
            }
            place.setTimestamp(found.timestampMs()).setOffset(found.offset());
            if (context.version() >= FIRST_WITH_LEADER_EPOCH) {
                place.setLeaderEpoch(
                        lookup.at() instanceof LookupPosition.Latest
                                ? epochs.generation()
                                : epochAt(lookup, found.offset()));
            }
        }

        private int epochAt(OffsetLookup lookup, long offset) {
            return metadata.topics()
                    .named(lookup.topic())
                    .flatMap(topic -> metadata.view().partition(topic.id(), lookup.partition()))
                    .map(log -> log.generationAt(offset))
                    .orElse(NO_EPOCH);
        }

        private void fail(ListOffsetsPartitionResponse place, Errors error) {
            place.setErrorCode(error.code()).setTimestamp(-1).setOffset(-1);
            context.failed(error);
        }
    }

    /** Marks a place whose answer is neither an offset nor an error. */
    private static final long NOTHING = Long.MIN_VALUE;
}
