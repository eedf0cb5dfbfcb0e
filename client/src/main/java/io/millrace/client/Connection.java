package io.millrace.client;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The way to one server: a few channels to its address, handed out in turn. Tells those who use it
 * when it ends. Thread-safe.
 */
final class Connection {

    private final String address;
    private final List<ManagedChannel> channels;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<Runnable> users = ConcurrentHashMap.newKeySet();

    Connection(String address, List<ManagedChannel> channels) {
        this.address = address;
        this.channels = List.copyOf(channels);
    }

    String address() {
        return address;
    }

    /**
     * @param end what to do before the connection ends; it must not wait for the I/O thread
     */
    void join(Runnable end) {
        users.add(end);
    }

    void leave(Runnable end) {
        users.remove(end);
    }

    ManagedChannel channel() {
        return channels.get(Math.floorMod(next.getAndIncrement(), channels.size()));
    }

    /** Connects at once where a channel would wait after a failure. */
    void tryNow() {
        channels.forEach(ManagedChannel::resetConnectBackoff);
    }

    /**
     * Opens new connections for what comes from now on; calls on the old ones go on. For when a
     * server falls silent, since a connection whose other end vanished shows no error.
     */
    void connectAnew() {
        channels.forEach(ManagedChannel::enterIdle);
    }

    /** Tells its users, ends the channels, and waits until they need the I/O thread no more. */
    void shutdownNow() {
        users.forEach(Runnable::run);
        users.clear();
        channels.forEach(ManagedChannel::shutdownNow);
        for (ManagedChannel channel : channels) {
            try {
                if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
