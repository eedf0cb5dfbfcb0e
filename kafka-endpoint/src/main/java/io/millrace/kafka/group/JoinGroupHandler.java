package io.millrace.kafka.group;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.group.classic.AssignmentProtocol;
import io.millrace.group.classic.ClassicJoin;
import io.millrace.group.classic.JoinAnswer;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Joins members to classic groups. */
final class JoinGroupHandler implements ApiHandler<JoinGroupRequestData, JoinGroupResponseData> {

    private static final short FIRST_WITH_KNOWN_ID = 4;
    private static final short FIRST_WITH_PROTOCOL_TYPE = 7;
    private static final short FIRST_WITH_SKIPPED_ASSIGNMENT = 9;

    private final GroupBackend backend;

    JoinGroupHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.JOIN_GROUP;
    }

    @Override
    public CompletableFuture<JoinGroupResponseData> handle(
            RequestContext context, JoinGroupRequestData request) {
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    refused(context, request.memberId(), Errors.GROUP_AUTHORIZATION_FAILED));
        }
        return backend.classic()
                .join(request.groupId(), decode(context, request))
                .thenApply(answer ->
                        switch (answer) {
                            case JoinAnswer.Joined joined -> encode(joined);
                            case JoinAnswer.Refused(String id, var error) ->
                                    refused(context, id, GroupErrors.of(error));
                        });
    }

    private static ClassicJoin decode(RequestContext context, JoinGroupRequestData request) {
        List<AssignmentProtocol> protocols = new ArrayList<>();
        for (JoinGroupRequestData.JoinGroupRequestProtocol way : request.protocols()) {
            protocols.add(
                    new AssignmentProtocol(
                            way.name(), UnsafeByteOperations.unsafeWrap(way.metadata())));
        }
        int sessionMs = request.sessionTimeoutMs();
        int rebalanceMs = request.rebalanceTimeoutMs();
        return new ClassicJoin(
                request.memberId(),
                orEmpty(request.groupInstanceId()),
                request.protocolType(),
                protocols,
                Duration.ofMillis(sessionMs),
                Duration.ofMillis(rebalanceMs < 0 ? sessionMs : rebalanceMs),
                context.clientId(),
                "/" + context.connection().peer().getHostAddress(),
                context.version() >= FIRST_WITH_KNOWN_ID,
                context.version() >= FIRST_WITH_SKIPPED_ASSIGNMENT);
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static JoinGroupResponseData encode(JoinAnswer.Joined joined) {
        JoinGroupResponseData answer =
                new JoinGroupResponseData()
                        .setGenerationId(joined.generation())
                        .setProtocolType(joined.protocolType())
                        .setProtocolName(joined.protocol())
                        .setLeader(joined.leader())
                        .setSkipAssignment(joined.skipAssignment())
                        .setMemberId(joined.memberId());
        for (JoinAnswer.JoinedMember member : joined.members()) {
            answer.members()
                    .add(
                            new JoinGroupResponseMember()
                                    .setMemberId(member.memberId())
                                    .setGroupInstanceId(orNull(member.instanceId()))
                                    .setMetadata(member.metadata().toByteArray()));
        }
        return answer;
    }

    private static JoinGroupResponseData refused(
            RequestContext context, String memberId, Errors error) {
        context.failed(error);
        return new JoinGroupResponseData()
                .setErrorCode(error.code())
                .setGenerationId(-1)
                .setProtocolType(null)
                .setProtocolName(context.version() < FIRST_WITH_PROTOCOL_TYPE ? "" : null)
                .setLeader("")
                .setMemberId(memberId);
    }
}
