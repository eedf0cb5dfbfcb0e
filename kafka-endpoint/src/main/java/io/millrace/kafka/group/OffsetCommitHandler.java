package io.millrace.kafka.group;

import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Commits offsets, at any node: the log decides about the leases of the member. */
final class OffsetCommitHandler
        implements ApiHandler<OffsetCommitRequestData, OffsetCommitResponseData> {

    static final short FIRST_WITH_EPOCHS = 9;

    private static final short FIRST_BY_ID = 10;

    private final GroupBackend backend;

    OffsetCommitHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_COMMIT;
    }

    @Override
    public CompletableFuture<OffsetCommitResponseData> handle(
            RequestContext context, OffsetCommitRequestData request) {
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    refused(context, request, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (!GroupLimits.isLegalId(request.groupId())) {
            return CompletableFuture.completedFuture(
                    refused(context, request, Errors.INVALID_GROUP_ID));
        }
        return current(context, request)
                .thenCompose(topics -> {
                    Rows rows = rows(context, request, topics, answer);
                    return backend.onLoop(() -> commit(context.version(), request, rows));
                })
                .thenApply(done -> {
                    count(context, answer);
                    return answer;
                })
                .exceptionally(failure -> refused(context, request, GroupErrors.of(failure)));
    }

    /** Returns topics that include those of the request, if these exist. */
    private CompletableFuture<Topics> current(
            RequestContext context, OffsetCommitRequestData request) {
        Topics topics = backend.metadata().topics();
        boolean known =
                request.topics().stream()
                        .allMatch(topic -> find(context, topic, topics).isPresent());
        return known
                ? CompletableFuture.completedFuture(topics)
                : backend.afterBarrier(
                        () -> CompletableFuture.completedFuture(backend.metadata().topics()));
    }

    private Optional<Topic> find(
            RequestContext context, OffsetCommitRequestTopic topic, Topics topics) {
        return context.version() >= FIRST_BY_ID
                ? backend.ids().find(topics, topic.topicId())
                : topics.named(topic.name());
    }

    /** The offsets that may be committed, each with its place in the answer. */
    private record Rows(List<OffsetCommit> offsets, List<OffsetCommitResponsePartition> answers) {}

    private Rows rows(
            RequestContext context,
            OffsetCommitRequestData request,
            Topics topics,
            OffsetCommitResponseData answer) {
        Rows rows = new Rows(new ArrayList<>(), new ArrayList<>());
        Set<String> seen = new HashSet<>();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            if (topic.partitions().isEmpty()) {
                continue;
            }
            OffsetCommitResponseTopic answers =
                    new OffsetCommitResponseTopic()
                            .setName(topic.name())
                            .setTopicId(topic.topicId());
            answer.topics().add(answers);
            Optional<Topic> found = find(context, topic, topics);
            Errors error = error(context, found.map(Topic::name).orElse(topic.name()), found);
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                OffsetCommitResponsePartition its =
                        new OffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error.code());
                answers.partitions().add(its);
                if (error == Errors.NONE) {
                    Topic known = found.orElseThrow();
                    boolean first = seen.add(known.id() + "/" + partition.partitionIndex());
                    Errors wrong = first ? error(partition, known) : Errors.INVALID_REQUEST;
                    its.setErrorCode(wrong.code());
                    if (wrong == Errors.NONE) {
                        rows.offsets().add(offset(known, partition));
                        rows.answers().add(its);
                    }
                }
            }
        }
        return rows;
    }

    private static Errors error(RequestContext context, String name, Optional<Topic> found) {
        boolean byId = context.version() >= FIRST_BY_ID;
        if (byId && found.isEmpty()) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (!context.authorize(Operation.READ, ResourceType.TOPIC, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return found.isPresent() ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static Errors error(OffsetCommitRequestPartition partition, Topic topic) {
        if (partition.partitionIndex() < 0
                || partition.partitionIndex() >= topic.partitionCount()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        String text = partition.committedMetadata();
        if (text != null && text.length() > GroupLimits.MAX_TEXT_CHARS) {
            return Errors.OFFSET_METADATA_TOO_LARGE;
        }
        return partition.committedOffset() < 0 ? Errors.INVALID_REQUEST : Errors.NONE;
    }

    private static OffsetCommit offset(Topic topic, OffsetCommitRequestPartition partition) {
        return new OffsetCommit(
                topic.id(),
                partition.partitionIndex(),
                new CommittedOffset(
                        partition.committedOffset(),
                        Math.max(-1, partition.committedLeaderEpoch()),
                        JoinGroupHandler.orEmpty(partition.committedMetadata())));
    }

    private CompletableFuture<Void> commit(
            short version, OffsetCommitRequestData request, Rows rows) {
        if (version < FIRST_WITH_EPOCHS && isConsumer(request)) {
            rows.answers()
                    .forEach(answer -> answer.setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
            return CompletableFuture.completedFuture(null);
        }
        MemberOfGeneration member = member(request);
        Optional<ClassicError> rejection = backend.classic().commit(request.groupId(), member);
        if (rejection.isPresent()) {
            rows.answers()
                    .forEach(answer -> answer.setErrorCode(GroupErrors.of(rejection.get()).code()));
            return CompletableFuture.completedFuture(null);
        }
        return new OffsetCommits(backend, version)
                .commit(request.groupId(), member, rows.offsets())
                .thenAccept(errors -> {
                    for (int i = 0; i < errors.size(); i++) {
                        rows.answers().get(i).setErrorCode(errors.get(i).code());
                    }
                });
    }

    /** Returns whether the sender is a member of KIP-848. */
    private boolean isConsumer(OffsetCommitRequestData request) {
        return backend.metadata()
                .groups()
                .group(request.groupId())
                .filter(GroupKind::isConsumer)
                .flatMap(group -> group.member(request.memberId()))
                .isPresent();
    }

    /** In a group without members, a sender without a generation is no member, as in Kafka. */
    private MemberOfGeneration member(OffsetCommitRequestData request) {
        int generation = request.generationIdOrMemberEpoch();
        return generation < 0 && isEmpty(request.groupId())
                ? new MemberOfGeneration("", "", generation)
                : new MemberOfGeneration(
                        request.memberId(),
                        JoinGroupHandler.orEmpty(request.groupInstanceId()),
                        generation);
    }

    private boolean isEmpty(String group) {
        return backend.metadata()
                        .groups()
                        .group(group)
                        .filter(known -> !known.members().isEmpty())
                        .isEmpty()
                && backend.classic()
                        .describe(group)
                        .filter(known -> !known.members().isEmpty())
                        .isEmpty();
    }

    private static OffsetCommitResponseData refused(
            RequestContext context, OffsetCommitRequestData request, Errors error) {
        context.failed(error);
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            OffsetCommitResponseTopic answers =
                    new OffsetCommitResponseTopic()
                            .setName(topic.name())
                            .setTopicId(topic.topicId());
            answer.topics().add(answers);
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                answers.partitions()
                        .add(
                                new OffsetCommitResponsePartition()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setErrorCode(error.code()));
            }
        }
        return answer;
    }

    private static void count(RequestContext context, OffsetCommitResponseData answer) {
        for (OffsetCommitResponseTopic topic : answer.topics()) {
            for (OffsetCommitResponsePartition partition : topic.partitions()) {
                if (partition.errorCode() != Errors.NONE.code()) {
                    context.failed(Errors.forCode(partition.errorCode()));
                }
            }
        }
    }
}
