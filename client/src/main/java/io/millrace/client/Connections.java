package io.millrace.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The connections of a client, one for each address that it uses. Tells those who use them when the
 * client ends. Thread-safe. Bounded by the addresses of the nodes that live.
 */
final class Connections {

    private final Function<ClientSettings.Address, Connection> connect;
    private final Map<ClientSettings.Address, Connection> open = new ConcurrentHashMap<>();
    private final Set<Runnable> users = ConcurrentHashMap.newKeySet();

    /**
     * @param connect makes a connection, which need not be there before it is used
     */
    Connections(Function<ClientSettings.Address, Connection> connect) {
        this.connect = connect;
    }

    Connection to(ClientSettings.Address address) {
        return open.computeIfAbsent(address, connect);
    }

    /** Those to some addresses. */
    List<Connection> to(Collection<ClientSettings.Address> addresses) {
        return addresses.stream().distinct().map(this::to).toList();
    }

    /** Takes no new calls on all others; those that there are go on. */
    void keepOnly(Set<ClientSettings.Address> addresses) {
        open.entrySet()
                .removeIf(each -> {
                    boolean gone = !addresses.contains(each.getKey());
                    if (gone) {
                        each.getValue().shutdown();
                    }
                    return gone;
                });
    }

    /**
     * @param end what to do before the connections end; it must not wait for the I/O thread
     */
    void join(Runnable end) {
        users.add(end);
    }

    void leave(Runnable end) {
        users.remove(end);
    }

    /** Tells the users, ends all connections, and waits until they need the I/O thread no more. */
    void close() {
        users.forEach(Runnable::run);
        users.clear();
        List<Connection> ending = List.copyOf(open.values());
        ending.forEach(Connection::shutdownNow);
        try {
            for (Connection each : ending) {
                each.awaitEnd();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
