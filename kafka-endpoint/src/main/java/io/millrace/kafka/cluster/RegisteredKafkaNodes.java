package io.millrace.kafka.cluster;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The registered nodes with a number and a Kafka address that have both roles of a broker, ingest
 * and fetch. A node that drains has no roles.
 */
public final class RegisteredKafkaNodes implements KafkaNodes {

    private static final Set<Role> ROLES = Set.of(Role.INGEST, Role.FETCH);

    private final Supplier<List<RegisteredNode>> registered;
    private final Function<String, OptionalInt> numbers;
    private final Supplier<String> self;
    private final Map<KafkaListener, List<KafkaNode>> latest = new ConcurrentHashMap<>();

    /**
     * @param registered the live nodes
     * @param numbers the number of a node by its id
     * @param self the id of this node
     */
    public RegisteredKafkaNodes(
            Supplier<List<RegisteredNode>> registered,
            Function<String, OptionalInt> numbers,
            Supplier<String> self) {
        this.registered = registered;
        this.numbers = numbers;
        this.self = self;
    }

    @Override
    public List<KafkaNode> live(KafkaListener listener) {
        List<KafkaNode> found = new ArrayList<>();
        for (RegisteredNode node : registered.get()) {
            Optional<NodeAddress> address = Optional.ofNullable(node.kafka().get(listener));
            OptionalInt number = numbers.apply(node.node());
            if (address.isPresent() && number.isPresent() && node.roles().containsAll(ROLES)) {
                found.add(
                        new KafkaNode(
                                number.getAsInt(),
                                node.node(),
                                address.get().host(),
                                address.get().port(),
                                node.zone()));
            }
        }
        found.sort(Comparator.comparingInt(KafkaNode::number));
        List<KafkaNode> known = latest.getOrDefault(listener, List.of());
        if (found.equals(known)) {
            return known;
        }
        List<KafkaNode> changed = List.copyOf(found);
        latest.put(listener, changed);
        return changed;
    }

    @Override
    public int self() {
        return numbers.apply(self.get()).orElse(-1);
    }
}
