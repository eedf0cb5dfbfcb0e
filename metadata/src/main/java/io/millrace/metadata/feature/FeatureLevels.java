package io.millrace.metadata.feature;

import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/**
 * The feature levels that a node supports: all from {@link #OLDEST} to its newest. Everything above
 * is unknown to the node. Immutable.
 */
public final class FeatureLevels {

    /** The level of a cluster with an empty log. */
    public static final int OLDEST = 1;

    /** The levels of this code. */
    public static final FeatureLevels ALL = new FeatureLevels(OLDEST, LevelContents.OF_CODE);

    private final int newest;
    private final LevelContents contents;

    /**
     * @param newest the highest level, at least {@link #OLDEST}
     */
    public FeatureLevels(int newest, LevelContents contents) {
        if (newest < OLDEST) {
            throw new IllegalArgumentException("feature level " + newest);
        }
        this.newest = newest;
        this.contents = contents;
    }

    public int newest() {
        return newest;
    }

    /**
     * Checks a command before it is proposed, because nodes stop at a command that they do not
     * support.
     *
     * @return the problem if the command needs a level above {@code inForce}
     */
    public Optional<Problem> rejection(Command command, int inForce) {
        int needed = contents.levelOf(command);
        return needed <= inForce
                ? Optional.empty()
                : Optional.of(
                        new Problem(
                                Reason.FEATURE_LEVEL_TOO_LOW,
                                ("The cluster is at feature level %d, but this request needs level %d:"
                                                + " upgrade all nodes, then run millrace cluster"
                                                + " upgrade.")
                                        .formatted(inForce, needed)));
    }

    /** Returns the reason of an outcome, or what stands for it below the level it came with. */
    public Reason reasonAt(int level, Reason reason) {
        return contents.reasons().at(level, reason);
    }

    public StateLimits limitsAt(int level) {
        return contents.limits().apply(level);
    }

    /**
     * Checks a command of the log.
     *
     * @throws UnsupportedEntryException above {@link #newest}
     */
    public void requireSupport(Command command) {
        requireSupport(contents.levelOf(command));
    }

    /**
     * Checks a level of the cluster.
     *
     * @throws UnsupportedEntryException above {@link #newest}
     */
    public void requireSupport(int level) {
        if (level > newest) {
            throw new UnsupportedEntryException(
                    "The cluster's metadata is at feature level %d, and this node supports at most %d: start it with a newer version of Millrace."
                            .formatted(level, newest));
        }
    }
}
