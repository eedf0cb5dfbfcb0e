package io.millrace.metadata.command;

import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command of the metadata log. A command carries the proposer's facts and never values that the
 * order of the log decides, such as offsets or ids. Immutable.
 */
public sealed interface Command {

    /**
     * Commits a WAL block that is in the bucket. Outcome: {@link Outcome.Block}.
     *
     * @param object the block
     * @param appendTimeMs the seal time, milliseconds since 1970, by the ingest node's clock
     * @param items the block's batches; the batches of one partition are in the order of acceptance
     */
    record BlockCommitted(ObjectRef object, long appendTimeMs, List<BatchItem> items)
            implements Command {
        public BlockCommitted {
            items = List.copyOf(items);
        }
    }

    /** Creates a topic. Outcome: {@link Outcome.TopicReady} or {@link Outcome.Refused}. */
    record TopicCreated(String name, int partitionCount, Map<String, String> config)
            implements Command {
        public TopicCreated {
            config = Map.copyOf(config);
        }
    }

    /** Deletes a topic by id. Outcome: {@link Outcome.Completed} or {@link Outcome.Refused}. */
    record TopicDeleted(long topicId) implements Command {}

    /**
     * Adds partitions to a topic. Outcome: {@link Outcome.TopicReady} or {@link Outcome.Refused}.
     *
     * @param partitionCount the total number afterwards
     */
    record PartitionsAdded(long topicId, int partitionCount) implements Command {}

    /**
     * Changes settings of a topic, all or none. Carries the change instead of the complete
     * settings, so that concurrent changes of different settings both take effect. Outcome: {@link
     * Outcome.TopicReady} or {@link Outcome.Refused}.
     *
     * @param set values by key
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
     * Advances the log starts of partitions and drops the extents below. Each row counts by itself:
     * its offset must be after the log start and not after the end. Outcome: {@link
     * Outcome.Offsets} or {@link Outcome.Refused}.
     */
    record LogStartAdvanced(long topicId, List<LogStart> starts) implements Command {
        public LogStartAdvanced {
            starts = List.copyOf(starts);
        }
    }

    /**
     * Removes unreferenced objects from the state after their deletion from the bucket. Outcome:
     * {@link Outcome.Completed}.
     *
     * @param entry the last entry whose dereferenced objects are removed; the first entry of the
     *     log is 1
     */
    record ObjectsForgotten(long entry) implements Command {}

    /**
     * Replaces extents of partitions by extents in another object that is in the bucket. Each row
     * counts by itself under two conditions:
     *
     * <ul>
     *   <li>the partition's extents tile the row's range; below the log start, extents may be
     *       missing
     *   <li>all of them are in the inputs.
     * </ul>
     *
     * {@link Outcome.CommittedRow.Superseded} means that the range has changed since. Outcome:
     * {@link Outcome.Offsets}, or {@link Outcome.Refused} if the object is condemned or its writer
     * closed. An object appears in one such command at most.
     *
     * @param inputs the objects with the replaced extents
     * @param rows the replaced ranges; rows of one partition are adjacent and in offset order
     */
    record ExtentsReplaced(ObjectRef object, List<ObjectId> inputs, List<Replacement> rows)
            implements Command {
        public ExtentsReplaced {
            inputs = List.copyOf(inputs);
            rows = List.copyOf(rows);
        }
    }

    /**
     * Condemns unreferenced objects in the bucket: no later command may reference them, and they
     * are deleted like dereferenced objects. Referenced objects are skipped. Outcome: {@link
     * Outcome.Completed}.
     */
    record ObjectsCondemned(List<CondemnedObject> objects) implements Command {
        public ObjectsCondemned {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Offloads extents of partitions from memory to an extent manifest. Each row counts by itself
     * under three conditions:
     *
     * <ul>
     *   <li>the partition's oldest in-memory extents tile the range, alone or together with the
     *       partition's last offloaded ranges
     *   <li>their number and digest match
     *   <li>at least one later extent stays in memory.
     * </ul>
     *
     * {@link Outcome.CommittedRow.Superseded} means that the extents have changed. Outcome: {@link
     * Outcome.Offsets}, or {@link Outcome.Refused} if the object is condemned, its writer closed,
     * or it is not an extent manifest. An object appears in one such command at most.
     *
     * @param rows the offloaded ranges; rows of one partition are adjacent and in offset order
     */
    record ExtentsOffloaded(ObjectRef object, List<RangeToOffload> rows) implements Command {
        public ExtentsOffloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Reloads offloaded extents. Each row counts by itself: the extents of an unreachable range are
     * released, those of a partition's last offloaded range return to memory. {@link
     * Outcome.CommittedRow.Superseded} means that no such range exists, or that the range is not
     * the last one yet. Outcome: {@link Outcome.Offsets}.
     */
    record ExtentsReloaded(List<ReloadedRange> rows) implements Command {
        public ExtentsReloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Records the offsets up to which key compaction has cleaned partitions of a compacted topic.
     * Each row counts by itself: its offset must be above the recorded one and not after the end.
     * {@link Outcome.CommittedRow.Superseded} means that the recorded offset is as high already.
     * Outcome: {@link Outcome.Offsets} or {@link Outcome.Refused}.
     *
     * @param rows the offsets, by partition
     */
    record KeysCompacted(long topicId, List<CleanedTo> rows) implements Command {
        public KeysCompacted {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Allocates producer ids. Outcome: {@link Outcome.ProducerIds}.
     *
     * @param count the number of ids, at least 1
     */
    record ProducerIdsAllocated(int count) implements Command {}

    /**
     * Expires the sequences of idle idempotent producers. Outcome: {@link Outcome.Completed}.
     *
     * @param unchangedSince the entry up to which a (producer, partition) must have changed last to
     *     be expired; the first entry of the log is 1
     */
    record ProducersExpired(long unchangedSince) implements Command {}

    /**
     * Closes an incarnation: later entries of this incarnation are rejected. Outcome: {@link
     * Outcome.Completed}.
     */
    record IncarnationClosed(long incarnation) implements Command {}

    /**
     * Raises the feature level from the next entry on. Outcome: {@link Outcome.Completed} or {@link
     * Outcome.Refused}.
     */
    record FeatureLevelRaised(int level) implements Command {}

    /**
     * Claims a group for a coordinator and creates the group if needed. Rejected while the open
     * incarnation of another node coordinates the group. Outcome: {@link Outcome.GroupClaim} or
     * {@link Outcome.Refused}.
     *
     * @param coordinator the incarnation that proposes the claim
     * @param claimEpoch the epoch of the preceding claim; 0 if the group was never claimed
     */
    record GroupClaimed(String group, long coordinator, long claimEpoch) implements Command {
        public GroupClaimed {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Releases a group for a claim by another node. Outcome: {@link Outcome.Completed} or {@link
     * Outcome.Refused}.
     *
     * @param claimEpoch the epoch of the coordinator's claim
     */
    record GroupReleased(String group, long claimEpoch) implements Command {
        public GroupReleased {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Changes a group's members and leases, all or none. Only the group's coordinator may. Outcome:
     * {@link Outcome.Completed} or {@link Outcome.Refused}.
     *
     * @param claimEpoch the epoch of the coordinator's claim
     * @param generation the new generation: the current one plus 1
     */
    record GroupChanged(String group, long claimEpoch, int generation, GroupChange change)
            implements Command {
        public GroupChanged {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Commits offsets of a group. A commit by a member counts for partitions that the member
     * leases, if the lease was given in the named generation or an earlier one; the offset may go
     * backwards. A commit may be delayed at another node, so members number their commits. Under
     * one lease, an older commit does not count after a newer one, whatever the order of arrival. A
     * commit without a member counts while the group has no members, and creates the group if
     * needed. Outcome: {@link Outcome.Offsets} or {@link Outcome.Refused}.
     *
     * @param member the member's id; empty for none
     * @param generation the generation that the member knew at the commit; -1 without a member
     * @param number a number that rises with each of the member's commits, from 1, and stays the
     *     same for a retry; or {@link #START_POSITION}; or {@link #UNNUMBERED}, which counts as
     *     long as the member has numbered no commit
     * @param commits the offsets, at most one for each partition
     */
    record OffsetsCommitted(
            String group, String member, int generation, long number, List<OffsetCommit> commits)
            implements Command {

        /** The number of an unnumbered commit. */
        public static final long UNNUMBERED = -1;

        /**
         * The number of a commit of a start position, which counts only before the first other
         * commit.
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

        /** Makes an unnumbered commit. */
        public OffsetsCommitted(
                String group, String member, int generation, List<OffsetCommit> commits) {
            this(group, member, generation, UNNUMBERED, commits);
        }
    }

    /**
     * Deletes a group without members. Outcome: {@link Outcome.Completed} or {@link
     * Outcome.Refused}.
     */
    record GroupDeleted(String group) implements Command {
        public GroupDeleted {
            GroupLimits.requireWellFormed(group);
        }
    }

    /**
     * Expires idle groups without members. Outcome: {@link Outcome.Completed}.
     *
     * @param unchangedSince the entry up to which the last commit or change of members must lie for
     *     a group to expire; the first entry of the log is 1
     */
    record GroupsExpired(long unchangedSince) implements Command {}
}
