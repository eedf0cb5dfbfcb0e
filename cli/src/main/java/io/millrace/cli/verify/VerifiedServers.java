package io.millrace.cli.verify;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The servers of a cluster, each with a client of its own. Thread-safe. */
final class VerifiedServers implements AutoCloseable {

    private final List<MillraceClient> clients = new ArrayList<>();

    private VerifiedServers() {}

    /**
     * @param addresses {@code HOST:PORT[,HOST:PORT…]}
     * @param settings the settings of the connections to an address; throws if it is malformed
     */
    static VerifiedServers of(String addresses, Function<String, ClientSettings> settings) {
        VerifiedServers servers = new VerifiedServers();
        try {
            for (String address : addresses.split(",", -1)) {
                // Without discovery, so that the results of different servers can be compared.
                servers.clients.add(
                        MillraceClient.connect(settings.apply(address.strip()).withoutDiscovery()));
            }
        } catch (RuntimeException wrong) {
            servers.close();
            throw wrong;
        }
        return servers;
    }

    /**
     * Returns the cluster as one server, whose nodes may be replaced by nodes at other addresses.
     */
    static VerifiedServers ofCluster(String addresses, Function<String, ClientSettings> settings) {
        VerifiedServers servers = new VerifiedServers();
        servers.clients.add(MillraceClient.connect(settings.apply(addresses)));
        return servers;
    }

    int count() {
        return clients.size();
    }

    /** Returns the client of the nth user; users are spread over the servers. */
    MillraceClient client(int n) {
        return clients.get(n % clients.size());
    }

    List<String> addresses() {
        return clients.stream().map(MillraceClient::address).toList();
    }

    /** Sends the request to each server in turn until a server succeeds. */
    <T> T tryEach(Function<MillraceClient, T> request) {
        @Nullable MillraceException last = null;
        for (MillraceClient client : clients) {
            try {
                return request.apply(client);
            } catch (MillraceException failed) {
                if (!failed.retriable()) {
                    throw failed;
                }
                last = failed;
            }
        }
        throw last == null ? new IllegalStateException("At least one server is configured") : last;
    }

    @Override
    public void close() {
        clients.forEach(MillraceClient::close);
    }

    @Override
    public String toString() {
        return String.join(", ", addresses());
    }
}
