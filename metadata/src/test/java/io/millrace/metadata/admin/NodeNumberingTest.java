package io.millrace.metadata.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NodeNumberingTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final InMemoryMetadataLog.Storage storage = new InMemoryMetadataLog.Storage();
    private final MetadataFixture first = new MetadataFixture(loop, storage, 1);

    private int number(MetadataFixture at, String node) {
        CompletableFuture<Integer> number = new NodeNumbering(at.metadata()).number(node);
        loop.advance(Duration.ofSeconds(1));
        return number.join();
    }

    @Test
    void allNodesKnowTheNumberOfANode() {
        MetadataFixture second = new MetadataFixture(loop, storage, 2);

        int a = number(first, "a");
        int b = number(second, "b");

        assertThat(a).isNotEqualTo(b);
        assertThat(first.metadata().nodeNumbers().all())
                .isEqualTo(second.metadata().nodeNumbers().all())
                .hasSize(2);
    }

    @Test
    void aRestartedNodeHasItsNumberWithoutAnEntryOfTheLog() {
        int a = number(first, "a");
        MetadataFixture restarted = new MetadataFixture(loop, storage, 3);
        long before = restarted.metadata().objects().appliedEntries();

        assertThat(number(restarted, "a")).isEqualTo(a);
        assertThat(restarted.metadata().objects().appliedEntries()).isEqualTo(before);
    }
}
