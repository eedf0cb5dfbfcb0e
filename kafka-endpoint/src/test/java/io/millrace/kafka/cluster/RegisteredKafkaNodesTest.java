package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegisteredKafkaNodesTest {

    private static final NodeAddress INSIDE = new NodeAddress("inside", 9092);
    private static final NodeAddress OUTSIDE = new NodeAddress("outside", 9094);

    private final List<RegisteredNode> registered = new ArrayList<>();
    private final RegisteredKafkaNodes nodes =
            new RegisteredKafkaNodes(
                    () -> registered, id -> OptionalInt.of(Integer.parseInt(id)), () -> "1");

    private static RegisteredNode node(
            String id, Set<Role> roles, Map<KafkaListener, NodeAddress> kafka) {
        return new RegisteredNode(id, 1, roles, "", "grpc", 9090, 1, 0, "", kafka, 1);
    }

    @Test
    void aListenerHasTheNodesWithItsAddress() {
        Set<Role> all = EnumSet.allOf(Role.class);
        registered.add(
                node(
                        "2",
                        all,
                        Map.of(KafkaListener.INTERNAL, INSIDE, KafkaListener.EXTERNAL, OUTSIDE)));
        registered.add(node("1", all, Map.of(KafkaListener.INTERNAL, INSIDE)));
        registered.add(node("3", all, Map.of()));
        registered.add(
                node(
                        "4",
                        Set.of(),
                        Map.of(KafkaListener.INTERNAL, INSIDE, KafkaListener.EXTERNAL, OUTSIDE)));
        assertThat(nodes.live(KafkaListener.INTERNAL))
                .containsExactly(
                        new KafkaNode(1, "1", "inside", 9092, ""),
                        new KafkaNode(2, "2", "inside", 9092, ""));
        assertThat(nodes.live(KafkaListener.EXTERNAL))
                .containsExactly(new KafkaNode(2, "2", "outside", 9094, ""));
    }

    @Test
    void theListIsTheSameUntilANodeChanges() {
        Set<Role> all = EnumSet.allOf(Role.class);
        registered.add(node("1", all, Map.of(KafkaListener.INTERNAL, INSIDE)));
        List<KafkaNode> before = nodes.live(KafkaListener.INTERNAL);
        assertThat(nodes.live(KafkaListener.EXTERNAL)).isEmpty();
        assertThat(nodes.live(KafkaListener.INTERNAL)).isSameAs(before);
        registered.clear();
        assertThat(nodes.live(KafkaListener.INTERNAL)).isEmpty();
    }
}
