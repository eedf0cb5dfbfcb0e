package io.millrace.kafka.group;

import io.millrace.group.classic.ClassicDescription;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.Group;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Lists the groups whose coordinator is this node, so that a client that requests all nodes
 * receives each group once. Scans in parts, so that the loop is not occupied for long.
 */
final class ListGroupsHandler implements ApiHandler<ListGroupsRequestData, ListGroupsResponseData> {

    private static final int PART = 1000;

    private static final String CLUSTER = "kafka-cluster";

    private final GroupBackend backend;

    ListGroupsHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_GROUPS;
    }

    @Override
    public CompletableFuture<ListGroupsResponseData> handle(
            RequestContext context, ListGroupsRequestData request) {
        Listing listing =
                new Listing(
                        context,
                        context.allows(Operation.DESCRIBE, ResourceType.CLUSTER, CLUSTER),
                        lowerCase(request.statesFilter()),
                        lowerCase(request.typesFilter()),
                        new ListGroupsResponseData());
        return backend.afterBarrier(() -> scan(listing, ""))
                .exceptionally(failure -> {
                    Errors error = GroupErrors.of(failure);
                    context.failed(error);
                    return new ListGroupsResponseData().setErrorCode(error.code());
                });
    }

    private static Set<String> lowerCase(List<String> filter) {
        return filter.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A listing on its way; empty filters select everything. */
    private record Listing(
            RequestContext context,
            boolean seesAll,
            Set<String> states,
            Set<String> types,
            ListGroupsResponseData answer) {

        boolean selects(ListedGroup group) {
            return isSelected(states, group.groupState()) && isSelected(types, group.groupType());
        }

        private static boolean isSelected(Set<String> filter, String value) {
            return filter.isEmpty() || filter.contains(value.toLowerCase(Locale.ROOT));
        }

        boolean maySee(String group) {
            return seesAll || context.allows(Operation.DESCRIBE, ResourceType.GROUP, group);
        }
    }

    private CompletableFuture<ListGroupsResponseData> scan(Listing listing, String after) {
        List<String> part = backend.metadata().groups().idsAfter(after, PART);
        for (String id : part) {
            if (listing.maySee(id) && isHere(id)) {
                backend.metadata()
                        .groups()
                        .group(id)
                        .map(this::describe)
                        .filter(listing::selects)
                        .ifPresent(listing.answer().groups()::add);
            }
        }
        return part.size() < PART
                ? CompletableFuture.completedFuture(listing.answer())
                : CompletableFuture.supplyAsync(
                                part::getLast, task -> backend.metadata().loop().execute(task))
                        .thenCompose(last -> scan(listing, last));
    }

    private boolean isHere(String group) {
        return backend.coordinators()
                .ofKafkaClients(group)
                .filter(node -> node.node().equals(backend.self().get()))
                .isPresent();
    }

    private ListedGroup describe(Group group) {
        Optional<ClassicDescription> coordinated = backend.classic().describe(group.id());
        return new ListedGroup()
                .setGroupId(group.id())
                .setProtocolType(
                        coordinated
                                .map(ClassicDescription::protocolType)
                                .orElseGet(() -> GroupKind.protocolType(group)))
                .setGroupType(GroupKind.type(group))
                .setGroupState(
                        coordinated
                                .map(known -> GroupKind.name(known.state()))
                                .orElseGet(() -> GroupKind.state(group)));
    }
}
