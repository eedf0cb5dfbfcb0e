package io.millrace.it;

import io.millrace.protocol.Edge;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The network between a client and one member of etcd. Replies can be held back, so that requests
 * take effect without their sender hearing of it, and connections be cut. Any thread.
 */
@Edge("makes threads")
final class EtcdLink implements AutoCloseable {

    private final URI member;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;
    private volatile boolean repliesHeld;

    EtcdLink(URI member) throws IOException {
        this.member = member;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** What the client connects to. */
    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** From now on nothing that etcd says arrives, on the connections there are. */
    void holdReplies() {
        repliesHeld = true;
    }

    /** Cuts all connections, with what was held, and takes none until {@link #mend}. */
    void cut() throws IOException {
        open = false;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /** Takes connections again, and lets replies through. */
    void mend() {
        repliesHeld = false;
        open = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                if (open) {
                    connect(client);
                } else {
                    client.close();
                }
            }
        } catch (IOException closed) {
            // The link is closed.
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server;
        try {
            server = new Socket(member.getHost(), member.getPort());
        } catch (IOException away) {
            client.close();
            return;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        threads.execute(() -> copy(client, server, false));
        threads.execute(() -> copy(server, client, true));
    }

    private void copy(Socket from, Socket to, boolean replies) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (!replies || !repliesHeld) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException cut) {
            // Both ends are closed now.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
        threads.shutdownNow();
    }
}
