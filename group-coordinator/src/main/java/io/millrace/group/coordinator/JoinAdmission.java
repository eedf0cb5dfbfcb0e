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
 * Validates join requests and, if necessary, waits for a barrier before they reach a group. Owned
 * by the metadata's event loop.
 */
final class JoinAdmission {

    record ValidJoin(LocalSession session, TopicMatcher topicMatcher) {

        String group() {
            return session.request().group();
        }
    }

    private final Metadata metadata;
    private final Consumer<ValidJoin> onAdmitted;

    JoinAdmission(Metadata metadata, Consumer<ValidJoin> in) {
        this.metadata = metadata;
        this.onAdmitted = in;
    }

    /**
     * @param coordinates whether this node coordinates the group or has a claim in flight
     */
    void admit(LocalSession session, boolean coordinates) {
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
        ValidJoin caller = new ValidJoin(session, interest);
        // All commits of a member, through any node, must be applied before its start offsets are
        // reported. A claim is a barrier as well.
        boolean goesOn = coordinates && !request.memberId().isEmpty();
        if (goesOn || interest.unknownTopic(metadata.topics()).isPresent()) {
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

    private void pass(ValidJoin caller) {
        LocalSession session = caller.session();
        Optional<String> unknown = caller.topicMatcher().unknownTopic(metadata.topics());
        if (session.request().memberId().isEmpty() && unknown.isPresent()) {
            session.end(
                    new Problem(
                            Reason.UNKNOWN_TOPIC,
                            "There is no topic %s for group %s: create it first."
                                    .formatted(unknown.get(), caller.group())));
        } else {
            onAdmitted.accept(caller);
        }
    }

    static Problem problem(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        return cause instanceof ProblemException known
                ? known.problem()
                : new Problem(
                        Reason.METADATA_UNAVAILABLE,
                        "The metadata log cannot be reached: try again.");
    }
}
