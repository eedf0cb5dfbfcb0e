package io.millrace.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.error.Reason;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a {@link RecordingMember}. Used by one thread. */
final class MemberProcess implements AutoCloseable {

    private final String name;
    private final String instanceId;
    private final Path out;
    private final Path err;
    private final Process process;
    private final List<GroupEvent> events = new ArrayList<>();
    private long eventsEnd;

    private MemberProcess(String name, String instanceId, Path out, Path err, Process process) {
        this.name = name;
        this.instanceId = instanceId;
        this.out = out;
        this.err = err;
        this.process = process;
    }

    static MemberProcess start(
            String name, Path folder, String servers, String topic, String group, int seconds)
            throws IOException {
        return start(name, folder, servers, topic, group, seconds, "");
    }

    /** Starts a member with an instance id. */
    static MemberProcess start(
            String name,
            Path folder,
            String servers,
            String topic,
            String group,
            int seconds,
            String instanceId)
            throws IOException {
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".err");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RecordingMember.class.getName(),
                                servers,
                                topic,
                                group,
                                Integer.toString(seconds),
                                instanceId)
                        .redirectOutput(file(out))
                        .redirectError(file(err))
                        .start();
        return new MemberProcess(name, instanceId, out, err, process);
    }

    private static File file(Path path) {
        return path.toFile();
    }

    String name() {
        return name;
    }

    String instanceId() {
        return instanceId;
    }

    /** Returns the recorded events, without an incomplete last line. */
    List<GroupEvent> events() {
        // A waiting test calls this often and shares the processors with the members.
        try (RandomAccessFile file = new RandomAccessFile(out.toFile(), "r")) {
            byte[] more = new byte[Math.toIntExact(file.length() - eventsEnd)];
            file.seek(eventsEnd);
            file.readFully(more);
            String text = new String(more, US_ASCII);
            int whole = text.lastIndexOf('\n') + 1;
            eventsEnd += whole;
            text.substring(0, whole).lines().map(GroupEvent::parse).forEach(events::add);
            return List.copyOf(events);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the standard error. */
    String errors() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Suspends the process until {@link #resume}. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        String command = "kill -" + signal + " " + process.pid();
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    }

    /** Requests a proper end, which takes a while. */
    void requestEnd() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits until the process has ended properly. */
    void awaitProperEnd() throws IOException, InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", name).isTrue();
        assertThat(process.exitValue()).as(errors()).isZero();
    }

    /** Waits until the process has ended by itself for the given reason. */
    void awaitEndWith(Reason reason) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", name).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(errors().lines()).contains(reason.name());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
