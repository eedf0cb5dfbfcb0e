package io.millrace.it.faults;

import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP/1.1 proxy before a server, on loopback, that delays and fails requests as its {@link
 * FaultPlan} says. It makes a local store as slow and unreliable as tests and measurements require.
 * One virtual thread per connection. Thread-safe.
 */
@SystemAccess("makes threads")
public final class FaultProxy implements AutoCloseable {

    private final FaultPlan plan;
    private final InetSocketAddress target;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

    private FaultProxy(int port, URI target, FaultPlan plan) throws IOException {
        this.plan = plan;
        this.target = new InetSocketAddress(target.getHost(), target.getPort());
        this.listening = new ServerSocket(port, 512, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    public static FaultProxy start(URI target, FaultPlan plan) throws IOException {
        return start(0, target, plan);
    }

    public static FaultProxy start(int port, URI target, FaultPlan plan) throws IOException {
        return new FaultProxy(port, target, plan);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** Returns the plan, on which faults are switched on and off. */
    public FaultPlan plan() {
        return plan;
    }

    public void resetAll() {
        for (Socket client : clients) {
            try {
                client.setSoLinger(true, 0);
                client.close();
            } catch (IOException alreadyClosed) {
                // Expected.
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                client.setTcpNoDelay(true);
                clients.add(client);
                threads.execute(() -> {
                    new FaultConnection(client, target, plan).run();
                    clients.remove(client);
                });
            }
        } catch (IOException closed) {
            // The proxy is closed.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        threads.shutdownNow();
        resetAll();
    }
}
