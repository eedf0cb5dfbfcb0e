package io.millrace.metadata.membership.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The contract of membership, for the fake and the real etcd. */
public abstract class EtcdMembershipContract {

    /** The time after its last sign of life at which a node is no longer live. */
    protected static final Duration LIFE = Duration.ofSeconds(2);

    private static final Map<KafkaListener, NodeAddress> KAFKA =
            Map.of(
                    KafkaListener.INTERNAL, new NodeAddress("inside", 9092),
                    KafkaListener.EXTERNAL, new NodeAddress("outside", 9094));

    /**
     * The connection of one process to etcd.
     *
     * @param disconnect the action that disconnects the process
     * @param reconnect the action that reconnects the process
     */
    public record ProcessConnection(Etcd etcd, Runnable disconnect, Runnable reconnect) {}

    /** A process. */
    public final class Node {
        final ProcessConnection way = newConnection();
        final EtcdMembership membership = new EtcdMembership(loop(), way.etcd(), cluster(), LIFE);
        final CompletableFuture<Void> joined;

        private Node(String name, long incarnation, int port) {
            RegisteredNode member =
                    new RegisteredNode(
                            name,
                            incarnation,
                            Set.of(Role.INGEST),
                            "z",
                            "localhost",
                            port,
                            1,
                            0,
                            "",
                            KAFKA,
                            0);
            CompletableFuture<Void> opened = membership.open();
            await("a view", opened::isDone);
            joined = membership.register(() -> member);
        }

        /** Returns the ids of the nodes that this node considers live. */
        public List<String> nodes() {
            return membership.nodes().stream().map(RegisteredNode::node).toList();
        }

        /** Returns whether another process has taken over this node's id. */
        public boolean isOusted() {
            return membership.idTakenOver().isDone();
        }

        private boolean leads() {
            CompletableFuture<Boolean> leads = new CompletableFuture<>();
            loop().runNowOrLater(() -> leads.complete(membership.isLeader()));
            await("an answer", leads::isDone);
            return leads.join();
        }
    }

    /** Returns a new connection to the etcd of this test, on {@link #loop}. */
    protected abstract ProcessConnection newConnection();

    protected abstract EventLoop loop();

    /** Returns a cluster name that is unique per test. */
    protected abstract String cluster();

    /** Lets time pass until the condition holds, or fails. */
    protected abstract void await(String what, BooleanSupplier condition);

    /** Lets time pass. */
    protected abstract void pass(Duration time);

    /** Starts a process and waits until it has joined. */
    protected final Node start(String name, long incarnation, int port) {
        Node node = new Node(name, incarnation, port);
        await("it joins", node.joined::isDone);
        return node;
    }

    @Test
    void aNodeIsListedFromItsRegistrationUntilItLeaves() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        await("both see both", () -> a.nodes().size() == 2 && b.nodes().size() == 2);
        assertThat(b.membership.nodes())
                .allSatisfy(node -> assertThat(node.kafka()).isEqualTo(KAFKA));
        assertThat(a.leads()).isTrue();
        assertThat(b.leads()).isFalse();
        a.membership.close();
        await("b is alone", () -> b.nodes().equals(List.of("b")));

        assertThat(b.leads()).isTrue();
    }

    @Test
    void aNodeStaysListedWhileItRenewsItsLease() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        pass(LIFE.multipliedBy(3));

        assertThat(a.nodes()).containsExactly("a", "b");
        assertThat(b.nodes()).containsExactly("a", "b");
        assertThat(a.leads()).isTrue();
    }

    @Test
    void aNodeWithAnExpiredLeaseRegistersAgainAsTheYoungest() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        a.way.disconnect().run();
        await("a is removed", () -> b.nodes().equals(List.of("b")));
        assertThat(b.leads()).isTrue();
        a.way.reconnect().run();
        await("a is registered again", () -> b.nodes().equals(List.of("a", "b")));
        await("a knows the leader", () -> !a.leads());

        assertThat(b.leads()).isTrue();
        assertThat(a.isOusted()).isFalse();
    }

    @Test
    void ofTwoNodesWithOneIdTheFirstStays() {
        Node first = start("a", 1, 9001);
        Node second = start("a", 2, 9007);

        assertThatThrownBy(second.joined::join).hasMessageContaining("localhost:9001");
        assertThat(first.nodes()).containsExactly("a");
        assertThat(first.isOusted()).isFalse();
        assertThat(first.membership.nodes().getFirst().incarnation()).isOne();
    }

    @Test
    void aSuspendedNodeDetectsThatItsIdWasTakenOver() {
        Node sleeper = start("a", 1, 9001);
        sleeper.way.disconnect().run();
        Node other = start("a", 2, 9007);
        assertThat(other.joined).isCompleted();
        sleeper.way.reconnect().run();
        await("the suspended node is notified", sleeper::isOusted);

        assertThat(other.isOusted()).isFalse();
        assertThat(other.membership.nodes().getFirst().incarnation()).isEqualTo(2);
    }

    @Test
    void aProcessThatDiedIsReplacedAtItsAddress() {
        Node dead = start("a", 1, 9001);
        dead.way.disconnect().run();
        Node again = start("a", 2, 9001);

        assertThat(again.joined).isCompleted();
        await(
                "the process sees its own registration",
                () -> again.membership.nodes().getFirst().incarnation() == 2);
    }

    @Test
    void aDisconnectedNodeStopsActingBeforeItIsDeclaredDead() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        LeaseTenure tenure =
                new LeaseTenure(a.membership, () -> CompletableFuture.completedFuture(null));
        await("a may act", () -> lasts(tenure) && b.nodes().size() == 2);
        a.way.disconnect().run();
        await("b declares a dead", () -> b.nodes().size() < 2);
        assertThat(lasts(tenure)).isFalse();
    }

    @Test
    void aNodeWithANewLeaseActsOnlyAfterABarrier() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        AtomicReference<CompletableFuture<Void>> barrier =
                new AtomicReference<>(new CompletableFuture<>());
        barrier.get().complete(null);
        LeaseTenure tenure = new LeaseTenure(a.membership, barrier::get);
        await("a may act", () -> lasts(tenure) && b.nodes().size() == 2);
        a.way.disconnect().run();
        await("b declares a dead", () -> b.nodes().size() < 2);
        CompletableFuture<Void> late = new CompletableFuture<>();
        barrier.set(late);
        a.way.reconnect().run();
        await("a is registered again", () -> b.nodes().size() == 2);
        assertThat(lasts(tenure)).isFalse();

        late.complete(null);
        await("a may act", () -> lasts(tenure));
    }

    private boolean lasts(LeaseTenure tenure) {
        CompletableFuture<Boolean> lasts = new CompletableFuture<>();
        loop().runNowOrLater(() -> lasts.complete(tenure.isConfirmed()));
        await("an answer", lasts::isDone);
        return lasts.join();
    }
}
