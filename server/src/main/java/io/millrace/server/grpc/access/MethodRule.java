package io.millrace.server.grpc.access;

import io.millrace.protocol.quota.QuotaKind;
import java.util.List;
import java.util.function.Function;

/**
 * The rule for the calls of a method.
 *
 * @param access the rights that a caller needs
 * @param use the traffic of the method, and whether its calls are recorded in the audit log
 */
record MethodRule(Access access, Use use) {

    /** The rights that a caller needs for a call of a method. */
    sealed interface Access {

        /** No rights and no authentication. */
        record Everyone() implements Access {}

        /** No rights: each authenticated caller may call the method. */
        record Authenticated() implements Access {}

        /** The identity of a node of the cluster, which the service verifies itself. */
        record Nodes() implements Access {}

        /**
         * Rights that derive from the request, checked before the handler receives the request. The
         * handler may check further rights.
         *
         * @param requirements returns the requirements, all of which must hold
         */
        record Needed<Q>(Class<Q> type, Function<Q, List<Requirement>> requirements)
                implements Access {

            List<Requirement> of(Object request) {
                return requirements.apply(type.cast(request));
            }
        }

        /** Rights on each resource of a request, checked by the handler with {@link CallRights}. */
        record CheckedByHandler() implements Access {}
    }

    /**
     * A requirement for a call.
     *
     * @param anyOf the rights, of which one suffices; errors name the first
     */
    record Requirement(List<Right> anyOf) {

        static Requirement of(Right... anyOf) {
            return new Requirement(List.of(anyOf));
        }
    }

    /** The traffic of a method, by which quotas delay its calls. */
    enum Use {
        /** Reads or commits little. */
        QUERY,
        /** Changes the cluster, or costs much: recorded in the audit log. */
        ADMINISTRATION,
        /** Sends records. */
        PRODUCE(QuotaKind.BYTES_IN),
        /** Reads records. */
        FETCH(QuotaKind.BYTES_OUT),
        /**
         * Reads records in a stream whose later messages are not delayed and do not count as
         * requests, because a delayed heartbeat would end the session.
         */
        SUBSCRIBE;

        private final List<QuotaKind> delayedBy;

        Use(QuotaKind... traffic) {
            this.delayedBy =
                    traffic.length == 0
                            ? List.of(QuotaKind.REQUESTS)
                            : List.of(QuotaKind.REQUESTS, traffic[0]);
        }

        /** Returns the kinds of quotas that delay the requests of the method. */
        List<QuotaKind> delayedBy() {
            return delayedBy;
        }
    }
}
