package io.millrace.group.coordinator;

import io.millrace.group.JoinRequest;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks at those that want to join before any group does: whether what they ask for makes sense,
 * and whether this node's copy of the metadata is recent enough to answer them. Owned by the
 * metadata's loop.
 */
final class JoinAdmission {

    /** Somebody who may ask a group. */
    record Caller(LocalSession session, TopicMatcher interest) {

        String group() {
            return session.request().group();
        }
    }

    private final Metadata metadata;
    private final Consumer<Caller> in;

    /**
     * @param in takes those that may ask their group
     */
    JoinAdmission(Metadata metadata, Consumer<Caller> in) {
        this.metadata = metadata;
        this.in = in;
    }

    /**
     * Lets somebody through, soon, or ends the session.
     *
     * @param coordinates whether this node coordinates the group already, or is about to
     */
    void enter(LocalSession session, boolean coordinates) {
        JoinRequest request = session.request();
        Optional<Problem> rejection = JoinValidator.rejection(request);
        if (rejection.isPresent()) {
            session.end(rejection.get());
            return;
        }
        TopicMatcher interest;
        try {
            interest = new TopicMatcher(request.details().subscription());
        } catch (ProblemException malformed) {
            session.end(malformed.problem());
            return;
        }
        Caller caller = new Caller(session, interest);
        // What a member committed, through whatever node, must be seen before it is told where to
        // go on. A claim is a barrier too.
        boolean goesOn = coordinates && !request.memberId().isEmpty();
        if (goesOn || interest.unknownAmong(metadata.topics()).isPresent()) {
            metadata.barrier()
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            pass(caller);
                        } else {
                            session.end(problem(failure));
                        }
                    });
        } else {
            pass(caller);
        }
    }

    private void pass(Caller caller) {
        LocalSession session = caller.session();
        Optional<String> unknown = caller.interest().unknownAmong(metadata.topics());
        if (session.request().memberId().isEmpty() && unknown.isPresent()) {
            session.end(
                    new Problem(
                            Reason.UNKNOWN_TOPIC,
                            "There is no topic %s for group %s: create it first."
                                    .formatted(unknown.get(), caller.group())));
        } else {
            in.accept(caller);
        }
    }

    /** What it means that a barrier was not reached. */
    static Problem problem(Throwable failure) {
        Throwable cause = FutureFailures.of(failure);
        return cause instanceof ProblemException known
                ? known.problem()
                : new Problem(Reason.METADATA_UNAVAILABLE, "The metadata log cannot be reached.");
    }
}
