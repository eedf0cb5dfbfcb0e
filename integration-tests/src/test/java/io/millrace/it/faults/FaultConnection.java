package io.millrace.it.faults;

import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client. Requests are handled one after another on one thread. Closing the
 * socket from another thread ends the connection.
 */
@SystemAccess("reads the clock")
final class FaultConnection implements Runnable {

    /**
     * After a longer idle time, the server may close the connection while a request is in flight.
     */
    private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final Socket client;
    private final InetSocketAddress target;
    private final FaultPlan plan;
    private @Nullable Socket server;
    private @Nullable HttpInput serverInput;
    private long usedNanos;

    FaultConnection(Socket client, InetSocketAddress target, FaultPlan plan) {
        this.client = client;
        this.target = target;
        this.plan = plan;
    }

    @Override
    public void run() {
        try (client) {
            HttpInput input = new HttpInput(client.getInputStream());
            while (handle(input)) {
                // The next request.
            }
        } catch (IOException | RuntimeException ended) {
            // An end has closed the connection, or sent no valid HTTP: closing it here informs the
            // other end.
        } finally {
            disconnect();
        }
    }

    /** Handles one request. Returns whether another may follow. */
    private boolean handle(HttpInput input) throws IOException {
        HttpHead request = input.head();
        FaultPlan.Decision decision = plan.next(request.method());
        return switch (decision.fault().orElse(null)) {
            case null -> serve(request, input, decision.latency(), true);
            case Fault.Refusal rejection -> reject(request, input, decision.latency(), rejection);
            case Fault.Reset() -> {
                client.setSoLinger(true, 0);
                yield false;
            }
            case Fault.Stall(Duration duration) -> {
                Pacer.sleep(duration);
                yield serve(request, input, decision.latency(), true);
            }
            case Fault.HalfOpen() -> discardRequests();
            case Fault.LostReply() -> {
                serve(request, input, decision.latency(), false);
                yield discardRequests();
            }
        };
    }

    /** Reads and drops everything, without an answer, until the client closes. */
    private boolean discardRequests() throws IOException {
        InputStream in = client.getInputStream();
        byte[] nothing = new byte[1 << 16];
        while (in.read(nothing) >= 0) {
            // The bytes are dropped.
        }
        return false;
    }

    private boolean reject(
            HttpHead request, HttpInput input, Duration latency, Fault.Refusal rejection)
            throws IOException {
        if (!request.expectsContinue()) {
            copyBody(request, input, OutputStream.nullOutputStream());
        }
        Pacer.sleep(latency);
        String body =
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>"
                        .formatted(rejection.code(), rejection.message());
        String head =
                "HTTP/1.1 %d %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n"
                        .formatted(
                                rejection.status(),
                                rejection.code(),
                                body.length(),
                                request.expectsContinue() ? "close" : "keep-alive");
        String answer = request.method().equals("HEAD") ? head : head + body;
        client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        return !request.expectsContinue();
    }

    private boolean serve(HttpHead request, HttpInput input, Duration latency, boolean answers)
            throws IOException {
        long arrived = System.nanoTime();
        HttpInput fromServer = connect();
        OutputStream toServer = connected().getOutputStream();
        OutputStream toClient =
                answers ? client.getOutputStream() : OutputStream.nullOutputStream();
        toServer.write(request.bytes());
        HttpHead answer = null;
        if (request.expectsContinue()) {
            answer = fromServer.head();
            if (answer.isInterim()) {
                // Also if the answer is to be lost: without the body the request has no effect.
                client.getOutputStream().write(CONTINUE);
                answer = null;
            }
        }
        if (answer == null) {
            copyBody(request, input, toServer);
            answer = fromServer.head();
            while (answer.isInterim()) {
                answer = fromServer.head();
            }
        }
        long since = request.method().equals("PUT") ? usedNanos : arrived;
        Pacer.sleep(latency.minusNanos(System.nanoTime() - since));
        toClient.write(answer.bytes());
        boolean delimited = copyAnswer(request, answer, fromServer, toClient);
        usedNanos = System.nanoTime();
        if (!delimited || answer.closes()) {
            disconnect();
        }
        return delimited && !answer.closes() && !request.closes();
    }

    private void copyBody(HttpHead head, HttpInput from, OutputStream to) throws IOException {
        Pacer pacer = new Pacer(plan.speed().bytesPerSecond());
        if (head.isChunked()) {
            from.copyChunked(to, pacer);
        } else {
            from.copy(head.length().orElse(0L), to, pacer);
        }
        usedNanos = System.nanoTime();
    }

    /**
     * Returns whether the end of the answer was marked by something other than the end of the
     * connection.
     */
    private boolean copyAnswer(HttpHead request, HttpHead answer, HttpInput from, OutputStream to)
            throws IOException {
        if (!answer.hasBodyFor(request.method())) {
            return true;
        }
        Pacer pacer = new Pacer(plan.speed().bytesPerSecond());
        if (answer.isChunked()) {
            from.copyChunked(to, pacer);
        } else if (answer.length().isPresent()) {
            from.copy(answer.length().get(), to, pacer);
        } else {
            from.copyRest(to, pacer);
            return false;
        }
        return true;
    }

    private Socket connected() throws IOException {
        Socket connected = server;
        if (connected == null) {
            throw new IOException("not connected");
        }
        return connected;
    }

    private HttpInput connect() throws IOException {
        if (System.nanoTime() - usedNanos > MAX_IDLE_NANOS) {
            disconnect();
        }
        HttpInput input = serverInput;
        if (input == null) {
            Socket fresh = new Socket();
            server = fresh;
            fresh.setTcpNoDelay(true);
            fresh.connect(target);
            input = new HttpInput(fresh.getInputStream());
            serverInput = input;
        }
        return input;
    }

    private void disconnect() {
        try (Socket old = server) {
            server = null;
            serverInput = null;
        } catch (IOException alreadyClosed) {
            // Expected.
        }
    }
}
