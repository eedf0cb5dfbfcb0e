package io.millrace.client;

import java.time.Duration;

/**
 * How to reach a server.
 *
 * @param address {@code HOST:PORT}; an IPv6 host in brackets
 * @param connections TCP connections to open; producers and readers are spread over them
 * @param requestTimeout how long administration and look-ups may take
 * @param flowControlWindowBytes bytes that may be on their way to this client on one stream
 * @param maxMessageBytes largest answer that is accepted
 */
public record ClientSettings(
        String address,
        int connections,
        Duration requestTimeout,
        int flowControlWindowBytes,
        int maxMessageBytes) {

    private static final int MIB = 1024 * 1024;

    public ClientSettings {
        if (connections < 1) {
            throw new IllegalArgumentException("connections is at least 1, not " + connections);
        }
        Address.parse(address);
    }

    /** One connection to the server at {@code HOST:PORT}. */
    public static ClientSettings of(String address) {
        // A fetch carries up to 64 MiB, and more where a single batch is larger.
        return new ClientSettings(address, 1, Duration.ofSeconds(30), 8 * MIB, 96 * MIB);
    }

    public ClientSettings withConnections(int count) {
        return new ClientSettings(
                address, count, requestTimeout, flowControlWindowBytes, maxMessageBytes);
    }

    public ClientSettings withRequestTimeout(Duration timeout) {
        return new ClientSettings(
                address, connections, timeout, flowControlWindowBytes, maxMessageBytes);
    }

    /** A host and a port. */
    record Address(String host, int port) {
        static Address parse(String text) {
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
