package io.millrace.metadata.feature;

import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The feature levels that a node supports: all from {@link #OLDEST} to its newest. A node held at
 * an older level treats everything above that level as unknown. Immutable.
 */
public final class FeatureLevels {

    /** The level of a cluster with an empty log. */
    public static final int OLDEST = 1;

    /** The levels of this code. A command of a later level gets its level here. */
    public static final FeatureLevels ALL = new FeatureLevels(OLDEST, command -> OLDEST);

    private final int newest;
    private final int newestOfCode;
    private final ToIntFunction<Command> levelOf;

    /**
     * @param newest the highest level, at least {@link #OLDEST}
     * @param levelOf the lowest level at which the log may contain a command
     */
    public FeatureLevels(int newest, ToIntFunction<Command> levelOf) {
        this(newest, newest, levelOf);
    }

    private FeatureLevels(int newest, int newestOfCode, ToIntFunction<Command> levelOf) {
        if (newest < OLDEST) {
            throw new IllegalArgumentException("feature level " + newest);
        }
        this.newest = newest;
        this.newestOfCode = newestOfCode;
        this.levelOf = levelOf;
    }

    /**
     * Returns these levels up to a maximum.
     *
     * @param max at least {@link #OLDEST}; may be above {@link #newest}
     */
    public FeatureLevels atMost(int max) {
        return new FeatureLevels(Math.min(max, newest), newestOfCode, levelOf);
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
        int needed = levelOf.applyAsInt(command);
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

    /**
     * Checks a command of the log.
     *
     * @throws UnsupportedEntryException above {@link #newest}
     */
    public void requireSupport(Command command) {
        requireSupport(levelOf.applyAsInt(command));
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
