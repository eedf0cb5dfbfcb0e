package io.millrace.metadata.command;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.regex.Pattern;

/** The limits of the ids of nodes. */
public final class NodeLimits {

    /** Limit of a node's id in characters. */
    public static final int MAX_ID_CHARS = 255;

    private static final Pattern ID = Pattern.compile("[!-~]{1," + MAX_ID_CHARS + "}");

    private NodeLimits() {}

    /** Returns the problem if a node's id exceeds a limit. */
    static Optional<Problem> violation(Command.NodeNumbered numbered) {
        return ID.matcher(numbered.node()).matches()
                ? Optional.empty()
                : Optional.of(
                        new Problem(
                                Reason.MALFORMED_REQUEST,
                                "The id of a node must have 1 to %d visible ASCII characters."
                                        .formatted(MAX_ID_CHARS)));
    }
}
