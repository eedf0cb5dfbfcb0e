package io.millrace.client.connection;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The connections of a client, by address. Thread-safe. Bounded by the number of live nodes. */
public final class Connections {

    private final Function<ClientSettings.Address, Connection> connect;
    private final Map<ClientSettings.Address, Connection> open = new ConcurrentHashMap<>();
    private final Set<Runnable> users = ConcurrentHashMap.newKeySet();

    public Connections(Function<ClientSettings.Address, Connection> connect) {
        this.connect = connect;
    }

    public Connection to(ClientSettings.Address address) {
        return open.computeIfAbsent(address, connect);
    }

    /** Returns the number of servers that this client connects to. */
    public int count() {
        return open.size();
    }

    public List<Connection> to(Collection<ClientSettings.Address> addresses) {
        return addresses.stream().distinct().map(this::to).toList();
    }

    /** Closes the connections to all other addresses for new calls; existing calls continue. */
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
     * Registers a callback for the close.
     *
     * @param end the callback, called before the connections close; must not wait for the I/O
     *     thread
     */
    public void addCloseListener(Runnable end) {
        users.add(end);
    }

    public void removeCloseListener(Runnable end) {
        users.remove(end);
    }

    /**
     * Notifies the listeners, closes all connections, and waits until they release the I/O thread.
     */
    public void close() {
        users.forEach(Runnable::run);
        users.clear();
        List<Connection> ending = List.copyOf(open.values());
        ending.forEach(Connection::shutdownNow);
        try {
            for (Connection each : ending) {
                each.awaitTermination();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
