package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.ingest.Ingest.Reply;
import io.millrace.metadata.Extent;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The write path above the state machine and replica that production uses. */
class IngestOnRealMetadataTest {

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final FakeStore store = new FakeStore(loop);
    private final IngestNode node =
            new IngestNode(
                    IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                    fixture.metadata(),
                    store,
                    loop,
                    () -> Instant.ofEpochMilli(Ingest.START_MS),
                    loop,
                    SealedObjectSink.NONE,
                    new IngestMetrics(new SimpleMeterRegistry()));
    private final Topic topic = fixture.createTopic("t", 4);

    @Test
    void acknowledgedBatchesAreReadableThroughTheExtents() {
        long id = producerId();
        List<Reply> replies =
                List.of(
                        produce(0, Batches.of("a", "b")),
                        produce(1, Batches.of("other")),
                        produce(0, Batches.idempotent(id, 0, "c")),
                        produce(0, Batches.of("d")));
        pass();
        assertThat(replies)
                .extracting(reply -> reply.acknowledged().baseOffset())
                .containsExactly(0L, 0L, 2L, 3L);
        assertThat(values(0)).containsExactly("a", "b", "c", "d");
        assertThat(values(1)).containsExactly("other");
    }

    @Test
    void aRetryGetsTheFirstOffset() {
        long id = producerId();
        produce(0, Batches.idempotent(id, 0, "a"));
        pass();
        produce(0, Batches.idempotent(id, 1, "b"));
        pass();
        Reply again = produce(0, Batches.idempotent(id, 0, "a"));
        pass();
        assertThat(again.acknowledged().duplicate()).isTrue();
        assertThat(again.acknowledged().baseOffset()).isZero();
        assertThat(values(0)).containsExactly("a", "b");
    }

    @Test
    void aGapInTheSequencesIsRefused() {
        long id = producerId();
        produce(0, Batches.idempotent(id, 0, "a"));
        pass();
        Reply gap = produce(0, Batches.idempotent(id, 5, "b"));
        pass();
        assertThat(gap.refused().reason()).isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void aTopicDeletedWhileABatchIsOnItsWayRefusesIt() {
        Reply reply = produce(0, Batches.of("a"));
        loop.advance(Duration.ofMillis(2));
        fixture.propose(new Command.TopicDeleted(topic.id()));
        pass();
        assertThat(reply.refused().reason()).isIn(Reason.UNKNOWN_TOPIC, Reason.UNKNOWN_PARTITION);
    }

    @Test
    void anUnknownTopicIsDenied() {
        Reply reply = new Reply();
        loop.call(() -> node.produce(1, "none", 0, Batches.of("a"), reply));
        pass();
        assertThat(reply.refused().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void producerIdsAreHandedOut() {
        List<CompletableFuture<ProducerIdLease>> leases = new ArrayList<>();
        loop.call(() -> leases.add(node.allocateProducerId()));
        loop.call(() -> leases.add(node.allocateProducerId()));
        pass();
        assertThat(leases).extracting(l -> l.join().producerId()).doesNotHaveDuplicates();
    }

    private long producerId() {
        List<CompletableFuture<ProducerIdLease>> lease = new ArrayList<>();
        loop.call(() -> lease.add(node.allocateProducerId()));
        pass();
        return lease.getFirst().join().producerId();
    }

    private Reply produce(int partition, ByteString batch) {
        Reply reply = new Reply();
        loop.call(() -> node.produce(1, "t", partition, batch, reply));
        return reply;
    }

    private void pass() {
        loop.advance(Duration.ofMillis(500));
    }

    private List<String> values(int partition) {
        List<String> values = new ArrayList<>();
        loop.call(() -> {
            PartitionLog log =
                    fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
            for (Extent extent : log.extents(0, Long.MAX_VALUE)) {
                byte[] object =
                        Objects.requireNonNull(store.objects.get(extent.object().id().key("test")));
                int from = (int) extent.position();
                values.addAll(
                        Batches.values(Arrays.copyOfRange(object, from, from + extent.length())));
            }
        });
        return values;
    }
}
