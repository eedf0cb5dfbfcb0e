package io.millrace.client.connection;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection to a server over several channels, used in turn. Thread-safe. */
public final class Connection {

    private final ClientSettings.Address address;
    private final List<ManagedChannel> channels;
    private final AtomicInteger next = new AtomicInteger();

    public Connection(ClientSettings.Address address, List<ManagedChannel> channels) {
        this.address = address;
        this.channels = List.copyOf(channels);
    }

    public ClientSettings.Address endpoint() {
        return address;
    }

    public String address() {
        return address.toString();
    }

    public ManagedChannel channel() {
        return channels.get(Math.floorMod(next.getAndIncrement(), channels.size()));
    }

    /** Reconnects at once the channels that wait for a backoff. */
    public void resetBackoff() {
        channels.forEach(ManagedChannel::resetConnectBackoff);
    }

    /**
     * Opens new connections for later calls; existing calls continue. Needed for silent servers,
     * because a connection to a vanished machine shows no error.
     */
    public void reconnect() {
        channels.forEach(ManagedChannel::enterIdle);
    }

    void shutdown() {
        channels.forEach(ManagedChannel::shutdown);
    }

    void shutdownNow() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    /** Waits up to 2 s for each channel to release the I/O thread. */
    void awaitTermination() throws InterruptedException {
        for (ManagedChannel channel : channels) {
            if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                return;
            }
        }
    }
}
