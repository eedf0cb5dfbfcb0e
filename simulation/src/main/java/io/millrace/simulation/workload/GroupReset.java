package io.millrace.simulation.workload;

import io.millrace.group.admin.GroupAdmin;
import io.millrace.group.admin.GroupCommit;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.invariant.SentCommit;
import io.millrace.simulation.world.NodeGroups;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** An operator that resets a group with or without members. Any outcome is permitted. */
final class GroupReset {

    private final SimulatedCluster cluster;
    private final String group;
    private final GroupCheck check;
    private final SplittableRandom random;

    GroupReset(SimulatedCluster cluster, String group, GroupCheck check, SplittableRandom random) {
        this.cluster = cluster;
        this.group = group;
        this.check = check;
        this.random = random;
    }

    void attempt() {
        NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.FETCH, random);
        NodeGroups groups = node == null ? null : node.groups();
        MetadataReplica replica = node == null ? null : node.replica();
        if (node == null || groups == null || replica == null) {
            return;
        }
        List<GroupCommit> offsets = new ArrayList<>();
        for (Topic topic : PartitionName.withoutKeys(replica.topics())) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                if (random.nextBoolean()) {
                    offsets.add(anywhere(topic, i));
                }
            }
        }
        cluster.network.connect(node).send(() -> commit(groups.admin(), offsets));
    }

    private GroupCommit anywhere(Topic topic, int partition) {
        int size = cluster.records.log(new PartitionName(topic.name(), partition)).size();
        long offset = random.nextInt(size + 1);
        SentCommit commit = check.reset(new PartitionId(topic.id(), partition), offset);
        return new GroupCommit(
                topic.name(), partition, new CommittedOffset(offset, -1, commit.text()));
    }

    private void commit(GroupAdmin admin, List<GroupCommit> offsets) {
        var unused = admin.commit(group, offsets).exceptionally(rejected -> List.of());
    }
}
