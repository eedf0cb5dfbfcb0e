package io.millrace.kafka.connection;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.ApiKeys;

/** The handlers of all offered APIs. Immutable. */
public final class ApiRegistry {

    private final Map<ApiKeys, ApiHandler<?, ?>> handlers = new EnumMap<>(ApiKeys.class);

    /**
     * @throws IllegalArgumentException if two handlers have one API, or if a handler claims a
     *     version that the Kafka library does not have
     */
    public ApiRegistry(List<? extends ApiHandler<?, ?>> all) {
        for (ApiHandler<?, ?> handler : all) {
            ApiKeys api = handler.api();
            if (handler.minVersion() < api.oldestVersion()
                    || handler.maxVersion() > api.latestVersion(true)
                    || handler.minVersion() > handler.maxVersion()) {
                throw new IllegalArgumentException(
                        "%s has no versions %d to %d."
                                .formatted(api.name, handler.minVersion(), handler.maxVersion()));
            }
            if (handlers.putIfAbsent(api, handler) != null) {
                throw new IllegalArgumentException("%s has two handlers.".formatted(api.name));
            }
        }
    }

    /** Returns the handler of a version of an API; empty if the version is not offered. */
    public Optional<ApiHandler<?, ?>> find(ApiKeys api, short version) {
        ApiHandler<?, ?> handler = handlers.get(api);
        return handler != null && version >= handler.minVersion() && version <= handler.maxVersion()
                ? Optional.of(handler)
                : Optional.empty();
    }

    /** Returns the handlers in the order of API keys. */
    public Collection<ApiHandler<?, ?>> handlers() {
        return List.copyOf(handlers.values());
    }
}
