package io.millrace.kafka.group;

import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Finds the coordinators of groups. There are no coordinators of transactions and share groups:
 * keys of these types are refused with INVALID_REQUEST.
 */
final class FindCoordinatorHandler
        implements ApiHandler<FindCoordinatorRequestData, FindCoordinatorResponseData> {

    private static final byte GROUP = 0;
    private static final short FIRST_WITH_BATCH = 4;
    private static final int NO_NODE = -1;

    private final GroupBackend backend;

    FindCoordinatorHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.FIND_COORDINATOR;
    }

    @Override
    public CompletableFuture<FindCoordinatorResponseData> handle(
            RequestContext context, FindCoordinatorRequestData request) {
        List<String> keys =
                context.version() < FIRST_WITH_BATCH
                        ? List.of(request.key())
                        : request.coordinatorKeys();
        List<Boolean> allowed =
                keys.stream()
                        .map(key -> context.authorize(Operation.DESCRIBE, ResourceType.GROUP, key))
                        .toList();
        return backend.onLoop(() -> {
            FindCoordinatorResponseData answer = new FindCoordinatorResponseData();
            for (int i = 0; i < keys.size(); i++) {
                answer.coordinators()
                        .add(
                                find(
                                        context.listener(),
                                        request.keyType(),
                                        keys.get(i),
                                        allowed.get(i)));
            }
            answer.coordinators().stream()
                    .map(found -> Errors.forCode(found.errorCode()))
                    .filter(error -> error != Errors.NONE)
                    .forEach(context::failed);
            return CompletableFuture.completedFuture(
                    context.version() < FIRST_WITH_BATCH ? single(answer) : answer);
        });
    }

    private Coordinator find(KafkaListener listener, byte type, String group, boolean allowed) {
        Coordinator found = new Coordinator().setKey(group);
        if (type != GROUP) {
            return failed(
                    found,
                    Errors.INVALID_REQUEST,
                    "Only groups have coordinators: transactions and share groups are not offered.");
        }
        if (!allowed) {
            return failed(found, Errors.GROUP_AUTHORIZATION_FAILED, null);
        }
        if (!GroupLimits.isLegalId(group)) {
            return failed(found, Errors.INVALID_GROUP_ID, null);
        }
        Optional<KafkaNode> node = coordinator(listener, group);
        return node.isPresent()
                ? found.setNodeId(node.get().number())
                        .setHost(node.get().host())
                        .setPort(node.get().port())
                : failed(found, Errors.COORDINATOR_NOT_AVAILABLE, null);
    }

    private Optional<KafkaNode> coordinator(KafkaListener listener, String group) {
        return backend.coordinators()
                .ofKafkaClients(group)
                .flatMap(registered ->
                        backend.nodes().live(listener).stream()
                                .filter(node -> node.node().equals(registered.node()))
                                .findFirst());
    }

    private static Coordinator failed(
            Coordinator answer, Errors error, @org.jspecify.annotations.Nullable String message) {
        return answer.setErrorCode(error.code())
                .setErrorMessage(message == null ? error.message() : message)
                .setNodeId(NO_NODE)
                .setHost("")
                .setPort(NO_NODE);
    }

    private static FindCoordinatorResponseData single(FindCoordinatorResponseData answer) {
        Coordinator found = answer.coordinators().getFirst();
        return new FindCoordinatorResponseData()
                .setErrorCode(found.errorCode())
                .setErrorMessage(found.errorMessage())
                .setNodeId(found.nodeId())
                .setHost(found.host())
                .setPort(found.port());
    }
}
