package io.millrace.client.connection;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The way to one server: a few channels to its address, handed out in turn. Thread-safe. */
public final class Connection {

    private final ClientSettings.Address address;
    private final List<ManagedChannel> channels;
    private final AtomicInteger next = new AtomicInteger();

    public Connection(ClientSettings.Address address, List<ManagedChannel> channels) {
        this.address = address;
        this.channels = List.copyOf(channels);
    }

    /** Where it leads. */
    public ClientSettings.Address at() {
        return address;
    }

    /** The same in words for people. */
    public String address() {
        return address.toString();
    }

    public ManagedChannel channel() {
        return channels.get(Math.floorMod(next.getAndIncrement(), channels.size()));
    }

    /** Connects at once where a channel would wait after a failure. */
    public void tryNow() {
        channels.forEach(ManagedChannel::resetConnectBackoff);
    }

    /**
     * Opens new connections for what comes from now on; calls on the old ones go on. For when a
     * server falls silent, since a connection whose other end vanished shows no error.
     */
    public void reconnect() {
        channels.forEach(ManagedChannel::enterIdle);
    }

    /** Takes no new calls; those that there are go on. */
    void shutdown() {
        channels.forEach(ManagedChannel::shutdown);
    }

    /** Ends all calls, and the channels. */
    void shutdownNow() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    /** Waits until the channels need the I/O thread no more; for two seconds at most. */
    void awaitEnd() throws InterruptedException {
        for (ManagedChannel channel : channels) {
            if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                return;
            }
        }
    }
}
