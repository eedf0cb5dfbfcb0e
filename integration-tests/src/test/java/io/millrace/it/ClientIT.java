package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client library against a real server. */
class ClientIT {

    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir Path data;

    @Test
    void oversizedBatchesAreSplitAndOnlyOversizedRecordsFail() {
        try (MillraceProcess server = MillraceProcess.up(data);
                MillraceClient client = MillraceClient.connect(server.address());
                Producer producer =
                        client.producer(
                                ProducerSettings.builder().codec(CompressionCodec.NONE).build())) {
            client.topics().create("narrow", 1, Map.of("max.message.bytes", "2000"));
            List<CompletableFuture<ProduceResult>> sent = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                sent.add(producer.send(OutgoingRecord.of("narrow", null, new byte[i % 300])));
            }
            CompletableFuture<ProduceResult> rejected =
                    producer.send(OutgoingRecord.of("narrow", null, new byte[3_000]));
            producer.flush();
            assertThat(Producer.await(sent, BOUND))
                    .extracting(ProduceResult::offset)
                    .isEqualTo(LongStream.range(0, 5_000).boxed().toList());
            assertThat(rejected)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.Rejected.class)
                    .withMessageContaining("max.message.bytes allows 2000");
            assertThat(client.topics().describe("narrow").partitions().getFirst().highWatermark())
                    .isEqualTo(5_000);
        }
    }
}
