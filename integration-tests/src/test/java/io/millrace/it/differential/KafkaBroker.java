package io.millrace.it.differential;

import io.millrace.runtime.SystemAccess;
import io.millrace.storage.net.StablePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A broker of Apache Kafka in a process with its own class path: see {@code kafka-broker/run}. */
@SystemAccess("waits for another process")
public final class KafkaBroker implements AutoCloseable {

    private static final int START_SECONDS = 120;

    private final Process process;
    private final Path log;
    private final int port;

    private KafkaBroker(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts a broker on free ports; {@link #awaitReady} waits for it. */
    public static KafkaBroker launch(Path folder) throws IOException {
        int port = StablePorts.next();
        Path log = folder.resolve("kafka-broker.log");
        ProcessBuilder builder =
                new ProcessBuilder(
                                checkout().resolve("kafka-broker/run").toString(),
                                Integer.toString(port),
                                Integer.toString(StablePorts.next()),
                                folder.resolve("kafka-broker").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        // The records of some tests are older than the retention, which Kafka applies from time to
        // time.
        builder.environment().put("KAFKA_PROPERTIES", "log.initial.task.delay.ms=86400000");
        Process process = builder.start();
        return new KafkaBroker(process, log, port);
    }

    /** Waits until the broker takes connections. */
    public void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!accepts()) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                close();
                throw new IOException("Kafka did not start: " + Files.readString(log));
            }
        }
    }

    /** Returns HOST:PORT. */
    public String address() {
        return "localhost:" + port;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private boolean accepts() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Path checkout() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("kafka-broker/run"))) {
            Path parent = here.getParent();
            if (parent == null) {
                throw new IllegalStateException("no kafka-broker/run above the working directory");
            }
            here = parent;
        }
        return here;
    }
}
