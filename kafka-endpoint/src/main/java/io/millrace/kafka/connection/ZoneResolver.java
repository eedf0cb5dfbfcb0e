package io.millrace.kafka.connection;

import java.net.InetAddress;
import java.util.Optional;

/** Finds the zone of a client. Any thread; must not block. */
@FunctionalInterface
public interface ZoneResolver {

    /** Knows no zone. */
    ZoneResolver NONE = (clientId, peer) -> Optional.empty();

    Optional<String> zoneOf(String clientId, InetAddress peer);
}
