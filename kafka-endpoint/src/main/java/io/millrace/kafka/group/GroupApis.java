package io.millrace.kafka.group;

import io.millrace.kafka.connection.ApiHandler;
import java.util.List;
import java.util.function.Supplier;

/** The handlers of all group requests. */
public final class GroupApis {

    private GroupApis() {}

    /**
     * @param ids a source of unique member ids
     */
    public static List<ApiHandler<?, ?>> handlers(
            GroupBackend backend, GroupTimes times, Supplier<String> ids) {
        return List.of(
                new FindCoordinatorHandler(backend),
                new JoinGroupHandler(backend),
                new SyncGroupHandler(backend),
                new HeartbeatHandler(backend),
                new LeaveGroupHandler(backend),
                new OffsetCommitHandler(backend),
                new OffsetFetchHandler(backend),
                new OffsetDeleteHandler(backend),
                new DescribeGroupsHandler(backend),
                new ListGroupsHandler(backend),
                new DeleteGroupsHandler(backend),
                new ConsumerGroupHeartbeatHandler(backend, times, ids),
                new ConsumerGroupDescribeHandler(backend));
    }
}
