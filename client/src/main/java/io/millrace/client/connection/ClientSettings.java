package io.millrace.client.connection;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a client's connections.
 *
 * @param address {@code HOST:PORT}, with an IPv6 host in brackets; or several separated by commas,
 *     each a seed for discovery
 * @param zone the zone of preferred nodes; empty for no preference
 * @param discover false to use only the first address
 * @param connections the number of TCP connections to each node
 * @param requestTimeout the timeout of administration and look-ups
 * @param tokens the source of the tokens that authenticate the client; empty for none
 * @param flowControlWindowBytes the maximum number of bytes in flight to the client on a stream
 */
public record ClientSettings(
        String address,
        String zone,
        boolean discover,
        int connections,
        Duration requestTimeout,
        int flowControlWindowBytes,
        int maxMessageBytes,
        Optional<TokenSource> tokens) {

    private static final int MIB = 1024 * 1024;

    public ClientSettings {
        if (connections < 1) {
            throw new IllegalArgumentException(
                    "connections must be at least 1, not " + connections);
        }
        addresses(address);
    }

    /** Returns settings with discovery and one connection to each node. */
    public static ClientSettings of(String address) {
        // A fetch carries up to 64 MiB, and more if a single batch is larger.
        return new ClientSettings(
                address, "", true, 1, Duration.ofSeconds(30), 8 * MIB, 96 * MIB, Optional.empty());
    }

    public ClientSettings inZone(String name) {
        return new ClientSettings(
                address,
                name,
                discover,
                connections,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes,
                tokens);
    }

    public ClientSettings withoutDiscovery() {
        return new ClientSettings(
                address,
                zone,
                false,
                connections,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes,
                tokens);
    }

    public ClientSettings withConnections(int count) {
        return new ClientSettings(
                address,
                zone,
                discover,
                count,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes,
                tokens);
    }

    public ClientSettings withRequestTimeout(Duration timeout) {
        return new ClientSettings(
                address,
                zone,
                discover,
                connections,
                timeout,
                flowControlWindowBytes,
                maxMessageBytes,
                tokens);
    }

    /** Returns settings with calls that are authenticated by the tokens of a source. */
    public ClientSettings withTokens(TokenSource source) {
        return new ClientSettings(
                address,
                zone,
                discover,
                connections,
                requestTimeout,
                flowControlWindowBytes,
                maxMessageBytes,
                Optional.of(source));
    }

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
                        "An address must be HOST:PORT, such as localhost:9090, not " + text);
            }
            return new Address(host, port);
        }
    }
}
