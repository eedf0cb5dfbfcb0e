package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetadataShareTest {

    private static final long BOUND_BYTES = 1_000_000;

    private static Optional<Problem> rejection(Command command, long stateBytes) {
        return MetadataShare.rejection(command, () -> stateBytes, () -> BOUND_BYTES);
    }

    private static Command topic(int partitions) {
        return new Command.TopicCreated("t", partitions, Map.of());
    }

    private static RegisteredNode node(long metadataBytes) {
        return new RegisteredNode("n", 1, Set.of(Role.INGEST), "", "h", 1, 1, metadataBytes, "", 1);
    }

    @Test
    void partitionsAreAddedUpToTheBoundAndRejectedBeyond() {
        assertThat(rejection(topic(100), BOUND_BYTES - 15_400)).isEmpty();
        assertThat(rejection(topic(101), BOUND_BYTES - 15_400))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.METADATA_FULL);
                    assertThat(problem.retriable()).isFalse();
                    assertThat(problem.message()).contains("smallest node");
                });
        assertThat(rejection(new Command.PartitionsAdded(1, 101), BOUND_BYTES - 15_100))
                .isNotEmpty();
        assertThat(rejection(topic(Integer.MAX_VALUE), 0)).isNotEmpty();
    }

    @Test
    void theFillLevelRisesFromTheBoundToHalfAsMuchAgain() {
        assertThat(MetadataShare.fullness(BOUND_BYTES, BOUND_BYTES)).isZero();
        assertThat(MetadataShare.fullness(BOUND_BYTES * 5 / 4, BOUND_BYTES)).isEqualTo(0.5);
        assertThat(MetadataShare.fullness(BOUND_BYTES * 3 / 2, BOUND_BYTES)).isEqualTo(1);
        assertThat(MetadataShare.fullness(BOUND_BYTES, Long.MAX_VALUE)).isZero();
    }

    @Test
    void deletionsPassBeyondTheBound() {
        assertThat(rejection(new Command.TopicDeleted(1), 2 * BOUND_BYTES)).isEmpty();
        assertThat(rejection(new Command.ProducersExpired(1), 2 * BOUND_BYTES)).isEmpty();
    }

    @Test
    void theSmallestNodeThatTellsItsHeapDecides() {
        assertThat(MetadataShare.smallest(500, List.of())).isEqualTo(500);
        assertThat(MetadataShare.smallest(500, List.of(node(700), node(300), node(0))))
                .isEqualTo(300);
        assertThat(MetadataShare.smallest(200, List.of(node(300)))).isEqualTo(200);
    }
}
