package io.millrace.protocol.quota;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;

/**
 * Translates between quotas and the messages of {@code security.proto}. Enum numbers of the
 * messages are the codes of the types. An unset or unknown kind of a message is a {@link
 * ProblemException} with {@link Reason#MALFORMED_REQUEST}.
 */
public final class QuotaMessages {

    private QuotaMessages() {}

    public static io.millrace.protocol.v1.Quota toMessage(Quota quota) {
        return toMessage(quota.key()).toBuilder().setPerSecond(quota.perSecond()).build();
    }

    public static io.millrace.protocol.v1.Quota toMessage(QuotaKey key) {
        return io.millrace.protocol.v1.Quota.newBuilder()
                .setPrincipal(key.principal())
                .setKindValue(key.kind().code())
                .build();
    }

    public static Quota fromMessage(io.millrace.protocol.v1.Quota quota) {
        return new Quota(keyOf(quota), quota.getPerSecond());
    }

    public static QuotaKey keyOf(io.millrace.protocol.v1.Quota quota) {
        return new QuotaKey(
                quota.getPrincipal(),
                QuotaKind.withCode(quota.getKindValue())
                        .orElseThrow(() ->
                                new ProblemException(
                                        new Problem(
                                                Reason.MALFORMED_REQUEST,
                                                "A quota has no kind, or the unknown one %d: use a value of security.proto, or a newer version of Millrace."
                                                        .formatted(quota.getKindValue())))));
    }
}
