package io.millrace.storage.object.s3;

import io.millrace.runtime.SystemAccess;
import io.millrace.storage.net.StablePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A real S3 server, S3Proxy, in a separate process with one bucket in a folder. Accepts any
 * credentials. For the ITs of all modules.
 */
@SystemAccess("waits for another process")
public final class S3ProxyServer implements AutoCloseable {

    public static final String BUCKET = "millrace";

    private static final int START_SECONDS = 60;

    private final Path folder;
    private final int port;
    private Process process;

    private S3ProxyServer(Path folder, int port) throws IOException {
        this.folder = folder;
        this.port = port;
        this.process = launch(folder, port);
    }

    /** Starts a server on a free port and waits until it responds. */
    public static S3ProxyServer start(Path folder) throws IOException, InterruptedException {
        S3ProxyServer server = new S3ProxyServer(folder, StablePorts.next());
        server.awaitReady();
        return server;
    }

    /** Restarts the server on the same port and folder after {@link #stop} or {@link #kill}. */
    public void restart() throws IOException, InterruptedException {
        process = launch(folder, port);
        awaitReady();
    }

    /** Creates a bucket in addition to {@link #BUCKET}. */
    public void createBucket(String name) throws IOException {
        Files.createDirectory(folder.resolve(name));
    }

    /** Returns the endpoint for {@link S3Settings} and {@code --s3-endpoint}. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Ends the process gracefully. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            kill();
        }
    }

    /** Kills the process. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Suspends the process: connections stay open, and no response is sent. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes the process after {@link #pause}. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process sent = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        if (sent.waitFor() != 0) {
            throw new IOException("no signal " + name + " to " + process.pid());
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private static Process launch(Path folder, int port) throws IOException {
        Path home = checkout().resolve("s3proxy");
        return new ProcessBuilder(
                        home.resolve("run").toString(),
                        Integer.toString(port),
                        folder.toAbsolutePath().toString(),
                        BUCKET)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("../s3proxy-" + port + ".log").toFile())
                .start();
    }

    /** Returns the root of the source tree that contains the working directory. */
    private static Path checkout() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("s3proxy/run"))) {
            Path parent = here.getParent();
            if (parent == null) {
                throw new IllegalStateException("no s3proxy/run above the working directory");
            }
            here = parent;
        }
        return here;
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!accepts()) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                kill();
                throw new IOException("S3Proxy did not start: see s3proxy-" + port + ".log");
            }
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
