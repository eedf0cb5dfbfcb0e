package io.millrace.metadata.command;

import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.scram.ScramName;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command of the metadata log. Carries facts of the proposer, never values that the order of the
 * log decides, such as offsets. The outcome is {@link Outcome.Completed} unless named here; any
 * command may be rejected with {@link Outcome.CommandRejected}.
 */
public sealed interface Command {

    /**
     * Commits a WAL block that is in the bucket. Outcome: {@link Outcome.Block}.
     *
     * @param appendTimeMs the seal time by the ingest node's clock
     * @param items within a partition in the order of acceptance
     */
    record BlockCommitted(ObjectRef object, long appendTimeMs, List<BatchItem> items)
            implements Command {
        public BlockCommitted {
            items = List.copyOf(items);
        }
    }

    /** Creates a topic. Outcome: {@link Outcome.TopicReady}. */
    record TopicCreated(String name, int partitionCount, Map<String, String> config)
            implements Command {
        public TopicCreated {
            config = Map.copyOf(config);
        }
    }

    /** Deletes a topic. */
    record TopicDeleted(long topicId) implements Command {}

    /** Raises the number of a topic's partitions. Outcome: {@link Outcome.TopicReady}. */
    record PartitionsAdded(long topicId, int partitionCount) implements Command {}

    /**
     * Changes settings of a topic, all or none. Carries the change, so that concurrent changes of
     * different settings all take effect. Outcome: {@link Outcome.TopicReady}.
     *
     * @param reset keys that return to their defaults
     */
    record TopicConfigured(long topicId, Map<String, String> set, Set<String> reset)
            implements Command {
        public TopicConfigured {
            set = Map.copyOf(set);
            reset = Set.copyOf(reset);
        }
    }

    /**
     * Advances log starts and drops the extents below. A row is accepted between the log start,
     * exclusive, and the end, inclusive. Outcome: {@link Outcome.Rows}.
     */
    record LogStartAdvanced(long topicId, List<LogStart> starts) implements Command {
        public LogStartAdvanced {
            starts = List.copyOf(starts);
        }
    }

    /** Removes the objects dereferenced up to an entry, after their deletion from the bucket. */
    record ObjectsForgotten(long entry) implements Command {}

    /**
     * Replaces extents by extents in another object, which is in the bucket. A row is accepted if
     * extents in the inputs tile the row's range; below the log start, extents may be missing. If
     * the range has changed, the row is superseded. If the object is condemned or its writer
     * closed, the command is rejected. An object appears in at most one such command. Outcome:
     * {@link Outcome.Rows}.
     *
     * @param rows rows of one partition are adjacent and in offset order
     */
    record ExtentsReplaced(ObjectRef object, List<ObjectId> inputs, List<Replacement> rows)
            implements Command {
        public ExtentsReplaced {
            inputs = List.copyOf(inputs);
            rows = List.copyOf(rows);
        }
    }

    /** Condemns objects unless referenced. */
    record ObjectsCondemned(List<CondemnedObject> objects) implements Command {
        public ObjectsCondemned {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Offloads extents to an extent manifest. A row is accepted under three conditions:
     *
     * <ul>
     *   <li>the partition's oldest in-memory extents tile the range, alone or after the partition's
     *       last offloaded ranges
     *   <li>their number and digest match
     *   <li>at least one later extent stays in memory.
     * </ul>
     *
     * If the extents have changed, the row is superseded. The command is rejected for a condemned
     * object, a closed writer, or an object that is no extent manifest. An object appears in at
     * most one such command. Outcome: {@link Outcome.Rows}.
     *
     * @param rows rows of one partition are adjacent and in offset order
     */
    record ExtentsOffloaded(ObjectRef object, List<RangeToOffload> rows) implements Command {
        public ExtentsOffloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Releases the extents of unreachable ranges and returns the extents of a partition's last
     * offloaded range to memory. If the range does not exist or is not yet the last, the row is
     * superseded. Outcome: {@link Outcome.Rows}.
     */
    record ExtentsReloaded(List<ReloadedRange> rows) implements Command {
        public ExtentsReloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Records the cleaned offsets of partitions of a compacted topic. A row is superseded if its
     * offset is not above the recorded offset, and rejected after the partition's end. Outcome:
     * {@link Outcome.Rows}.
     */
    record KeysCompacted(long topicId, List<CleanedTo> rows) implements Command {
        public KeysCompacted {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Allocates producer ids. Outcome: {@link Outcome.ProducerIds}.
     *
     * @param generation the generation of the cluster. A restored state may lack ids that are in
     *     use, so the ids of a generation are above those of earlier generations.
     */
    record ProducerIdsAllocated(int count, long generation) implements Command {

        public static final long MAX_GENERATION = Entry.MAX_GENERATION;

        public ProducerIdsAllocated {
            if (generation < 1 || generation > MAX_GENERATION) {
                throw new IllegalArgumentException("generation " + generation);
            }
        }

        /** Allocates ids in a cluster that was never restored. */
        public ProducerIdsAllocated(int count) {
            this(count, 1);
        }
    }

    /**
     * Expires the sequences of (producer, partition) pairs that have not changed after entry {@code
     * unchangedSince}, up to a maximum number of pairs.
     */
    record ProducersExpired(long unchangedSince) implements Command {}

    /**
     * Raises the number of (producer, partition) pairs whose sequences are remembered. The leader
     * derives it from the memory of the smallest node, because all nodes must forget the same
     * pairs.
     */
    record ProducerCapacityRaised(int pairs) implements Command {}

    /** Closes an incarnation, so that its later entries are rejected. */
    record IncarnationClosed(long incarnation) implements Command {}

    /** Raises the feature level from the next entry on. */
    record FeatureLevelRaised(int level) implements Command {}

    /**
     * Claims a group for a coordinator and creates the group if absent. Rejected while the open
     * incarnation of another node coordinates the group. Outcome: {@link Outcome.GroupClaim}.
     *
     * @param claimEpoch the epoch of the preceding claim; 0 without a claim
     */
    record GroupClaimed(String group, long coordinator, long claimEpoch) implements Command {
        public GroupClaimed {
            GroupLimits.requireWellFormed(group);
        }
    }

    /** Releases a group for a claim by another node. */
    record GroupReleased(String group, long claimEpoch) implements Command {
        public GroupReleased {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Changes a group's members and leases, all or none. Only by the group's coordinator.
     *
     * @param generation the current generation plus 1
     */
    record GroupChanged(String group, long claimEpoch, int generation, GroupChange change)
            implements Command {
        public GroupChanged {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Commits offsets of a group. A member's commit is accepted for the partitions that the member
     * has leased since the named generation or longer; the offset may decrease. Under one lease, an
     * older commit is ignored after a newer one. A commit without a member is accepted while the
     * group has no members, and creates the group if absent. Outcome: {@link Outcome.Rows}.
     *
     * @param member the member's id; empty for none
     * @param generation the member's generation at the commit; -1 without a member
     * @param number the commit number from 1, the same for a retry; {@link #START_POSITION} or
     *     {@link #UNNUMBERED}
     * @param commits at most one per partition
     */
    record OffsetsCommitted(
            String group, String member, int generation, long number, List<OffsetCommit> commits)
            implements Command {

        /** The number of an unnumbered commit, accepted until the member numbers a commit. */
        public static final long UNNUMBERED = -1;

        /**
         * The number of a start position, accepted only while the partition has no committed
         * offset.
         */
        public static final long START_POSITION = 0;

        public OffsetsCommitted {
            if (number < UNNUMBERED) {
                throw new IllegalArgumentException("commit " + number);
            }
            GroupLimits.requireWellFormed(group);
            GroupLimits.requireWellFormed(member);
            commits = List.copyOf(commits);
        }

        public OffsetsCommitted(
                String group, String member, int generation, List<OffsetCommit> commits) {
            this(group, member, generation, UNNUMBERED, commits);
        }
    }

    /** Deletes a group without members. */
    record GroupDeleted(String group) implements Command {
        public GroupDeleted {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Deletes committed offsets of a group. A partition without a committed offset is accepted. A
     * leased partition is rejected with GROUP_NOT_EMPTY, because its member would commit again.
     * Outcome: {@link Outcome.Rows}.
     */
    record OffsetsDeleted(String group, List<PartitionId> partitions) implements Command {
        public OffsetsDeleted {
            GroupLimits.requireWellFormed(group);
            partitions = List.copyOf(partitions);
            for (PartitionId key : partitions) {
                if (key.partition() < 0) {
                    throw new IllegalArgumentException("partition " + key.partition());
                }
            }
        }
    }

    /**
     * Removes members of a group on behalf of an administrator, by any node. The members lose their
     * leases, and the group advances by one generation, so that a change that the coordinator has
     * computed before is rejected. An unknown member is rejected with UNKNOWN_MEMBER. Outcome:
     * {@link Outcome.Rows}.
     */
    record MembersRemoved(String group, List<String> members) implements Command {
        public MembersRemoved {
            GroupLimits.requireWellFormed(group);
            members.forEach(GroupLimits::requireWellFormed);
            members = List.copyOf(members);
        }
    }

    /**
     * Expires groups without members that have no commit or change of members after entry {@code
     * unchangedSince}.
     */
    record GroupsExpired(long unchangedSince) implements Command {}

    /**
     * Removes and then adds ACLs, all or none. An ACL that exists is not added again, and one that
     * does not exist is not removed.
     */
    record AclsChanged(List<Acl> added, List<Acl> removed) implements Command {
        public AclsChanged {
            added = List.copyOf(added);
            removed = List.copyOf(removed);
        }
    }

    /**
     * Allocates the number of a node, unless the node has a number. Outcome: {@link
     * Outcome.NodeNumber}.
     *
     * @param node the id of the node, stable across restarts
     */
    record NodeNumbered(String node) implements Command {}

    /** Removes and then sets quotas, all or none. A quota that does not exist is not removed. */
    record QuotasChanged(List<Quota> set, List<QuotaKey> removed) implements Command {
        public QuotasChanged {
            set = List.copyOf(set);
            removed = List.copyOf(removed);
        }
    }

    /**
     * Removes and then sets SCRAM credentials, all or none. A credential that does not exist is not
     * removed.
     */
    record ScramCredentialsChanged(List<ScramCredential> set, List<ScramName> removed)
            implements Command {
        public ScramCredentialsChanged {
            set = List.copyOf(set);
            removed = List.copyOf(removed);
        }
    }
}
