package io.millrace.group.classic;

import java.util.Optional;

/**
 * The checks of requests to a classic group before they change its state. Pure: reads the state of
 * the group.
 */
record ClassicRequestCheck(
        ClassicSettings settings, ClassicLifecycle lifecycle, ClassicMembers members) {

    /** Returns the reason for which a member cannot join. */
    Optional<ClassicError> join(ClassicJoin request) {
        if (lifecycle.state() == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        if (!settings.allow(request.sessionTimeout())) {
            return Optional.of(ClassicError.INVALID_SESSION_TIMEOUT);
        }
        if (!ClassicLimits.fit(request)) {
            return Optional.of(ClassicError.TOO_LARGE);
        }
        boolean fits =
                members.isEmpty()
                        ? !request.protocolType().isEmpty() && !request.protocols().isEmpty()
                        : request.protocolType().equals(lifecycle.election().protocolType())
                                && members.haveInCommon(request);
        return fits ? Optional.empty() : Optional.of(ClassicError.INCONSISTENT_PROTOCOL);
    }

    /** Returns the reason for which a member cannot request its assignment. */
    Optional<ClassicError> sync(ClassicSync request) {
        return member(request.member())
                .or(() ->
                        isOfProtocol(request)
                                ? Optional.empty()
                                : Optional.of(ClassicError.INCONSISTENT_PROTOCOL));
    }

    private boolean isOfProtocol(ClassicSync request) {
        ClassicElection election = lifecycle.election();
        return (request.protocolType().isEmpty()
                        || request.protocolType().equals(election.protocolType()))
                && (request.protocol().isEmpty()
                        || lifecycle.state() == ClassicState.PREPARING_REBALANCE
                        || request.protocol().equals(election.protocol()));
    }

    /** Returns the reason for which a request is not of a member of the current generation. */
    Optional<ClassicError> member(MemberOfGeneration caller) {
        if (lifecycle.state() == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        return members.rejection(caller.memberId(), caller.instanceId())
                .or(() ->
                        members.get(caller.memberId()).generation == caller.generation()
                                ? Optional.empty()
                                : Optional.of(ClassicError.ILLEGAL_GENERATION));
    }
}
