package io.millrace.client.connection;

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
public final class Connections {

    private final Function<ClientSettings.Address, Connection> connect;
    private final Map<ClientSettings.Address, Connection> open = new ConcurrentHashMap<>();
    private final Set<Runnable> users = ConcurrentHashMap.newKeySet();

    /**
     * @param connect makes a connection, which need not be there before it is used
     */
    public Connections(Function<ClientSettings.Address, Connection> connect) {
        this.connect = connect;
    }

    public Connection to(ClientSettings.Address address) {
        return open.computeIfAbsent(address, connect);
    }

    /** Those to some addresses. */
    public List<Connection> to(Collection<ClientSettings.Address> addresses) {
        return addresses.stream().distinct().map(this::to).toList();
    }

    /** Takes no new calls on all others; those that there are go on. */
    public void keepOnly(Set<ClientSettings.Address> addresses) {
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
    public void join(Runnable end) {
        users.add(end);
    }

    public void leave(Runnable end) {
        users.remove(end);
    }

    /** Tells the users, ends all connections, and waits until they need the I/O thread no more. */
    public void close() {
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
