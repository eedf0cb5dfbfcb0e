package io.millrace.server.grpc.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.millrace.fetch.BatchRun;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.server.grpc.RunningNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchResponseWriterTest {

    private static final FetchResult RESULT =
            new FetchResult(
                    List.of(
                            new PartitionResult.Fetched("töpic", 3, 9, 1L << 40, 7, BatchRun.EMPTY),
                            new PartitionResult.Failed(
                                    "other", 4, new Problem(Reason.UNKNOWN_TOPIC, "None."))));

    @Test
    void theBytesAreAFetchResponse() throws IOException {
        FetchResponse response = FetchResponse.parseFrom(drained(FetchResponseWriter.of(RESULT)));
        FetchedPartition fetched = response.getPartitions(0);
        assertThat(fetched.getTopic()).isEqualTo("töpic");
        assertThat(fetched.getPartition()).isEqualTo(3);
        assertThat(fetched.getTopicId()).isEqualTo(9);
        assertThat(fetched.getHighWatermark()).isEqualTo(1L << 40);
        assertThat(fetched.getLogStartOffset()).isEqualTo(7);
        assertThat(fetched.hasError()).isFalse();
        assertThat(fetched.getBatches()).isEmpty();
        FetchedPartition failed = response.getPartitions(1);
        assertThat(failed.getTopic()).isEqualTo("other");
        assertThat(failed.getPartition()).isEqualTo(4);
        assertThat(Problem.fromStatus(failed.getError()).orElseThrow().reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(response.getPartitionsCount()).isEqualTo(2);
    }

    @Test
    void anAnswerOfNothingIsEmpty() throws IOException {
        FetchResponseWriter answer = FetchResponseWriter.of(new FetchResult(List.of()));
        assertThat(answer.sizeBytes()).isZero();
        assertThat(drained(answer)).isEmpty();
    }

    @Test
    void theAnnouncedSizeIsTheNumberOfBytesWritten() throws IOException {
        FetchResponseWriter answer = FetchResponseWriter.of(RESULT);
        InputStream stream = FetchResponseWriter.MARSHALLER.stream(answer);
        assertThat(stream).isInstanceOf(KnownLength.class);
        assertThat(stream.available()).isEqualTo(answer.sizeBytes());
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        assertThat(((Drainable) stream).drainTo(target)).isEqualTo(answer.sizeBytes());
        assertThat(target.size()).isEqualTo(answer.sizeBytes());
        assertThat(stream.available()).isZero();
    }

    @Test
    void aTransportThatReadsGetsTheSameBytes() throws IOException {
        FetchResponseWriter answer = FetchResponseWriter.of(RESULT);
        InputStream stream = FetchResponseWriter.MARSHALLER.stream(answer);
        int first = stream.read();
        assertThat(stream.available()).isEqualTo(answer.sizeBytes() - 1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(first);
        all.writeBytes(stream.readAllBytes());
        assertThat(all.toByteArray()).isEqualTo(drained(answer));
        assertThat(stream.available()).isZero();
    }

    @Test
    void batchesArriveWholeWithTheirOffsets(@TempDir Path folder) {
        try (RunningNode node = new RunningNode(folder)) {
            node.produce(3);
            FetchedPartition fetched =
                    FetchGrpc.newBlockingStub(node.connect())
                            .fetch(RunningNode.fetchFrom(0).build())
                            .getPartitions(0);
            long offset = 0;
            for (RecordBatch batch :
                    MemoryRecords.readableRecords(fetched.getBatches().asReadOnlyByteBuffer())
                            .batches()) {
                batch.ensureValid();
                assertThat(batch.baseOffset()).isEqualTo(offset++);
            }
            assertThat(offset).isEqualTo(3);
            node.awaitGauge("millrace.grpc.outbound", 0);
        }
    }

    private static byte[] drained(FetchResponseWriter answer) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        ((Drainable) FetchResponseWriter.MARSHALLER.stream(answer)).drainTo(target);
        return target.toByteArray();
    }
}
