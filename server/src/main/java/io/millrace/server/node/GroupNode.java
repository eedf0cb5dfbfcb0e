package io.millrace.server.node;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.GroupCommits;
import io.millrace.fetch.group.GroupCoordinator;
import io.millrace.fetch.group.GroupMetrics;
import io.millrace.fetch.group.NodeView;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.placement.Rendezvous;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The consumer groups of a fetch node.
 *
 * @param commits for whatever group
 * @param coordinator of the groups that this node has claimed; open
 */
record GroupNode(GroupCommits commits, GroupCoordinator coordinator) {

    static GroupNode open(
            Standing standing, Metadata metadata, RandomGenerator random, GroupMetrics metrics) {
        GroupCommits commits = new GroupCommits(metadata, metrics);
        GroupCoordinator coordinator =
                new GroupCoordinator(
                        metadata,
                        new NodeView(
                                standing::members,
                                standing::node,
                                standing::isLive,
                                standing.life()),
                        key -> zoneOf(key, standing, metadata),
                        commits,
                        random,
                        metrics);
        coordinator.open();
        return new GroupNode(commits, coordinator);
    }

    /** The zone of the fetch node that clients without a zone of their own read it from. */
    private static String zoneOf(PartitionKey key, Standing standing, Metadata metadata) {
        Map<String, String> zones = new HashMap<>();
        for (Member member : standing.members()) {
            if (member.roles().contains(Role.FETCH)) {
                zones.put(member.node(), member.zone());
            }
        }
        return metadata.topics()
                .withId(key.topicId())
                .map(Topic::name)
                .flatMap(name ->
                        Rendezvous.first(zones.keySet(), Rendezvous.keyOf(name, key.partition())))
                .map(node -> zones.getOrDefault(node, ""))
                .orElse("");
    }
}
