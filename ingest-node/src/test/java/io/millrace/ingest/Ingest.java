package io.millrace.ingest;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Extent;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.stream.SealedObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An ingest node in virtual time, with topic {@code t} of 4 partitions. */
final class Ingest {

    static final long START_MS = 1_700_000_000_000L;

    final SimulatedLoop loop = new SimulatedLoop();
    final FakeMetadata metadata = new FakeMetadata(loop);
    final FakeStore store = new FakeStore(loop);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final List<SealedObject> offered = new ArrayList<>();
    final IngestNode node;

    /** What one produce came to. */
    static final class Reply implements ProduceReply {
        @Nullable ProduceOutcome outcome;

        @Override
        public void done(ProduceOutcome result) {
            if (outcome != null) {
                throw new AssertionError("answered twice: " + outcome + ", " + result);
            }
            outcome = result;
        }

        ProduceOutcome.Acknowledged acknowledged() {
            if (outcome instanceof ProduceOutcome.Acknowledged yes) {
                return yes;
            }
            throw new AssertionError("not acknowledged: " + outcome);
        }

        Problem refused() {
            if (outcome instanceof ProduceOutcome.Refused(var problem)) {
                return problem;
            }
            throw new AssertionError("not refused: " + outcome);
        }

        boolean isPending() {
            return outcome == null;
        }
    }

    Ingest() {
        this(IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20));
    }

    Ingest(IngestSettings settings) {
        Executor compression = task -> loop.schedule(Duration.ofMillis(1), task);
        node =
                new IngestNode(
                        settings,
                        metadata,
                        store,
                        loop,
                        () -> Instant.ofEpochMilli(START_MS + loop.nanoTime() / 1_000_000),
                        compression,
                        offered::add,
                        new IngestMetrics(meters));
        metadata.create("t", 4, Map.of());
    }

    Reply produce(long connection, String topic, int partition, ByteString batch) {
        Reply reply = new Reply();
        loop.call(() -> node.produce(connection, topic, partition, batch, reply));
        return reply;
    }

    Reply produce(int partition, String... values) {
        return produce(1, "t", partition, Batches.of(values));
    }

    Reply produceRecords(long connection, int partition, ByteString recordSet) {
        Reply reply = new Reply();
        loop.call(() -> node.produceRecords(connection, "t", partition, recordSet, reply));
        return reply;
    }

    void pass(long millis) {
        loop.advance(Duration.ofMillis(millis));
    }

    /** Everything in the partition, in order, as a reader would get it from the bucket. */
    List<String> values(long topicId, int partition) {
        List<String> values = new ArrayList<>();
        for (Extent extent :
                metadata.extents.getOrDefault(
                        new FakeMetadata.Place(topicId, partition), List.of())) {
            values.addAll(Batches.values(bytes(extent)));
        }
        return values;
    }

    byte[] bytes(Extent extent) {
        byte[] object = store.objects.get(extent.object().id().key("test"));
        if (object == null) {
            throw new AssertionError("no object for " + extent);
        }
        int from = (int) extent.position();
        return Arrays.copyOfRange(object, from, from + extent.length());
    }
}
