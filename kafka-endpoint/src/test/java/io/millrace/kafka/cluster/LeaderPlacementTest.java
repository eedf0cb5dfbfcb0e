package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeaderPlacementTest {

    private static final List<KafkaNode> NODES = FixedNodes.THREE.all();

    private static int[] leaders(Optional<String> zone) {
        LeaderPlacement placement = new LeaderPlacement(NODES, zone);
        return IntStream.range(0, 100)
                .map(partition -> placement.of("t", partition).leader())
                .distinct()
                .sorted()
                .toArray();
    }

    @Test
    void leadersAreInTheZoneOfTheClient() {
        assertThat(leaders(Optional.of("a"))).containsExactly(1, 2);
        assertThat(leaders(Optional.of("b"))).containsExactly(3);
    }

    @Test
    void leadersAreInAllZonesForAClientOfNoKnownZone() {
        assertThat(leaders(Optional.empty())).containsExactly(1, 2, 3);
        assertThat(leaders(Optional.of("elsewhere"))).containsExactly(1, 2, 3);
    }

    @Test
    void replicasAreOneNodeOfEachZone() {
        LeaderPlacement placement = new LeaderPlacement(NODES, Optional.of("a"));
        for (int partition = 0; partition < 100; partition++) {
            LeaderPlacement.Place place = placement.of("t", partition);
            assertThat(place.replicas()).hasSize(2).startsWith(place.leader()).contains(3);
        }
    }

    @Test
    void clientsOfAllZonesSeeTheSameReplicas() {
        LeaderPlacement a = new LeaderPlacement(NODES, Optional.of("a"));
        LeaderPlacement b = new LeaderPlacement(NODES, Optional.of("b"));
        for (int partition = 0; partition < 100; partition++) {
            assertThat(a.of("t", partition).replicas())
                    .containsExactlyInAnyOrderElementsOf(b.of("t", partition).replicas());
        }
    }

    @Test
    void aClusterWithoutNodesHasNoLeaders() {
        assertThat(new LeaderPlacement(List.of(), Optional.empty()).of("t", 0))
                .isEqualTo(new LeaderPlacement.Place(-1, List.of()));
    }
}
