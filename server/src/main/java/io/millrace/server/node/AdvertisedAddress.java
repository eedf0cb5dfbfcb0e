package io.millrace.server.node;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.settings.ListenerSettings;
import io.millrace.server.settings.LogLocation.Address;
import io.millrace.server.settings.ServerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
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
     * Returns the addresses for Kafka clients.
     *
     * @param ports the ports that the node listens on
     */
    static Map<KafkaListener, NodeAddress> kafka(
            ServerSettings settings, Map<KafkaListener, Integer> ports) {
        Map<KafkaListener, NodeAddress> addresses = new EnumMap<>(KafkaListener.class);
        settings.kafka().stream()
                .flatMap(kafka -> kafka.listeners().stream())
                .forEach(each -> {
                    Integer port = ports.get(each.listener());
                    if (port != null) {
                        addresses.put(each.listener(), kafka(settings, each, port));
                    }
                });
        return addresses;
    }

    private static NodeAddress kafka(ServerSettings settings, ListenerSettings listener, int port) {
        Address given =
                listener.advertised()
                        .orElseGet(() -> new Address(host(settings), Optional.empty()));
        return new NodeAddress(withoutBrackets(given.host()), given.port().orElse(port));
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }
}
