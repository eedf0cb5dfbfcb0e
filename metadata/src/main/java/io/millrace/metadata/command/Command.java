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
 * Something to be decided by the order of the log. A command carries what its proposer knows and
 * names nothing that the order decides, such as offsets or ids. Immutable.
 */
public sealed interface Command {

    /**
     * A WAL block is in the bucket. Outcome: {@link Outcome.Block}.
     *
     * @param object the block
     * @param appendTimeMs when it was sealed, milliseconds since 1970, by the ingest node's clock
     * @param items its batches; those of one partition in the order in which they were accepted
     */
    record BlockCommitted(ObjectRef object, long appendTimeMs, List<BatchItem> items)
            implements Command {
        public BlockCommitted {
            items = List.copyOf(items);
        }
    }

    /** Create a topic. Outcome: {@link Outcome.TopicReady} or {@link Outcome.Rejected}. */
    record TopicCreated(String name, int partitionCount, Map<String, String> config)
            implements Command {
        public TopicCreated {
            config = Map.copyOf(config);
        }
    }

    /** Delete a topic by id. Outcome: {@link Outcome.Done} or {@link Outcome.Rejected}. */
    record TopicDeleted(long topicId) implements Command {}

    /**
     * Give a topic more partitions. Outcome: {@link Outcome.TopicReady} or {@link
     * Outcome.Rejected}.
     *
     * @param partitionCount in all
     */
    record PartitionsAdded(long topicId, int partitionCount) implements Command {}

    /**
     * Change settings of a topic, all of them or none. It carries the change and not the whole, so
     * that two who change different settings at the same time both have their way. Outcome: {@link
     * Outcome.TopicReady} or {@link Outcome.Rejected}.
     *
     * @param set values by key
     * @param reset keys that are to have their defaults again
     */
    record TopicConfigured(long topicId, Map<String, String> set, Set<String> reset)
            implements Command {
        public TopicConfigured {
            set = Map.copyOf(set);
            reset = Set.copyOf(reset);
        }
    }

    /**
     * Let partitions of a topic begin later, and go of what is below. Each on its own: it counts if
     * the offset is behind the log start and not behind the end. Outcome: {@link Outcome.Rows} or
     * {@link Outcome.Rejected}.
     */
    record LogStartAdvanced(long topicId, List<LogStart> starts) implements Command {
        public LogStartAdvanced {
            starts = List.copyOf(starts);
        }
    }

    /**
     * Forget the objects that no extent names any more: they are not in the bucket any more either.
     * Outcome: {@link Outcome.Done}.
     *
     * @param entry those that were dereferenced with this entry or an earlier one, counted from the
     *     log's first entry as 1
     */
    record ObjectsForgotten(long entry) implements Command {}

    /**
     * Let ranges of partitions lie in another object, which is in the bucket. Each row on its own:
     * it counts if the extents of its partition tile its range, and all of them lie in the inputs;
     * below the log start nothing need be there. {@link Outcome.RowOutcome.Superseded} says that
     * something else has come there since. Outcome: {@link Outcome.Rows}, or {@link
     * Outcome.Rejected} where the object is condemned or its writer closed. An object is named by
     * one such command at most.
     *
     * @param inputs the objects that it was made of
     * @param rows those of one partition are neighbours, in the order of their offsets
     */
    record ExtentsReplaced(ObjectRef object, List<ObjectId> inputs, List<Replacement> rows)
            implements Command {
        public ExtentsReplaced {
            inputs = List.copyOf(inputs);
            rows = List.copyOf(rows);
        }
    }

    /**
     * Let go of objects that are in the bucket and that nothing names: from now on nothing will,
     * and they are deleted like those that no extent names any more. Those that are named stay.
     * Outcome: {@link Outcome.Done}.
     */
    record ObjectsCondemned(List<CondemnedObject> objects) implements Command {
        public ObjectsCondemned {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Let extents of partitions lie in a manifest alone, and not in memory. Each row on its own: it
     * counts if its partition's oldest extents in memory tile its range, alone or together with the
     * last rows that were shelved before, are as many, have its digest, and leave others behind
     * them. {@link Outcome.RowOutcome.Superseded} says that they are others. Outcome: {@link
     * Outcome.Rows}, or {@link Outcome.Rejected} where the object is condemned, its writer closed,
     * or it is no manifest. An object is named by one such command at most.
     *
     * @param rows those of one partition are neighbours, in the order of their offsets
     */
    record ExtentsOffloaded(ObjectRef object, List<RangeToOffload> rows) implements Command {
        public ExtentsOffloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Give back extents that lie in manifests. Each row on its own: extents that no reader can
     * reach any more are let go of; those of a partition's last row are in memory again; {@link
     * Outcome.RowOutcome.Superseded} says that there is no such row, or not yet the last. Outcome:
     * {@link Outcome.Rows}.
     */
    record ExtentsReloaded(List<ReloadedRange> rows) implements Command {
        public ExtentsReloaded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Remember how far partitions of a compacted topic are cleaned: what is below was written anew
     * without the records that newer ones replace. Each row on its own: it counts if it goes on,
     * and not past the end; {@link Outcome.RowOutcome.Superseded} says that somebody came as far
     * already. Outcome: {@link Outcome.Rows} or {@link Outcome.Rejected}.
     *
     * @param rows by partition
     */
    record KeysCompacted(long topicId, List<CleanedTo> rows) implements Command {
        public KeysCompacted {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Hand out producer ids. Outcome: {@link Outcome.ProducerIds}.
     *
     * @param count how many, at least 1
     */
    record ProducerIdsAllocated(int count) implements Command {}

    /**
     * Forget the sequences of idempotent producers that have not written for long. Outcome: {@link
     * Outcome.Done}.
     *
     * @param unchangedSince every (producer, partition) whose last change is in an entry at or
     *     before this one, counted from the log's first entry as 1
     */
    record ProducersExpired(long unchangedSince) implements Command {}

    /** Reject whatever comes later from this incarnation. Outcome: {@link Outcome.Done}. */
    record IncarnationClosed(long incarnation) implements Command {}

    /**
     * Use this version of the state machine from the next entry on. Outcome: {@link Outcome.Done}
     * or {@link Outcome.Rejected}.
     */
    record FeatureLevelRaised(int level) implements Command {}

    /**
     * Coordinate a group from now on, and create it if it does not exist. Refused while the open
     * incarnation of another coordinates it. Outcome: {@link Outcome.GroupClaim} or {@link
     * Outcome.Rejected}.
     *
     * @param coordinator the incarnation that proposes this
     * @param claimEpoch the claim that this one is to follow; 0 if the group was never claimed
     */
    record GroupClaimed(String group, long coordinator, long claimEpoch) implements Command {
        public GroupClaimed {
            GroupLimits.wellFormed(group);
        }
    }

    /**
     * Give a group up, so that another may claim it. Outcome: {@link Outcome.Done} or {@link
     * Outcome.Rejected}.
     *
     * @param claimEpoch under which it is coordinated
     */
    record GroupReleased(String group, long claimEpoch) implements Command {
        public GroupReleased {
            GroupLimits.wellFormed(group);
        }
    }

    /**
     * Change a group's members and leases, all of it or nothing. Only its coordinator may. Outcome:
     * {@link Outcome.Done} or {@link Outcome.Rejected}.
     *
     * @param claimEpoch under which it is coordinated
     * @param generation that begins with this: the one before and 1
     */
    record GroupChanged(String group, long claimEpoch, int generation, GroupChange change)
            implements Command {
        public GroupChanged {
            GroupLimits.wellFormed(group);
        }
    }

    /**
     * Count offsets as a group's. Those of a member count where it has the lease of the partition,
     * and has had it since a generation up to the one it names; it may go back. A member that
     * numbers its commits may have sent an older one through another node, where it waits: under
     * the same lease it does not count behind a newer one, in whatever order they come. Those of
     * nobody count while the group has no members, and create it if it does not exist. Outcome:
     * {@link Outcome.Rows} or {@link Outcome.Rejected}.
     *
     * @param member its id; empty for nobody
     * @param generation the one that the member knew when it asked; -1 for nobody
     * @param number rises with each of the member's commits, from 1, and stays the same when one is
     *     sent again; {@link #OF_THE_START}, or {@link #UNNUMBERED}, which counts as long as the
     *     member numbers none of its commits
     * @param commits one for each partition
     */
    record OffsetsCommitted(
            String group, String member, int generation, long number, List<OffsetCommit> commits)
            implements Command {

        /** The number of a commit that has none. */
        public static final long UNNUMBERED = -1;

        /** The number of where a member begins: counts only where nothing was committed before. */
        public static final long OF_THE_START = 0;

        public OffsetsCommitted {
            if (number < UNNUMBERED) {
                throw new IllegalArgumentException("commit " + number);
            }
            GroupLimits.wellFormed(group);
            GroupLimits.wellFormed(member);
            commits = List.copyOf(commits);
        }

        /** A commit without a number. */
        public OffsetsCommitted(
                String group, String member, int generation, List<OffsetCommit> commits) {
            this(group, member, generation, UNNUMBERED, commits);
        }
    }

    /**
     * Forget a group that has no members. Outcome: {@link Outcome.Done} or {@link
     * Outcome.Rejected}.
     */
    record GroupDeleted(String group) implements Command {
        public GroupDeleted {
            GroupLimits.wellFormed(group);
        }
    }

    /**
     * Forget the groups that have no members and have not changed for long. Outcome: {@link
     * Outcome.Done}.
     *
     * @param unchangedSince those whose last commit or change of members is in an entry at or
     *     before this one, counted from the log's first entry as 1
     */
    record GroupsExpired(long unchangedSince) implements Command {}
}
