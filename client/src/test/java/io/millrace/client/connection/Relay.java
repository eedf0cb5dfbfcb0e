package io.millrace.client.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy to a local server whose connections can go dead: they stay open, but nothing sent on them
 * arrives, as when the remote machine vanishes. Thread-safe.
 */
public final class Relay implements AutoCloseable {

    private final int target;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger generation = new AtomicInteger();

    /**
     * @param address the address of the server, {@code HOST:PORT}
     */
    public Relay(String address) {
        target = ClientSettings.Address.parse(address).port();
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException("The relay cannot listen", failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return "localhost:" + listener.getLocalPort();
    }

    /** Makes the existing connections swallow all later bytes. New connections work. */
    public void killConnections() {
        generation.incrementAndGet();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, server));
                int born = generation.get();
                Thread.ofVirtual().start(() -> pump(client, server, born));
                Thread.ofVirtual().start(() -> pump(server, client, born));
            } catch (IOException over) {
                // The relay is closed, or the server is unavailable.
            }
        }
    }

    private void pump(Socket from, Socket to, int born) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (generation.get() == born) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException over) {
            // One side is closed, so the other is closed too.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("The relay does not end", failed);
        }
    }
}
