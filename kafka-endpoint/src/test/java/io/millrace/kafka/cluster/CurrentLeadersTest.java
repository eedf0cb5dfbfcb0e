package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.KafkaListener;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CurrentLeadersTest {

    private final CurrentLeaders leaders = new CurrentLeaders(FixedNodes.THREE);

    @Test
    void theNextNodeHasTheListenerOfTheClient() {
        for (int partition = 0; partition < 10; partition++) {
            assertThat(leaders.successor(KafkaListener.EXTERNAL, Optional.empty(), "t", partition))
                    .contains(new KafkaNode(1, "n1", "public-1", 9101, "a"));
        }
        assertThat(leaders.successor(KafkaListener.INTERNAL, Optional.of("b"), "t", 0))
                .contains(new KafkaNode(3, "n3", "h3", 9003, "b"));
    }
}
