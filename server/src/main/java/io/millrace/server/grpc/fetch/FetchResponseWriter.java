package io.millrace.server.grpc.fetch;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.millrace.fetch.BatchRun;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.server.grpc.call.ResponseMarshaller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@code millrace.v1.FetchResponse} whose batches are copied once, from the cache into the
 * transport's buffers.
 */
final class FetchResponseWriter {

    static final MethodDescriptor.Marshaller<FetchResponseWriter> MARSHALLER =
            new ResponseMarshaller<>(
                    answer -> new FetchResponseStream(answer.sections, answer.sizeBytes));

    /** Encoded bytes, followed by batches. */
    record Section(byte[] before, BatchRun batches) {}

    private final List<Section> sections;
    private final int sizeBytes;

    private FetchResponseWriter(List<Section> sections, int sizeBytes) {
        this.sections = sections;
        this.sizeBytes = sizeBytes;
    }

    static FetchResponseWriter of(FetchResult result) {
        List<Section> sections = new ArrayList<>(result.partitions().size());
        long size = 0;
        for (PartitionResult partition : result.partitions()) {
            Section section = section(partition);
            size += section.before().length + section.batches().sizeBytes();
            sections.add(section);
        }
        return new FetchResponseWriter(sections, Math.toIntExact(size));
    }

    int sizeBytes() {
        return sizeBytes;
    }

    private static Section section(PartitionResult partition) {
        try {
            return switch (partition) {
                case PartitionResult.Fetched fetched -> fetched(fetched);
                case PartitionResult.Failed failed -> failed(failed);
            };
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Section failed(PartitionResult.Failed failed) throws IOException {
        FetchedPartition part =
                FetchedPartition.newBuilder()
                        .setTopic(failed.topic())
                        .setPartition(failed.partition())
                        .setHighWatermark(-1)
                        .setLogStartOffset(-1)
                        .setError(failed.problem().toStatus())
                        .build();
        int field = FetchResponse.PARTITIONS_FIELD_NUMBER;
        byte[] bytes = new byte[CodedOutputStream.computeMessageSize(field, part)];
        CodedOutputStream.newInstance(bytes).writeMessage(field, part);
        return new Section(bytes, BatchRun.EMPTY);
    }

    private static Section fetched(PartitionResult.Fetched fetched) throws IOException {
        FetchedPartition header =
                FetchedPartition.newBuilder()
                        .setTopic(fetched.topic())
                        .setPartition(fetched.partition())
                        .setTopicId(fetched.topicId())
                        .setHighWatermark(fetched.highWatermark())
                        .setLogStartOffset(fetched.logStartOffset())
                        .build();
        int batches = fetched.batches().sizeBytes();
        int batchesHead =
                batches == 0
                        ? 0
                        : CodedOutputStream.computeTagSize(FetchedPartition.BATCHES_FIELD_NUMBER)
                                + CodedOutputStream.computeUInt32SizeNoTag(batches);
        int inner = header.getSerializedSize() + batchesHead + batches;
        byte[] before =
                new byte
                        [CodedOutputStream.computeTagSize(FetchResponse.PARTITIONS_FIELD_NUMBER)
                                + CodedOutputStream.computeUInt32SizeNoTag(inner)
                                + inner
                                - batches];
        CodedOutputStream out = CodedOutputStream.newInstance(before);
        out.writeUInt32NoTag(lengthDelimited(FetchResponse.PARTITIONS_FIELD_NUMBER));
        out.writeUInt32NoTag(inner);
        header.writeTo(out);
        if (batches > 0) {
            out.writeUInt32NoTag(lengthDelimited(FetchedPartition.BATCHES_FIELD_NUMBER));
            out.writeUInt32NoTag(batches);
        }
        out.checkNoSpaceLeft();
        return new Section(before, fetched.batches());
    }

    private static int lengthDelimited(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
