package io.millrace.it.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.MillraceProcess;
import io.millrace.it.differential.KnownDifferences.Difference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;

/** A broker of Apache Kafka and a Millrace process. */
final class BrokerPair implements AutoCloseable {

    /** What is done with each server; it must depend on nothing but the answers. */
    interface Scenario {
        void run(Side side) throws Exception;
    }

    private final KafkaBroker kafka;
    private final MillraceProcess millrace;

    private BrokerPair(KafkaBroker kafka, MillraceProcess millrace) {
        this.kafka = kafka;
        this.millrace = millrace;
    }

    static BrokerPair start(Path folder) throws Exception {
        KafkaBroker kafka = KafkaBroker.launch(folder);
        try {
            MillraceProcess millrace = MillraceProcess.up(folder.resolve("millrace"));
            kafka.awaitReady();
            return new BrokerPair(kafka, millrace);
        } catch (Exception | Error e) {
            kafka.close();
            throw e;
        }
    }

    /** Returns the APIs that Millrace offers. */
    List<ApiVersion> offered() {
        try (Side side = new Side(millrace.kafkaAddress())) {
            var answer =
                    (ApiVersionsResponseData)
                            side.quietly(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData())
                                    .orElseThrow();
            return List.copyOf(answer.apiKeys());
        }
    }

    /** Runs a scenario on both servers and compares the transcripts. */
    void compare(Scenario scenario) {
        CompletableFuture<Side> ofKafka =
                CompletableFuture.supplyAsync(() -> run(scenario, kafka.address()));
        Side ofMillrace = run(scenario, millrace.kafkaAddress());
        Side expected;
        try {
            expected = ofKafka.join();
        } catch (CompletionException e) {
            throw new AssertionError("the scenario fails with Kafka", e.getCause());
        }
        List<Difference> differences = differences(expected.transcript(), ofMillrace.transcript());
        if (!differences.isEmpty()) {
            throw new AssertionError(
                    differences.stream()
                            .collect(Collectors.groupingBy(Difference::step))
                            .entrySet()
                            .stream()
                            .map(step -> text(step.getValue(), ofMillrace.request(step.getKey())))
                            .collect(Collectors.joining("\n", "differences from Kafka:\n", "")));
        }
    }

    private static String text(List<Difference> differences, String request) {
        return differences.stream()
                .map(Difference::toString)
                .collect(Collectors.joining("\n", "", "\n    request: " + request));
    }

    private static Side run(Scenario scenario, String address) {
        try (Side side = new Side(address)) {
            scenario.run(side);
            return side;
        } catch (Exception e) {
            throw new AssertionError("scenario with " + address, e);
        }
    }

    static List<Difference> differences(
            Map<String, Map<String, String>> kafka, Map<String, Map<String, String>> millrace) {
        assertThat(millrace.keySet()).isEqualTo(kafka.keySet());
        List<Difference> all = new ArrayList<>();
        kafka.forEach((step, leaves) -> {
            Map<String, String> others = millrace.getOrDefault(step, Map.of());
            TreeSet<String> paths = new TreeSet<>(leaves.keySet());
            paths.addAll(others.keySet());
            for (String path : paths) {
                String expected = leaves.getOrDefault(path, "(absent)");
                String actual = others.getOrDefault(path, "(absent)");
                if (!expected.equals(actual)) {
                    all.add(new Difference(step, path, expected, actual));
                }
            }
        });
        all.removeIf(KnownDifferences::cover);
        return all;
    }

    @Override
    public void close() throws Exception {
        try {
            millrace.close();
        } finally {
            kafka.close();
        }
    }
}
