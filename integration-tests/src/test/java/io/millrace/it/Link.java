package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The network between a process and a server. It can be cut in one or both directions while the
 * connections stay open, as by packet loss: bytes in flight arrive when the link is mended. It can
 * also be cut just before or after a given message. Thread-safe.
 */
@SystemAccess("makes threads")
final class Link implements AutoCloseable {

    private static final int PREFACE_BYTES = 24;
    private static final int FRAME_HEAD_BYTES = 9;

    /** The side of a message on which the link is cut. */
    enum CutSide {
        /** The message does not arrive. */
        BEFORE,
        /** The message arrives, but its reply does not. */
        AFTER
    }

    private record CutTrigger(
            Predicate<String> message, CutSide side, CompletableFuture<Void> sprung) {}

    private final URI server;
    private final boolean framed;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean requestsHeld;
    private boolean repliesHeld;
    private @Nullable CutTrigger trap;
    private volatile boolean open = true;

    private Link(URI server, boolean framed) throws IOException {
        this.server = server;
        this.framed = framed;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Opens a link to an etcd server. A message is an HTTP/2 frame. */
    static Link toEtcd(URI member) throws IOException {
        return new Link(member, true);
    }

    /** Opens a link to an S3 server. The head of a request is in one message. */
    static Link toBucket(URI server) throws IOException {
        return new Link(server, false);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** Holds all further messages of the client. */
    void holdRequests() {
        hold(true, repliesHeld);
    }

    /** Holds all further messages of the server. */
    void holdReplies() {
        hold(requestsHeld, true);
    }

    private void hold(boolean requests, boolean replies) {
        lock.lock();
        try {
            requestsHeld = requests;
            repliesHeld = replies;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Holds both directions from the next matching message of the client on.
     *
     * @param message a predicate on the bytes of the message as Latin-1
     * @return completes when the message is there
     */
    CompletableFuture<Void> holdAt(Predicate<String> message, CutSide side) {
        CutTrigger set = new CutTrigger(message, side, new CompletableFuture<>());
        lock.lock();
        try {
            trap = set;
        } finally {
            lock.unlock();
        }
        return set.sprung();
    }

    /**
     * Closes all connections, drops held messages, and accepts no connection until {@link #mend}.
     */
    void cut() throws IOException {
        open = false;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /**
     * Mends the link until the next matching message of the client; the condition is set before any
     * connection is accepted. See {@link #holdAt}.
     */
    CompletableFuture<Void> mendUntil(Predicate<String> message, CutSide side) {
        CompletableFuture<Void> sprung = holdAt(message, side);
        release();
        return sprung;
    }

    /** Releases held messages and accepts connections again. */
    void mend() {
        lock.lock();
        try {
            trap = null;
        } finally {
            lock.unlock();
        }
        release();
    }

    private void release() {
        open = true;
        hold(false, false);
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
        Socket there;
        try {
            there = new Socket(server.getHost(), server.getPort());
        } catch (IOException away) {
            client.close();
            return;
        }
        client.setTcpNoDelay(true);
        there.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(there);
        threads.execute(() -> copyRequests(client, there));
        threads.execute(() -> copyReplies(there, client));
    }

    private void copyRequests(Socket from, Socket to) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            if (framed) {
                out.write(in.readNBytes(PREFACE_BYTES));
            }
            while (true) {
                byte[] message = framed ? frame(in) : piece(in);
                pass(message, out, to);
            }
        } catch (IOException cut) {
            // Both ends are closed now.
        }
    }

    private static byte[] frame(DataInputStream in) throws IOException {
        byte[] head = new byte[FRAME_HEAD_BYTES];
        in.readFully(head);
        int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff;
        byte[] frame = Arrays.copyOf(head, head.length + length);
        in.readFully(frame, head.length, length);
        return frame;
    }

    private static byte[] piece(InputStream in) throws IOException {
        byte[] buffer = new byte[1 << 16];
        int read = in.read(buffer);
        if (read < 0) {
            throw new EOFException();
        }
        return Arrays.copyOf(buffer, read);
    }

    private void pass(byte[] message, OutputStream out, Socket to) throws IOException {
        CutTrigger sprung = takeMatchingTrigger(new String(message, StandardCharsets.ISO_8859_1));
        if (sprung != null && sprung.side() == CutSide.AFTER) {
            hold(requestsHeld, true);
            out.write(message);
            hold(true, true);
            sprung.sprung().complete(null);
            return;
        }
        if (sprung != null) {
            hold(true, true);
            sprung.sprung().complete(null);
        }
        awaitRelease(false, to);
        out.write(message);
    }

    private @Nullable CutTrigger takeMatchingTrigger(String message) {
        lock.lock();
        try {
            CutTrigger set = trap;
            if (set == null || !set.message().test(message)) {
                return null;
            }
            trap = null;
            return set;
        } finally {
            lock.unlock();
        }
    }

    private void awaitRelease(boolean replies, Socket to) {
        lock.lock();
        try {
            while ((replies ? repliesHeld : requestsHeld) && !to.isClosed()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void copyReplies(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (true) {
                byte[] piece = piece(in);
                awaitRelease(true, to);
                out.write(piece);
            }
        } catch (IOException cut) {
            // Both ends are closed now.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
        hold(false, false);
        threads.shutdownNow();
    }
}
