package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.client.FakeServer;
import io.millrace.client.FakeServer.Fault;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MillraceCommandTest {

    /** Exit code and output of a run. */
    private record Ran(int code, byte[] bytes, String err) {
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final FakeServer server = new FakeServer();
    private byte[] input = new byte[0];

    @AfterEach
    void close() {
        server.close();
    }

    private Ran run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--server";
        all[args.length + 1] = server.address();
        return runAsItIs(all);
    }

    private Ran runAsItIs(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Console console = new Console(new ByteArrayInputStream(input), out, errors, false);
        int code = MillraceCommand.run(console, args);
        return new Ran(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void arbitraryBytesAreConsumedAsProduced() {
        server.log().create("t", 1, Map.of());
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);
        bytes[bytes.length - 1] = '\n';
        input = bytes;
        assertThat(run("produce", "t").code()).isZero();
        Ran consumed = run("consume", "t");
        assertThat(consumed.code()).isZero();
        assertThat(consumed.bytes()).isEqualTo(bytes);
        assertThat(run("consume", "t").bytes()).isEqualTo(bytes);
    }

    @Test
    void recordsAsJsonNameTheirTopic() {
        server.log().create("t", 1, Map.of());
        input = utf8("k:v\n");
        run("produce", "t", "--key-separator", ":");

        assertThat(run("consume", "t", "--format", "json").out())
                .startsWith("{\"topic\":\"t\",\"partition\":0,\"offset\":0,")
                .contains("\"key\":\"k\",\"value\":\"v\"");
    }

    @Test
    void produceReportsWaitsAndTheirEnd() {
        server.log().create("t", 1, Map.of());
        Problem full = new Problem(Reason.STORAGE_FULL, "The disk is full: make room.");
        server.next(
                Stream.generate(() -> new Fault.RejectBatch(full)).limit(8).toArray(Fault[]::new));
        input = utf8("one\n");
        Ran ran = run("produce", "t");
        assertThat(ran.code()).isZero();
        assertThat(ran.err()).isEqualTo("Waiting: The disk is full: make room.\nResumed.\n");
    }

    @Test
    void emptyLinesCarriageReturnsAndAnOpenLastLineAreRecords() {
        server.log().create("t", 1, Map.of());
        input = utf8("a\r\n\n\nlast");
        assertThat(run("produce", "t", "--output", "json").out())
                .isEqualTo(
                        "{\"topic\":\"t\",\"records\":4,\"bytes\":6,\"partitions\":{\"0\":4}}\n");
        assertThat(run("consume", "t").out()).isEqualTo("a\r\n\n\nlast\n");
    }

    @Test
    void aFileIsProducedToOnePartition(@TempDir Path folder) throws IOException {
        server.log().create("t", 4, Map.of());
        Path file = Files.writeString(folder.resolve("f"), "x\ny\n");
        Ran ran = run("produce", "t", "--file", file.toString(), "--partition", "2");
        assertThat(ran.out()).isEqualTo("Stored 2 records, 2 bytes, in 1 partition of t.\n");
        assertThat(run("consume", "t", "--partition", "2").out()).isEqualTo("x\ny\n");
        assertThat(run("consume", "t", "--partition", "1").out()).isEmpty();
    }

    @Test
    void keysAreSplitOffAndShownAsJson() {
        server.log().create("t", 1, Map.of());
        input = utf8("k::v::w\nplain\n");
        assertThat(run("produce", "t", "--key-separator", "::").code()).isZero();
        assertThat(run("consume", "t", "--format", "json").out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"key\":\"k\",\"value\":\"v::w\""),
                        line -> assertThat(line).contains("\"key\":null,\"value\":\"plain\""));
    }

    @Test
    void aKeyWithoutAValueIsATombstoneIfRequested() {
        server.log().create("t", 1, Map.of());
        input = utf8("k:v\nk:\nplain\n\n");
        assertThat(run("produce", "t", "--key-separator", ":").code()).isZero();
        assertThat(run("produce", "t", "--key-separator", ":", "-Z").out())
                .isEqualTo("Stored 4 records, 8 bytes, in 1 partition of t.\n");
        assertThat(run("consume", "t").out()).isEqualTo("v\n\nplain\n\nv\n\nplain\n\n");
        assertThat(run("consume", "t", "-Z").out()).isEqualTo("v\n\nplain\n\nv\nNULL\nplain\n\n");
        assertThat(run("consume", "t", "--format", "json").out().lines())
                .filteredOn(line -> line.contains("\"key\":\"k\""))
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"value\":\"v\""),
                        line -> assertThat(line).contains("\"value\":\"\""),
                        line -> assertThat(line).contains("\"value\":\"v\""),
                        line -> assertThat(line).contains("\"value\":null"));
    }

    @Test
    void aTombstoneNeedsAKey() {
        server.log().create("t", 1, Map.of());
        Ran ran = run("produce", "t", "--tombstones");
        assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
        assertThat(ran.err()).contains("--tombstones needs --key-separator");
    }

    @Test
    void consumeReadsTheGivenRange() {
        server.log().create("t", 1, Map.of());
        input = utf8("0\n1\n2\n3\n4\n");
        assertThat(run("produce", "t").code()).isZero();
        assertThat(run("consume", "t", "--from", "2", "--max", "2").out()).isEqualTo("2\n3\n");
        assertThat(run("consume", "t", "--from", "end").out()).isEmpty();
        assertThat(run("consume", "t", "--from", "@0").out()).isEqualTo("0\n1\n2\n3\n4\n");
        assertThat(run("consume", "t", "--from", "end", "--follow", "--max", "0").out()).isEmpty();
        Ran beyond = run("consume", "t", "--from", "6");
        assertThat(beyond.code()).isEqualTo(1);
        assertThat(beyond.err()).contains("offsets 0 to 5 are readable");
    }

    @Test
    void topicsAreCreatedListedDescribedGrownAndDeleted() {
        assertThat(
                        run(
                                        "topic",
                                        "create",
                                        "b",
                                        "--partitions",
                                        "2",
                                        "--config",
                                        "retention.ms=5")
                                .out())
                .isEqualTo("Created topic b with 2 partitions.\n");
        assertThat(run("topic", "create", "a").code()).isZero();
        assertThat(run("topic", "list").out()).isEqualTo("a\t1\nb\t2\n");
        assertThat(run("topic", "list", "--output", "json").out())
                .isEqualTo(
                        "{\"topics\":[{\"name\":\"a\",\"id\":2,\"partitions\":1,\"config\":{}},"
                                + "{\"name\":\"b\",\"id\":1,\"partitions\":2,\"config\":"
                                + "{\"retention.ms\":\"5\"}}]}\n");
        assertThat(run("topic", "add-partitions", "b", "5").out())
                .isEqualTo("Topic b has 5 partitions.\n");
        assertThat(run("topic", "describe", "b").out().lines()).hasSize(9);
        assertThat(run("topic", "delete", "b").code()).isZero();
        assertThat(run("topic", "describe", "b"))
                .returns(1, Ran::code)
                .returns("There is no topic b.\n", Ran::err);
    }

    @Test
    void settingsOfATopicAreSetResetAndExplained() {
        server.log().create("t", 1, Map.of());
        assertThat(run("topic", "set", "t", "retention.ms=5", "retention.bytes=7").out())
                .isEqualTo("Topic t has retention.ms=5.\nTopic t has retention.bytes=7.\n");
        assertThat(run("topic", "describe", "t").out())
                .contains(
                        "setting\tvalue\tunit\tgiven\tmeaning\n"
                                + "retention.ms\t5\tms\tyes\tHow long records are kept; -1 for ever:"
                                + " a whole number from -1\n");
        assertThat(run("topic", "reset", "t", "retention.ms").out())
                .isEqualTo("Topic t uses the default of retention.ms.\n");
        assertThat(run("topic", "set", "t", "retention.bytes=8", "--output", "json").out())
                .isEqualTo(
                        "{\"name\":\"t\",\"id\":1,\"partitions\":1,\"config\":"
                                + "{\"retention.bytes\":\"8\"}}\n");
        assertThat(run("topic", "describe", "t", "--output", "json").out())
                .contains(
                        "\"settings\":[{\"key\":\"retention.ms\",\"value\":\"604800000\","
                                + "\"given\":false,\"default\":\"604800000\",\"unit\":\"ms\","
                                + "\"legal\":\"a whole number from -1\"");
        assertThat(run("topic", "set", "t", "no.such=8"))
                .returns(1, Ran::code)
                .returns("There is no topic setting no.such.\n", Ran::err);
    }

    @Test
    void aTopicIsTrimmedToAnOffsetOrItsEnd() {
        server.log().create("t", 2, Map.of());
        for (int i = 0; i < 4; i++) {
            input = utf8("x\n");
            assertThat(run("produce", "t", "--partition", "" + i % 2).code()).isZero();
        }
        assertThat(run("topic", "trim", "t", "--partition", "1", "--to", "1", "--dry-run").out())
                .isEqualTo(
                        "partition\tfirst offset before\tfirst offset\n1\t0\t1\nNothing was changed.\n");
        Ran tooFar = run("topic", "trim", "t", "--partition", "1", "--to", "9", "--dry-run");
        assertThat(tooFar.code()).isEqualTo(1);
        assertThat(tooFar.out()).contains("1\t0\t0\tfailed: the end offset is 2");
        assertThat(run("topic", "trim", "t", "--partition", "1", "--to", "1").out())
                .isEqualTo("partition\tfirst offset before\tfirst offset\n1\t0\t1\n");
        assertThat(run("topic", "trim", "t", "--to", "end", "--output", "json").out())
                .isEqualTo(
                        "{\"topic\":\"t\",\"dryRun\":false,\"partitions\":["
                                + "{\"partition\":0,\"before\":0,\"after\":2,\"error\":null},"
                                + "{\"partition\":1,\"before\":1,\"after\":2,\"error\":null}]}\n");
        Ran after = run("topic", "trim", "t", "--partition", "0", "--to", "9");
        assertThat(after.code()).isEqualTo(1);
        assertThat(after.out()).contains("0\t2\t2\tfailed: offset 9 is behind the end");
        assertThat(run("topic", "trim", "t", "--partition", "5", "--to", "1").err())
                .isEqualTo("Topic t has no partition 5: partitions are 0 to 1.\n");
    }

    @Test
    void aRejectionIsOneSentenceAndExitCodeOne() {
        server.log().create("t", 1, Map.of());
        input = utf8("x\n");
        server.next(new Fault.RejectBatch(new Problem(Reason.INVALID_SEQUENCE, "No good.")));
        Ran ran = run("produce", "t");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo("Stopped after 0 stored records: No good.\n");
        assertThat(run("consume", "no").err()).isEqualTo("There is no topic no.\n");
        assertThat(run("consume", "t", "--partition", "9").err())
                .isEqualTo("Topic t has no partition 9: partitions are 0 to 0.\n");
    }

    @Test
    void anIncompleteBucketCheckReportsItsTotalsAndTheReason() {
        server.bucketCheckEnds(
                List.of("a", "b"),
                new Problem(Reason.STORAGE_UNAVAILABLE, "Uploads could not be listed."));
        Ran ran = run("bucket", "check");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out())
                .contains("referenced\t2\t20\tNamed.\n")
                .endsWith("0 missing, 0 damaged, before the check ended early\n");
        assertThat(ran.err()).isEqualTo("Uploads could not be listed.\n");
        assertThat(run("bucket", "check", "--output", "json").out())
                .endsWith("\"missing\":0,\"damaged\":0,\"complete\":false}\n");
    }

    @Test
    void pricesAreNumbersFromZeroOn() {
        for (String wrong : List.of("-1", "NaN", "Infinity")) {
            Ran ran = run("cost", "--get-price", wrong);
            assertThat(ran.code()).isEqualTo(2);
            assertThat(ran.err()).contains("--get-price must be at least 0");
        }
    }

    @Test
    void aServerThatIsNotThereIsOneSentenceAndExitCodeOne() {
        server.close();
        for (String[] args :
                new String[][] {
                    {"topic", "list"}, {"produce", "t"}, {"consume", "t", "--follow"}
                }) {
            Ran ran = run(args);
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err())
                    .contains(server.address())
                    .contains("refused")
                    .satisfies(text -> assertThat(text.lines()).hasSize(1));
        }
    }

    @Test
    void theClustersNodesAreShownAsTextAndAsJson() {
        String port = server.address().substring(server.address().indexOf(':') + 1);
        assertThat(run("cluster", "describe").out().lines())
                .containsExactly(
                        "fake: 1 node(s), in the view of only, at feature level 1",
                        "node\troles\tzone\taddress\tkafka\tkafka external\tlevel\tversion",
                        "only\tingest,fetch\t-\tlocalhost:" + port + "\t-\t-\t2\t9.9",
                        "An upgrade is due: all nodes support feature level 2. Raise it with"
                                + " millrace cluster upgrade once no rollback is planned.");
        assertThat(run("cluster", "describe", "--output", "json").out())
                .isEqualToIgnoringNewLines(
                        "{\"cluster\":\"fake\",\"answeredBy\":\"only\",\"featureLevel\":1,"
                                + "\"nodes\":[{\"id\":\"only\","
                                + "\"roles\":[\"ingest\",\"fetch\"],\"zone\":\"\",\"host\":\"localhost\","
                                + "\"port\":"
                                + port
                                + ",\"featureLevel\":2,\"version\":\"9.9\",\"kafka\":\"\",\"kafkaExternal\":\"\"}]}");
    }

    @Test
    void anUpgradeRaisesTheFeatureLevelOfTheCluster() {
        assertThat(run("cluster", "upgrade", "--dry-run").out())
                .isEqualTo("The feature level would be raised from 1 to 2.\n");
        assertThat(run("cluster", "upgrade", "--output", "json").out())
                .isEqualToIgnoringNewLines("{\"dryRun\":false,\"before\":1,\"after\":2}");
        assertThat(run("cluster", "upgrade").out())
                .isEqualTo("The feature level is 2, and nothing is to be raised.\n");
        assertThat(run("cluster", "describe").out()).doesNotContain("upgrade is due");
        Ran refused = run("cluster", "upgrade", "--to", "3");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("node only is too old");
    }

    @Test
    void anyOfSeveralServersIsSufficient() {
        server.log().create("t", 1, Map.of());
        String both = "localhost:1," + server.address();
        assertThat(runAsItIs("topic", "list", "--server", both, "--zone", "a").out())
                .isEqualTo("t\t1\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no-such-command",
                "topic",
                "topic create",
                "topic create t --partitions 0",
                "topic create t --partitions x",
                "produce t --compression lzma",
                "produce t --file /no/such/file",
                "produce t --partition -1",
                "consume t --from yesterday",
                "consume t --from -1",
                "consume t --format xml",
                "topic list --server nowhere",
                "topic add-partitions t 0",
                "topic set t",
                "topic trim t",
                "topic trim t --to yesterday",
                "topic set t retention.ms",
                "topic reset t",
                "group",
                "group reset g --to end",
                "group reset g --topic t",
                "group reset g --topic t --to yesterday",
                "group reset g --topic t --to -x",
                "group reset g --topic t --to 2026-01-01T00:00",
                "group reset g --topic t --to end --partition -1",
                "bench produce --producers 0",
                "bench produce --partitions 0",
                "bench produce --duration 0",
                "bench produce --record-size 0",
                "bench produce --record-size 3Gi",
                "bench produce --batch-size 1",
                "bench produce --rate fast",
                "bench consume --passes 0",
                "bench consume --fetch-size 65Mi",
                "bench end-to-end --rate 0",
                "bench end-to-end --duration 0"
            })
    void wrongUsageIsExitCodeTwo(String line) {
        Ran ran = runAsItIs(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).isNotEmpty().doesNotContain("Exception", "\tat ");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void aClosedPipeEndsConsumeQuietly() {
        server.log().create("t", 1, Map.of());
        input = utf8("x\n".repeat(1_000));
        assertThat(run("produce", "t").code()).isZero();
        Ran ran = runInto(new FailingOutput("Broken pipe"), "consume", "t");
        assertThat(ran.code()).isZero();
        assertThat(ran.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consume t", "topic list", "topic list --output json", "--help"})
    void aFailedWriteToStandardOutputIsNoSuccess(String line) {
        server.log().create("t", 1, Map.of());
        input = utf8("x\n");
        assertThat(run("produce", "t").code()).isZero();
        Ran ran = runInto(new FailingOutput("No space left on device"), line.split(" "));
        assertThat(ran.code()).isOne();
        assertThat(ran.err())
                .contains("Standard output cannot be written (No space left on device)")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"topic trim t --to 99", "topic list"})
    void aClosedPipeDoesNotChangeTheExitCodeOfAResult(String line) {
        server.log().create("t", 1, Map.of());
        Ran whole = run(line.split(" "));
        Ran cut = runInto(new FailingOutput("Broken pipe"), line.split(" "));
        assertThat(cut.code()).isEqualTo(whole.code()).isEqualTo(line.contains("trim") ? 1 : 0);
        assertThat(cut.err()).isEmpty();
    }

    private Ran runInto(OutputStream out, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        if (!all.contains("--help")) {
            all.addAll(List.of("--server", server.address()));
        }
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Console console = new Console(new ByteArrayInputStream(input), out, errors, false);
        int code = MillraceCommand.run(console, all.toArray(String[]::new));
        return new Ran(code, new byte[0], err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void everyCommandExplainsItselfWithAnExample() {
        CommandLine root = MillraceCommand.commandLine(Console.ofProcess());
        assertExplained(root);
    }

    @Test
    void everyCommandIsFoundByItsName() {
        CommandLine root = MillraceCommand.commandLine(Console.ofProcess());
        root.getSubcommands().values().forEach(this::assertFound);
    }

    private void assertFound(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        if (name.equals("millrace help")) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of((name + " --help").split(" ")));
        arguments.removeFirst();
        Ran ran = runAsItIs(arguments.toArray(String[]::new));
        assertThat(ran.code()).as(name).isZero();
        assertThat(ran.out()).contains("Usage: " + name + " ");
        command.getSubcommands().values().forEach(this::assertFound);
    }

    private static void assertExplained(CommandLine command) {
        if (command.getCommandName().equals("help")) {
            return;
        }
        assertThat(command.getUsageMessage())
                .as(command.getCommandName())
                .contains("Examples:")
                .contains("--help");
        command.getSubcommands().values().forEach(MillraceCommandTest::assertExplained);
    }
}
