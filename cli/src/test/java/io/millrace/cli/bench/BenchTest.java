package io.millrace.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.client.FakeServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {

    private final FakeServer server = new FakeServer();

    @AfterEach
    void close() {
        server.close();
    }

    private String bench(String line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        Console console = new Console(new ByteArrayInputStream(new byte[0]), out, err, false);
        String all = "bench " + line + " --output json --server " + server.address();
        assertThat(MillraceCommand.run(console, all.split(" "))).as(said::toString).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"batches", "client", "records"})
    void whatIsProducedIsCountedAndCanBeConsumed(String mode) {
        String produced = bench("produce --bytes 1M --partitions 3 --mode " + mode);
        assertThat(produced).contains("\"partitions\":3", "\"latencyMs\":{\"p50\":");
        assertThat(bench("consume --from-cache --passes 2"))
                .contains("\"passes\":2", "\"records\":");
    }

    @Test
    void aPacedRunKeepsItsRate() {
        assertThat(bench("produce --mode client --rate 100l --duration 1 --producers 2"))
                .contains("\"records\":200");
    }

    @Test
    void endToEndDeliversAllRecords() {
        assertThat(bench("end-to-end --rate 200l --duration 1"))
                .contains("\"missing\":0", "\"records\":200", "\"latencyMs\":");
    }

    @Test
    void endToEndInAGroupDeliversAllRecords() {
        assertThat(bench("end-to-end --group g --rate 200l --duration 1 --warm-up 1"))
                .contains("\"missing\":0", "\"records\":200", "\"storedToDeliveredMs\":");
    }

    @Test
    void topicsAreCreatedAndCounted() {
        assertThat(bench("topics --count 50 --partitions 3 --parallel 8"))
                .contains("\"topics\":50", "\"topicsPerSecond\":", "\"count\":50");
    }
}
