package io.millrace.server.node;

import io.millrace.metadata.membership.NodeAddress;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.settings.LogLocation.Address;
import io.millrace.server.settings.ServerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The addresses at which clients and other nodes reach a node. */
@SystemAccess("reads the host name")
final class AdvertisedAddress {

    private static final Set<String> WILDCARD_HOSTS = Set.of("0.0.0.0", "::", "[::]");

    private AdvertisedAddress() {}

    /** Returns the listen address, or the name of the machine if a node listens on all. */
    static String host(ServerSettings settings) {
        return WILDCARD_HOSTS.contains(settings.host()) ? hostName() : settings.host();
    }

    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unknown) {
            throw new StartFailure("the host name is unknown: set --node-id and --advertise.");
        }
    }

    /**
     * Returns the address for Kafka clients.
     *
     * @param port the port that the node listens on; empty for none
     */
    static Optional<NodeAddress> kafka(ServerSettings settings, OptionalInt port) {
        if (port.isEmpty()) {
            return Optional.empty();
        }
        Address given =
                settings.kafka()
                        .flatMap(kafka -> kafka.advertised())
                        .orElseGet(() -> new Address(host(settings), Optional.empty()));
        return Optional.of(
                new NodeAddress(
                        withoutBrackets(given.host()), given.port().orElse(port.getAsInt())));
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }
}
