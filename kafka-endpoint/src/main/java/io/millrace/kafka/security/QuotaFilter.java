package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.protocol.quota.QuotaKey;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.protocol.Errors;

/**
 * A filter of quotas. All quotas are of users, so a component for another type of entity finds
 * nothing. Pure.
 */
final class QuotaFilter {

    private static final byte EXACT = 0;
    private static final byte DEFAULT = 1;
    private static final byte SPECIFIED = 2;
    private static final String IP = "ip";
    private static final Set<String> TYPES = Set.of(QuotaFields.USER, "client-id", IP);

    private final List<ComponentData> components;
    private final boolean strict;

    QuotaFilter(DescribeClientQuotasRequestData request) {
        this.components = request.components();
        this.strict = request.strict();
    }

    /** Returns the reason to refuse the filter. */
    Optional<ApiFailure> violation() {
        Set<String> types = new HashSet<>();
        for (ComponentData component : components) {
            String type = component.entityType();
            if (!TYPES.contains(type)) {
                return Optional.of(
                        type.isEmpty()
                                ? ApiFailure.invalid("The type of an entity is empty.")
                                : new ApiFailure(
                                        Errors.UNSUPPORTED_VERSION,
                                        "There are no entities of type %s.".formatted(type)));
            }
            if (!types.add(type)) {
                return Optional.of(
                        ApiFailure.invalid("The filter names %s more than once.".formatted(type)));
            }
            if (component.matchType() < EXACT || component.matchType() > SPECIFIED) {
                return Optional.of(
                        ApiFailure.invalid(
                                "The match type %d is unknown.".formatted(component.matchType())));
            }
            if ((component.matchType() == EXACT) != (component.match() != null)) {
                return Optional.of(
                        ApiFailure.invalid("Only an exact match, and each, needs a name."));
            }
        }
        if (types.contains(IP) && types.size() > 1) {
            return Optional.of(
                    ApiFailure.invalid("A filter of addresses has no filter of users or clients."));
        }
        return Optional.empty();
    }

    boolean matches(QuotaKey key) {
        if (strict && components.isEmpty()) {
            return false;
        }
        for (ComponentData component : components) {
            if (!component.entityType().equals(QuotaFields.USER)
                    || !matches(component, QuotaFields.userOf(key))) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(ComponentData component, Optional<String> user) {
        return switch (component.matchType()) {
            case EXACT -> user.isPresent() && user.get().equals(component.match());
            case DEFAULT -> user.isEmpty();
            default -> true;
        };
    }
}
