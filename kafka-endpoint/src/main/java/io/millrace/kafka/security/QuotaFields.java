package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntryData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Quotas in the fields of the Kafka protocol. Of Kafka's entities there are users and the default
 * of users; of its keys those of bytes.
 */
final class QuotaFields {

    static final String USER = "user";

    private static final String USER_PREFIX = "User:";
    private static final String BYTES_IN = "producer_byte_rate";
    private static final String BYTES_OUT = "consumer_byte_rate";

    private QuotaFields() {}

    /** A requested change of the quotas of one user, or the reason to refuse it. */
    sealed interface Change {

        record Legal(List<Quota> set, List<QuotaKey> removed) implements Change {}

        record Illegal(ApiFailure why) implements Change {}
    }

    /** Returns the name of a kind of quota; empty if the protocol has none. */
    static Optional<String> keyOf(QuotaKind kind) {
        return switch (kind) {
            case BYTES_IN -> Optional.of(BYTES_IN);
            case BYTES_OUT -> Optional.of(BYTES_OUT);
            case REQUESTS -> Optional.empty();
        };
    }

    /** Returns the name of the user of a quota; empty for the default. */
    static Optional<String> userOf(QuotaKey key) {
        return key.principal().equals(QuotaKey.DEFAULT)
                ? Optional.empty()
                : Optional.of(key.principal().substring(USER_PREFIX.length()));
    }

    static boolean isOfUser(QuotaKey key) {
        return key.principal().startsWith(USER_PREFIX);
    }

    static Change change(EntryData entry) {
        if (entry.entity().size() != 1 || !entry.entity().getFirst().entityType().equals(USER)) {
            return illegal("Quotas are for users: give an entity of type user, and no other.");
        }
        EntityData user = entry.entity().getFirst();
        if (user.entityName() != null && user.entityName().isEmpty()) {
            return illegal("The name of the user is empty: give none for the default of users.");
        }
        String principal =
                user.entityName() == null ? QuotaKey.DEFAULT : USER_PREFIX + user.entityName();
        List<Quota> set = new ArrayList<>();
        List<QuotaKey> removed = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (OpData op : entry.ops()) {
            Optional<QuotaKind> kind = kindOf(op.key());
            if (kind.isEmpty()) {
                return illegal(
                        "There is no quota %s: use %s or %s."
                                .formatted(op.key(), BYTES_IN, BYTES_OUT));
            }
            if (!keys.add(op.key())) {
                return illegal("The request names %s more than once.".formatted(op.key()));
            }
            QuotaKey key;
            try {
                key = new QuotaKey(principal, kind.get());
            } catch (IllegalArgumentException illFormed) {
                return illegal("The name of the user is not UTF-8.");
            }
            if (op.remove()) {
                removed.add(key);
            } else if (op.value() < 1
                    || op.value() > Quota.MAX_PER_SECOND
                    || op.value() != Math.rint(op.value())) {
                return illegal(
                        "The quota %s must be a whole number from 1 to %d."
                                .formatted(op.key(), Quota.MAX_PER_SECOND));
            } else {
                set.add(new Quota(key, (long) op.value()));
            }
        }
        return new Change.Legal(set, removed);
    }

    private static Optional<QuotaKind> kindOf(String key) {
        return switch (key) {
            case BYTES_IN -> Optional.of(QuotaKind.BYTES_IN);
            case BYTES_OUT -> Optional.of(QuotaKind.BYTES_OUT);
            default -> Optional.empty();
        };
    }

    private static Change illegal(String message) {
        return new Change.Illegal(new ApiFailure(Errors.INVALID_REQUEST, message));
    }
}
