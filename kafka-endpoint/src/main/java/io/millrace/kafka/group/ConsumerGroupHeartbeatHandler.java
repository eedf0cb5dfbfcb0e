package io.millrace.kafka.group;

import io.millrace.group.MemberDetails;
import io.millrace.group.MemberOrigin;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.group.ConsumerMembership.Answer;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the members of KIP-848. Any node serves any member: the session goes on to the
 * coordinator, as sessions of gRPC members do, and both kinds of members may share a group.
 */
final class ConsumerGroupHeartbeatHandler
        implements ApiHandler<
                ConsumerGroupHeartbeatRequestData, ConsumerGroupHeartbeatResponseData> {

    private static final Duration DEFAULT_REBALANCE_TIMEOUT = Duration.ofMinutes(5);
    private static final int JOIN = 0;
    private static final int LEAVE = -1;
    private static final int LEAVE_STATIC = -2;
    private static final int UNCHANGED = -1;

    private final GroupBackend backend;
    private final ConsumerMemberships members;
    private final GroupTimes times;
    private final Supplier<String> ids;

    /**
     * @param ids a source of unique member ids, for clients that do not choose theirs
     */
    ConsumerGroupHeartbeatHandler(GroupBackend backend, GroupTimes times, Supplier<String> ids) {
        this.backend = backend;
        this.times = times;
        this.members = new ConsumerMemberships(backend);
        this.ids = ids;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public CompletableFuture<ConsumerGroupHeartbeatResponseData> handle(
            RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        Optional<Errors> rejection = rejection(context, request);
        if (rejection.isPresent()) {
            return CompletableFuture.completedFuture(failed(context, rejection.get()));
        }
        String memberId = request.memberId().isBlank() ? ids.get() : request.memberId();
        return backend.onLoop(() -> checked(context, request, memberId))
                .thenApply(answer -> encode(context, request, memberId, answer))
                .exceptionally(failure -> failed(context, GroupErrors.of(failure)));
    }

    private static Optional<Errors> rejection(
            RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return Optional.of(Errors.GROUP_AUTHORIZATION_FAILED);
        }
        if (request.subscribedTopicNames() != null
                && !request.subscribedTopicNames().stream()
                        .allMatch(topic -> OffsetFetchHandler.mayDescribe(context, topic))) {
            return Optional.of(Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        boolean joins = request.memberEpoch() == JOIN;
        boolean mayOmitId = joins && context.version() == 0;
        if (!isLegalId(request.groupId())
                || (request.memberId().isBlank()
                        ? !mayOmitId
                        : !GroupLimits.isLegalId(request.memberId()))
                || (request.instanceId() != null && !isLegalId(request.instanceId()))
                || (request.rackId() != null && request.rackId().isBlank())
                || request.memberEpoch() < LEAVE_STATIC
                || (request.memberEpoch() == LEAVE_STATIC && request.instanceId() == null)
                || (joins && !isLegalJoin(request))) {
            return Optional.of(Errors.INVALID_REQUEST);
        }
        return strategy(request.serverAssignor()).isEmpty()
                ? Optional.of(Errors.UNSUPPORTED_ASSIGNOR)
                : Optional.empty();
    }

    private static boolean isLegalId(String id) {
        return GroupLimits.isLegalId(id) && !id.isBlank();
    }

    private static boolean isLegalJoin(ConsumerGroupHeartbeatRequestData request) {
        boolean subscribes =
                request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null;
        return subscribes
                && request.rebalanceTimeoutMs() != UNCHANGED
                && request.topicPartitions() != null
                && request.topicPartitions().isEmpty();
    }

    private static Optional<AssignmentStrategy> strategy(@Nullable String assignor) {
        return switch (assignor) {
            case null -> Optional.of(AssignmentStrategy.STICKY);
            case ConsumerMembership.UNIFORM -> Optional.of(AssignmentStrategy.STICKY);
            case ConsumerMembership.RANGE -> Optional.of(AssignmentStrategy.RANGE);
            default -> Optional.empty();
        };
    }

    private CompletableFuture<Answer> checked(
            RequestContext context, ConsumerGroupHeartbeatRequestData request, String memberId) {
        String instance = JoinGroupHandler.orEmpty(request.instanceId());
        return instance.isEmpty() || request.memberEpoch() == JOIN
                ? heartbeat(context, request, memberId)
                : members.checkInstance(request.groupId(), memberId, instance)
                        .thenCompose(error ->
                                error == Errors.NONE
                                        ? heartbeat(context, request, memberId)
                                        : CompletableFuture.completedFuture(Answer.failed(error)));
    }

    private CompletableFuture<Answer> heartbeat(
            RequestContext context, ConsumerGroupHeartbeatRequestData request, String memberId) {
        return switch (request.memberEpoch()) {
            case LEAVE ->
                    members.leave(request.groupId(), memberId)
                            .thenApply(error -> left(error, LEAVE));
            case LEAVE_STATIC ->
                    members.detach(request.groupId(), memberId)
                            .thenApply(error -> left(error, LEAVE_STATIC));
            case JOIN ->
                    members.join(
                            request.groupId(),
                            memberId,
                            JoinGroupHandler.orEmpty(request.instanceId()),
                            details(context, request),
                            context.caller());
            default ->
                    members.heartbeat(
                            request.groupId(),
                            memberId,
                            request.memberEpoch(),
                            owned(request),
                            known -> changed(request, known),
                            context.caller());
        };
    }

    private static Answer left(Errors error, int epoch) {
        return error == Errors.NONE
                ? new Answer(Errors.NONE, epoch, Optional.empty())
                : Answer.failed(error);
    }

    private MemberDetails details(
            RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        return changed(
                request,
                new MemberDetails(
                        TopicSubscription.to(Set.of()),
                        AssignmentStrategy.STICKY,
                        times.sessionTimeout(),
                        DEFAULT_REBALANCE_TIMEOUT,
                        context.zone().orElse(""),
                        context.clientId(),
                        "",
                        new MemberOrigin(
                                context.caller().principal().text(), context.caller().host())));
    }

    /** Returns the details after a request, which names only what has changed. */
    private static MemberDetails changed(
            ConsumerGroupHeartbeatRequestData request, MemberDetails known) {
        Set<String> topics =
                request.subscribedTopicNames() == null
                        ? known.subscription().topics()
                        : new TreeSet<>(request.subscribedTopicNames());
        String pattern =
                request.subscribedTopicRegex() == null
                        ? known.subscription().pattern()
                        : request.subscribedTopicRegex();
        return new MemberDetails(
                new TopicSubscription(topics, pattern),
                request.serverAssignor() == null
                        ? known.assignor()
                        : strategy(request.serverAssignor()).orElse(known.assignor()),
                known.sessionTimeout(),
                request.rebalanceTimeoutMs() < 0
                        ? known.releaseTimeout()
                        : shorter(
                                Duration.ofMillis(request.rebalanceTimeoutMs()),
                                MemberDetails.MAX_TIMEOUT),
                request.rackId() == null ? known.zone() : request.rackId(),
                known.clientId(),
                known.run(),
                known.origin());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Optional<Set<PartitionId>> owned(ConsumerGroupHeartbeatRequestData request) {
        if (request.topicPartitions() == null) {
            return Optional.empty();
        }
        Set<PartitionId> owned = new TreeSet<>();
        for (ConsumerGroupHeartbeatRequestData.TopicPartitions topic : request.topicPartitions()) {
            backend.ids()
                    .find(backend.metadata().topics(), topic.topicId())
                    .ifPresent(known ->
                            topic.partitions()
                                    .forEach(partition ->
                                            owned.add(new PartitionId(known.id(), partition))));
        }
        return Optional.of(owned);
    }

    private ConsumerGroupHeartbeatResponseData encode(
            RequestContext context,
            ConsumerGroupHeartbeatRequestData request,
            String memberId,
            Answer answer) {
        if (answer.error() != Errors.NONE) {
            boolean badPattern =
                    answer.error() == Errors.INVALID_REQUEST
                            && request.subscribedTopicRegex() != null
                            && !request.subscribedTopicRegex().isEmpty();
            return failed(context, badPattern ? Errors.INVALID_REGULAR_EXPRESSION : answer.error());
        }
        ConsumerGroupHeartbeatResponseData encoded =
                new ConsumerGroupHeartbeatResponseData()
                        .setMemberId(memberId)
                        .setMemberEpoch(answer.epoch());
        if (answer.epoch() > 0) {
            encoded.setHeartbeatIntervalMs((int) times.heartbeatInterval().toMillis());
        }
        answer.assignment().ifPresent(assigned -> encoded.setAssignment(encode(assigned)));
        return encoded;
    }

    private Assignment encode(Set<PartitionId> assigned) {
        Map<Long, Set<Integer>> byTopic = new TreeMap<>();
        for (PartitionId key : assigned) {
            byTopic.computeIfAbsent(key.topicId(), any -> new TreeSet<>()).add(key.partition());
        }
        Assignment assignment = new Assignment();
        byTopic.forEach((topicId, partitions) ->
                assignment
                        .topicPartitions()
                        .add(
                                new TopicPartitions()
                                        .setTopicId(backend.ids().of(topicId))
                                        .setPartitions(List.copyOf(partitions))));
        return assignment;
    }

    private static ConsumerGroupHeartbeatResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        return new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
