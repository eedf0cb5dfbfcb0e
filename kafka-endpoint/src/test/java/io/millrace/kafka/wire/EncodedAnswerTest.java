package io.millrace.kafka.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class EncodedAnswerTest {

    private record Bytes(byte[] bytes) implements WireRecords {

        @Override
        public int sizeInBytes() {
            return bytes.length;
        }

        @Override
        public void writeTo(ByteBuf out) {
            out.writeBytes(bytes);
        }
    }

    private static FetchResponseData.PartitionData partition(int index, byte[] records) {
        return new FetchResponseData.PartitionData()
                .setPartitionIndex(index)
                .setRecords(new Bytes(records));
    }

    @Test
    void writesRecordsBetweenTheFields() {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        for (short version : ApiKeys.FETCH.allVersions()) {
            FetchResponseData answer =
                    new FetchResponseData()
                            .setResponses(
                                    List.of(
                                            new FetchResponseData.FetchableTopicResponse()
                                                    .setTopic("t")
                                                    .setPartitions(
                                                            List.of(
                                                                    partition(0, new byte[] {1, 2}),
                                                                    partition(1, new byte[0]),
                                                                    partition(2, new byte[300])))));
            EncodedAnswer encoded =
                    EncodedAnswer.of(
                            new RequestHeader(ApiKeys.FETCH, version, 42, "", false),
                            version,
                            answer,
                            allocator);
            ByteBuf all = Unpooled.buffer();
            for (Optional<ByteBuf> part = encoded.nextPart(allocator);
                    part.isPresent();
                    part = encoded.nextPart(allocator)) {
                all.writeBytes(part.get());
                part.get().release();
            }
            assertThat(all.readInt()).isEqualTo(all.readableBytes());
            ByteBufferAccessor in = new ByteBufferAccessor(all.nioBuffer());
            ResponseHeaderData header =
                    new ResponseHeaderData(in, ApiKeys.FETCH.responseHeaderVersion(version));
            assertThat(header.correlationId()).isEqualTo(42);
            FetchResponseData read = new FetchResponseData(in, version);
            assertThat(in.remaining()).isZero();
            List<FetchResponseData.PartitionData> partitions =
                    read.responses().getFirst().partitions();
            assertThat(((MemoryRecords) partitions.getFirst().records()).buffer())
                    .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(partitions.get(2).records().sizeInBytes()).isEqualTo(300);
        }
    }
}
