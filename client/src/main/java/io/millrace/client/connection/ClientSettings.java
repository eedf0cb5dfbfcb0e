package io.millrace.client.connection;

import io.millrace.client.tls.ClientTls;
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
 * @param tls the certificates; empty for connections in plaintext
 * @param tokens the source of the tokens that authenticate the client; empty for none
 * @param limits the limits of connections and calls
 */
public record ClientSettings(
        String address,
        String zone,
        boolean discover,
        Optional<ClientTls> tls,
        Optional<TokenSource> tokens,
        Limits limits) {

    /**
     * Limits of connections and calls.
     *
     * @param connections the number of TCP connections to each node
     * @param requestTimeout the timeout of administration and look-ups
     * @param flowControlWindowBytes the maximum number of bytes in flight to the client on a stream
     */
    public record Limits(
            int connections,
            Duration requestTimeout,
            int flowControlWindowBytes,
            int maxMessageBytes) {

        private static final int MIB = 1024 * 1024;

        // A fetch carries up to 64 MiB, and more if a single batch is larger.
        static final Limits DEFAULTS = new Limits(1, Duration.ofSeconds(30), 8 * MIB, 96 * MIB);

        public Limits {
            if (connections < 1) {
                throw new IllegalArgumentException(
                        "connections must be at least 1, not " + connections);
            }
        }

        Limits withConnections(int count) {
            return new Limits(count, requestTimeout, flowControlWindowBytes, maxMessageBytes);
        }

        Limits withRequestTimeout(Duration timeout) {
            return new Limits(connections, timeout, flowControlWindowBytes, maxMessageBytes);
        }
    }

    public ClientSettings {
        addresses(address);
    }

    /** Returns settings with discovery and one connection in plaintext to each node. */
    public static ClientSettings of(String address) {
        return new ClientSettings(
                address, "", true, Optional.empty(), Optional.empty(), Limits.DEFAULTS);
    }

    public ClientSettings inZone(String name) {
        return new ClientSettings(address, name, discover, tls, tokens, limits);
    }

    public ClientSettings withoutDiscovery() {
        return new ClientSettings(address, zone, false, tls, tokens, limits);
    }

    public ClientSettings withTls(ClientTls certificates) {
        return new ClientSettings(
                address, zone, discover, Optional.of(certificates), tokens, limits);
    }

    /** Returns settings with calls that are authenticated by the tokens of a source. */
    public ClientSettings withTokens(TokenSource source) {
        return new ClientSettings(address, zone, discover, tls, Optional.of(source), limits);
    }

    public ClientSettings withConnections(int count) {
        return with(limits.withConnections(count));
    }

    public ClientSettings withRequestTimeout(Duration timeout) {
        return with(limits.withRequestTimeout(timeout));
    }

    private ClientSettings with(Limits changed) {
        return new ClientSettings(address, zone, discover, tls, tokens, changed);
    }

    /** Returns the timeout of administration and look-ups. */
    public Duration requestTimeout() {
        return limits.requestTimeout();
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
