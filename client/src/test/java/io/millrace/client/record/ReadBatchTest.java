package io.millrace.client.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.batch.CompressionCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadBatchTest {

    private static final TopicPartition P0 = new TopicPartition("t", 0);

    private static ReadBatch read(byte[] batch) {
        return ReadBatch.decodeAt(P0, ByteBuffer.wrap(batch), 0, batch.length, 1, 10);
    }

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void theRecordsFromTheFirstWantedOffsetAreDecoded(CompressionCodec codec) {
        assertThat(read(PoisonBatches.sound(codec, 3)))
                .extracting(ReadRecord::offset)
                .containsExactly(1L, 2L);
    }

    @Test
    void aBatchThatCannotBeDecodedNamesItsOffsets() {
        Map<String, byte[]> poison =
                Map.of(
                        "a count of 2^31 - 1",
                        PoisonBatches.withCount(Integer.MAX_VALUE),
                        "a record of 2 GiB",
                        PoisonBatches.withRecordOfTwoGib(),
                        "no zstd frame",
                        PoisonBatches.garbage(),
                        "a negative size of a block",
                        PoisonBatches.withSnappyBlockOfNegativeSize());
        poison.forEach((name, bytes) ->
                assertThatThrownBy(() -> read(bytes).forEach(record -> {}))
                        .as(name)
                        .isInstanceOfSatisfying(
                                MillraceException.Undecodable.class,
                                failure -> {
                                    assertThat(failure.partition()).isEqualTo(P0);
                                    assertThat(failure.firstOffset()).isEqualTo(1);
                                    assertThat(failure.nextOffset())
                                            .isEqualTo(read(bytes).nextOffset());
                                    assertThat(failure.retriable()).isFalse();
                                }));
    }

    @Test
    void withThePolicySkipTheRecordsBeforeTheFailureAreRead() {
        ReadBatch batch =
                read(PoisonBatches.withCount(Integer.MAX_VALUE)).with(UndecodablePolicy.SKIP);
        assertThat(batch).extracting(ReadRecord::offset).isEqualTo(List.of(1L, 2L));
        assertThat(batch.failure()).isPresent();
    }
}
