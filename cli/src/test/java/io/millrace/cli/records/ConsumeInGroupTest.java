package io.millrace.cli.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.FailingOutput;
import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.client.FakeServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code millrace consume --group} against an in-memory server. */
class ConsumeInGroupTest {

    /** Exit code and output of a run. */
    private record Ran(int code, String out, String err) {}

    private final FakeServer server = new FakeServer();

    @AfterEach
    void close() {
        server.close();
    }

    private Ran run(String input, String line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = run(input, line, out, err);
        return new Ran(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private int run(String input, String line, OutputStream out, OutputStream err) {
        Console console =
                new Console(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false);
        List<String> args = new ArrayList<>(List.of(line.split(" ")));
        args.addAll(List.of("--server", server.address()));
        return MillraceCommand.run(console, args.toArray(String[]::new));
    }

    private void write(String topic, int from, int to) {
        String lines =
                IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
        assertThat(run(lines, "produce " + topic).code()).isZero();
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }

    @Test
    void eachRunResumesAtTheRecordAfterThePreviousRun() {
        server.log().create("t", 1, Map.of());
        write("t", 0, 10);
        assertThat(run("", "consume t --group g --max 3")).isEqualTo(new Ran(0, lines(0, 3), ""));
        assertThat(run("", "consume t --group g --max 4").out()).isEqualTo(lines(3, 7));
        assertThat(run("", "consume t --group g --max 3").out()).isEqualTo(lines(7, 10));
        assertThat(run("", "consume t --group g --max 0").out()).isEmpty();
    }

    @Test
    void severalTopicsAreConsumedTogether() {
        server.log().create("a", 1, Map.of());
        server.log().create("b", 2, Map.of());
        write("a", 0, 5);
        write("b", 5, 10);
        assertThat(run("", "consume a b --group g --max 10").out().lines().sorted())
                .isEqualTo(Stream.iterate(0, i -> i + 1).limit(10).map(String::valueOf).toList());
    }

    @Test
    void aClosedPipeEndsItQuietly() {
        server.log().create("t", 1, Map.of());
        write("t", 0, 10);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream closed = new FailingOutput("Broken pipe");
        assertThat(run("", "consume t --group g", closed, err)).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void aFullDiskFailsItAndCommitsNothing() {
        server.log().create("t", 1, Map.of());
        write("t", 0, 10);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream full = new FailingOutput("No space left on device");
        assertThat(run("", "consume t --group g", full, err)).isOne();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("No space left on device");
        assertThat(run("", "consume t --group g --max 10").out()).isEqualTo(lines(0, 10));
    }

    @Test
    void aTopicThatIsMissingIsSaidAtOnce() {
        assertThat(run("", "consume no --group g"))
                .isEqualTo(new Ran(1, "", "There is no topic no.\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "consume",
                "consume a b",
                "consume --group g",
                "consume t --group",
                "consume t --pattern x",
                "consume t --instance x",
                "consume t --session-timeout 10",
                "consume t --group g --session-timeout 0",
                "consume t --group g --from 42",
                "consume t --group g --partition 0"
            })
    void wrongUsageIsReported(String line) {
        server.log().create("t", 1, Map.of());
        Ran ran = run("", line);
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).isNotEmpty();
    }
}
