package io.millrace.client.connection;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How to reach a server, or a cluster.
 *
 * @param address {@code HOST:PORT}, an IPv6 host in brackets; or several with commas between them,
 *     of which any that answers tells where the other nodes of its cluster are
 * @param zone where this client runs: nodes of that zone are preferred; empty if it does not matter
 * @param discover whether to find and use the other nodes of the cluster; if not, everything goes
 *     to the first address
 * @param connections TCP connections to open to each node; producers and readers are spread over
 *     them
 * @param requestTimeout how long administration and look-ups may take
 * @param flowControlWindowBytes bytes that may be on their way to this client on one stream
 * @param maxMessageBytes largest answer that is accepted
 */
public record ClientSettings(
        String address,
        String zone,
        boolean discover,
        int connections,
        Duration requestTimeout,
        int flowControlWindowBytes,
        int maxMessageBytes) {

    private static final int MIB = 1024 * 1024;

    public ClientSettings {
        if (connections < 1) {
            throw new IllegalArgumentException("connections is at least 1, not " + connections);
        }
        addresses(address);
    }

    /** One connection to each node; {@link #address} has the form of what is given. */
    public static ClientSettings of(String address) {
        // A fetch carries up to 64 MiB, and more where a single batch is larger.
        return new ClientSettings(address, "", true, 1, Duration.ofSeconds(30), 8 * MIB, 96 * MIB);
    }

    /** The same for a client that runs in a zone. */
    public ClientSettings inZone(String name) {
        return new ClientSettings(
                address,
                name,
                discover,
                connections,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes);
    }

    /** The same for one server and no other, whatever cluster it belongs to. */
    public ClientSettings withoutDiscovery() {
        return new ClientSettings(
                address,
                zone,
                false,
                connections,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes);
    }

    public ClientSettings withConnections(int count) {
        return new ClientSettings(
                address,
                zone,
                discover,
                count,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes);
    }

    public ClientSettings withRequestTimeout(Duration timeout) {
        return new ClientSettings(
                address,
                zone,
                discover,
                connections,
                timeout,
                flowControlWindowBytes,
                maxMessageBytes);
    }

    /** The addresses to begin with, in their order. */
    public List<Address> addresses() {
        return addresses(address);
    }

    private static List<Address> addresses(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).map(Address::parse).toList();
    }

    /** A host and a port. */
    public record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }

        public static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            int port;
            try {
                port = Integer.parseInt(text.substring(colon + 1));
            } catch (NumberFormatException notANumber) {
                port = -1;
            }
            if (host.isEmpty() || port < 1 || port > 65535) {
                throw new IllegalArgumentException(
                        "An address is HOST:PORT, such as localhost:9090, not " + text);
            }
            return new Address(host, port);
        }
    }
}
