package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.disk.CrashingDisk;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The disk of the log and the bucket is full and later has space again. */
class DiskFullTest {

    private final CrashingDisk disk = new CrashingDisk();

    @Test
    void aFullDiskRejectsProducersAndServiceRecoversWithoutARestart() throws IOException {
        NodeOnDisk node = new NodeOnDisk(disk, new SplittableRandom(1));
        assertThat(node.createTopic("t", 1)).isTrue();
        assertThat(produce(node, "before"))
                .isInstanceOfSatisfying(
                        ProduceOutcome.Acknowledged.class,
                        done -> assertThat(done.baseOffset()).isZero());

        disk.setCapacity(1);
        assertThat(produce(node, "refused"))
                .isInstanceOfSatisfying(
                        ProduceOutcome.Rejected.class,
                        rejected -> {
                            assertThat(rejected.problem().reason()).isEqualTo(Reason.STORAGE_FULL);
                            assertThat(rejected.problem().reason().retriable()).isTrue();
                        });
        assertThat(node.read("t", 0)).hasSize(1);

        disk.setCapacity(Long.MAX_VALUE);
        assertThat(produce(node, "after"))
                .isInstanceOfSatisfying(
                        ProduceOutcome.Acknowledged.class,
                        done -> assertThat(done.baseOffset()).isEqualTo(1));
    }

    private static ProduceOutcome produce(NodeOnDisk node, String value) {
        var reply = node.produce(1, "t", 0, KafkaBatches.batch(value.getBytes(UTF_8)));
        node.pass(Duration.ofMinutes(2));
        return reply.get().orElseThrow();
    }
}
