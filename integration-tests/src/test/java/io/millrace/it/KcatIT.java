package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's programs on librdkafka, kcat and confluent-kafka for Python, against a server. */
@Timeout(180)
class KcatIT {

    private static final List<String> LINES =
            IntStream.range(0, 200).mapToObj(i -> "key" + i + ":value " + i).toList();

    @TempDir static Path data;
    private static MillraceProcess server;
    private static DebianProgram kcat;

    @BeforeAll
    static void startServer() throws Exception {
        kcat = DebianProgram.of("kcat");
        server = MillraceProcess.up(data);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void recordsOfEachCompressionAreReadInOrder(String codec) {
        kcat("-P", "-t", codec, "-K:", "-z", codec);

        assertThat(kcat("-C", "-t", codec, "-K:", "-o", "beginning", "-e", "-q").lines())
                .isEqualTo(LINES);
        assertThat(kcat("-Q", "-t", codec + ":0:-1").ok()).contains("offset 200");
    }

    @Test
    void recordsOfAnIdempotentProducerAreReadOnceByAGroup() {
        kcat("-P", "-t", "idempotent", "-K:", "-X", "enable.idempotence=true");
        String[] group = {
            "-G", "readers", "-X", "auto.offset.reset=earliest", "-K:", "-e", "-q", "idempotent"
        };

        assertThat(kcat(group).lines()).isEqualTo(LINES);
        assertThat(kcat(group).lines()).isEmpty();
    }

    @Test
    void metadataNameTheServerAndTheTopics() {
        server.createTopic("listed", 2);

        assertThat(kcat("-L").ok())
                .contains("at " + server.kafkaAddress(), "topic \"listed\" with 2 partitions");
    }

    @Test
    void aPythonScriptAdministersProducesAndConsumes() throws Exception {
        assertThat(
                        DebianProgram.of("python3-confluent-kafka")
                                .python(
                                        Scripts.text("confluent_kafka_client.py"),
                                        server.kafkaAddress())
                                .lines())
                .containsExactly("created", "produced 500", "consumed 500", "committed 500");
    }

    private static ExternalProgram.Result kcat(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-b", server.kafkaAddress()));
        all.addAll(List.of(arguments));
        String in = all.contains("-P") ? String.join("\n", LINES) + "\n" : "";
        ExternalProgram.Result result = kcat.run("usr/bin/kcat", in, all.toArray(String[]::new));
        result.ok();
        return result;
    }
}
