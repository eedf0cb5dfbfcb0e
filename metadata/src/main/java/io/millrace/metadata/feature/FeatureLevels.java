package io.millrace.metadata.feature;

import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/**
 * The feature levels that a node supports: all from {@link #OLDEST} to its newest. A node held at
 * an older level treats everything above that level as unknown. Immutable.
 */
public final class FeatureLevels {

    /** The level of a cluster with an empty log. */
    public static final int OLDEST = 1;

    /** The levels of this code. */
    public static final FeatureLevels ALL = new FeatureLevels(OLDEST, LevelContents.OF_CODE);

    private final int newest;
    private final int newestOfCode;
    private final LevelContents contents;

    /**
     * @param newest the highest level, at least {@link #OLDEST}
     */
    public FeatureLevels(int newest, LevelContents contents) {
        this(newest, newest, contents);
    }

    private FeatureLevels(int newest, int newestOfCode, LevelContents contents) {
        if (newest < OLDEST) {
            throw new IllegalArgumentException("feature level " + newest);
        }
        this.newest = newest;
        this.newestOfCode = newestOfCode;
        this.contents = contents;
    }

    /**
     * Returns these levels up to a maximum.
     *
     * @param max at least {@link #OLDEST}; may be above {@link #newest}
     */
    public FeatureLevels atMost(int max) {
        return new FeatureLevels(Math.min(max, newest), newestOfCode, contents);
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
                                                + " upgrade all nodes first and remove any lower"
                                                + " millrace.max-feature-level.")
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
                    "The cluster's metadata is at feature level %d, and this node supports at most %d: %s"
                            .formatted(
                                    level,
                                    newest,
                                    level <= newestOfCode
                                            ? "raise or remove millrace.max-feature-level."
                                            : "start it with a newer version of Millrace."));
        }
    }
}
