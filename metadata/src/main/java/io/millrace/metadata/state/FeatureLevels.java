package io.millrace.metadata.state;

import io.millrace.metadata.command.Command;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import java.util.Optional;

/**
 * The versions of the state machine that a node knows: all from {@link #OLDEST} to its newest. What
 * is above that is unknown to it in every way, whether its code could read it or not: so a node
 * that is held at an older level is in all like one of an older version. Immutable.
 *
 * @param newest the highest, at least {@link #OLDEST} and not above what this code has
 */
public record FeatureLevels(int newest) {

    /** The level of a cluster whose log is empty. */
    public static final int OLDEST = 1;

    /** From which on there are consumer groups. */
    public static final int GROUPS = 2;

    /** From which on a topic's settings can change, and the beginnings of logs move. */
    public static final int RETENTION = 3;

    /** From which on members' commits may be numbered. */
    public static final int COMMIT_NUMBERS = 4;

    /** From which on records may move to other objects, and objects may be condemned. */
    public static final int MERGES = 5;

    /** From which on extents may lie in manifests. */
    public static final int SHELVES = 6;

    /** From which on records may be removed by key. */
    public static final int KEYS = 7;

    private static final int NEWEST = KEYS;

    /** All that this code has. */
    public static final FeatureLevels ALL = new FeatureLevels(NEWEST);

    public FeatureLevels {
        if (newest < OLDEST || newest > NEWEST) {
            throw new IllegalArgumentException("feature level " + newest);
        }
    }

    /**
     * All that this code has, but none above a bound.
     *
     * @param bound may be above all that this code has; at least {@link #OLDEST}
     */
    public static FeatureLevels atMost(int bound) {
        return new FeatureLevels(Math.min(bound, NEWEST));
    }

    /** The level from which on a command may be in the log. */
    static int neededFor(Command command) {
        return switch (command) {
            case Command.BlockCommitted block -> OLDEST;
            case Command.TopicCreated created -> OLDEST;
            case Command.TopicDeleted deleted -> OLDEST;
            case Command.PartitionsAdded added -> OLDEST;
            case Command.ProducerIdsAllocated allocated -> OLDEST;
            case Command.ProducersExpired expired -> OLDEST;
            case Command.IncarnationClosed closed -> OLDEST;
            case Command.FeatureLevelRaised raised -> OLDEST;
            case Command.GroupClaimed claimed -> GROUPS;
            case Command.GroupReleased released -> GROUPS;
            case Command.GroupChanged changed -> GROUPS;
            case Command.OffsetsCommitted committed ->
                    committed.number() == Command.OffsetsCommitted.UNNUMBERED
                            ? GROUPS
                            : COMMIT_NUMBERS;
            case Command.GroupDeleted deleted -> GROUPS;
            case Command.GroupsExpired expired -> GROUPS;
            case Command.TopicConfigured configured -> RETENTION;
            case Command.LogStartAdvanced advanced -> RETENTION;
            case Command.ObjectsForgotten forgotten -> RETENTION;
            case Command.ExtentsReplaced replaced -> MERGES;
            case Command.ObjectsCondemned condemned ->
                    condemned.objects().stream()
                                    .anyMatch(one -> one.id().kind() == ObjectId.Kind.MANIFEST)
                            ? SHELVES
                            : MERGES;
            case Command.ExtentsShelved shelved -> SHELVES;
            case Command.ExtentsRecalled recalled -> SHELVES;
            case Command.KeysCompacted compacted -> KEYS;
        };
    }

    /**
     * Why a command must not be put into the log of a cluster; nothing if it may be. A node that
     * does not know a command stops when it meets it: so whoever proposes asks first.
     *
     * @param inForce the cluster's level now
     */
    public static Optional<Problem> refusal(Command command, int inForce) {
        int needed = neededFor(command);
        return needed <= inForce
                ? Optional.empty()
                : Optional.of(new Problem(Reason.FEATURE_LEVEL_TOO_LOW, tooLow(inForce, needed)));
    }

    static String tooLow(int inForce, int needed) {
        return ("The cluster is at feature level %d, and this needs %d: upgrade all its nodes first,"
                        + " and hold none at an older level.")
                .formatted(inForce, needed);
    }

    /** Says that this node cannot take part in a cluster. */
    UnsupportedEntryException tooOldFor(int level) {
        return new UnsupportedEntryException(
                "The cluster's metadata is at feature level %d, and this node knows %d at most: %s"
                        .formatted(
                                level,
                                newest,
                                level <= NEWEST
                                        ? "raise or remove millrace.feature-level.at-most."
                                        : "start it with a newer version of Millrace."));
    }
}
