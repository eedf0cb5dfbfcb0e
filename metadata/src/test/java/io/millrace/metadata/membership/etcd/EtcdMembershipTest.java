package io.millrace.metadata.membership.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EtcdMembershipTest {

    private static final Duration LIFE = Duration.ofSeconds(8);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);

    @Test
    void nodesSeeEachOtherAndTheOldestLeads() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        assertThat(a.nodes()).containsExactly("a", "b");
        assertThat(b.nodes()).containsExactly("a", "b");
        assertThat(a.membership.isLeader()).isTrue();
        assertThat(b.membership.isLeader()).isFalse();
        assertThat(b.membership.nodes().getFirst())
                .extracting(
                        RegisteredNode::incarnation,
                        RegisteredNode::host,
                        RegisteredNode::port,
                        RegisteredNode::zone)
                .containsExactly(1L, "localhost", 9001, "z1");
    }

    @Test
    void aNodeThatLeavesIsGoneAtOnceAndTheNextLeads() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        AtomicInteger changes = new AtomicInteger();
        b.membership.addListener(changes::incrementAndGet);
        a.membership.close();
        loop.advance(Duration.ofMillis(100));
        assertThat(b.nodes()).containsExactly("b");
        assertThat(b.membership.isLeader()).isTrue();
        assertThat(changes).hasPositiveValue();
    }

    @Test
    void aSilentNodeIsRemovedWhenItsLeaseExpires() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        a.client.setDisconnected(true);
        loop.advance(LIFE.dividedBy(2));
        assertThat(b.nodes()).containsExactly("a", "b");
        loop.advance(LIFE);
        assertThat(b.nodes()).containsExactly("b");
        assertThat(a.nodes()).as("the last view is kept").containsExactly("a", "b");
    }

    @Test
    void aNodeWhoseWatchIsSilentSeesTheOthersAllTheSame() {
        Node a = start("a", 1, 9001);
        a.client.silenceWatches();
        Node b = start("b", 2, 9002);
        loop.advance(LIFE.multipliedBy(2));
        assertThat(a.nodes()).containsExactly("a", "b");
        b.client.silenceWatches();
        a.membership.close();
        loop.advance(LIFE.multipliedBy(2));
        assertThat(b.membership.isLeader()).isTrue();
    }

    @Test
    void aNodeWhoseLeaseWasLostRegistersAgain() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        a.client.setDisconnected(true);
        loop.advance(LIFE.multipliedBy(2));
        a.client.setDisconnected(false);
        loop.advance(LIFE);
        assertThat(b.nodes()).containsExactly("a", "b");
        assertThat(a.nodes()).containsExactly("a", "b");
        assertThat(b.membership.isLeader()).isTrue();
        assertThat(a.membership.isLeader()).isFalse();
    }

    @Test
    void aNodeStaysListedWhileItRenewsItsLease() {
        Node a = start("a", 1, 9001);
        loop.advance(LIFE.multipliedBy(20));
        assertThat(a.nodes()).containsExactly("a");
        assertThat(a.membership.idTakenOver()).isNotDone();
    }

    @Test
    void aNewIncarnationIsReported() {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        a.self = member("a", 7, 9001);
        loop.advance(LIFE);
        assertThat(b.membership.nodes().getFirst().incarnation()).isEqualTo(7);
        assertThat(a.membership.isLeader()).as("its age is unchanged").isTrue();
    }

    @Test
    void aProcessThatDiedIsReplacedAtItsAddressAtOnce() {
        Node dead = start("a", 1, 9001);
        dead.client.setDisconnected(true);
        Node again = start("a", 5, 9001);
        assertThat(again.joined).isCompleted();
        assertThat(again.membership.nodes().getFirst().incarnation()).isEqualTo(5);
    }

    @Test
    void ofTwoLiveProcessesWithOneIdAndOneAddressTheSecondTakesOver() {
        Node first = start("a", 1, 9001);
        Node second = start("a", 5, 9001);
        first.self = member("a", 6, 9001);
        second.self = member("a", 7, 9001);
        loop.advance(LIFE.multipliedBy(3));
        assertThat(first.membership.idTakenOver()).isCompleted();
        assertThat(second.membership.idTakenOver()).isNotDone();
        assertThat(second.membership.nodes().getFirst().incarnation()).isEqualTo(7);
    }

    @Test
    void aProcessThatDiedIsReplacedAtAnotherAddressWhenItsLeaseIsGone() {
        Node dead = start("a", 1, 9001);
        dead.client.setDisconnected(true);
        Node again = start("a", 5, 9007);
        assertThat(again.joined).isNotDone();
        loop.advance(LIFE.multipliedBy(2));
        assertThat(again.joined).isCompleted();
        assertThat(again.membership.nodes().getFirst().incarnation()).isEqualTo(5);
    }

    @Test
    void aSecondLiveNodeOfOneIdIsRejectedWithAReason() {
        Node first = start("a", 1, 9001);
        Node second = start("a", 5, 9007);
        loop.advance(LIFE.multipliedBy(4));
        assertThat(second.joined)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(ProblemException.class)
                .withMessageContaining("localhost:9001")
                .withMessageContaining("--node-id");
        assertThat(first.nodes()).containsExactly("a");
        assertThat(first.membership.idTakenOver()).isNotDone();
        assertThat(first.membership.nodes().getFirst().incarnation()).isEqualTo(1);
    }

    @Test
    void aSuspendedNodeDetectsThatItsIdWasTakenOver() {
        Node sleeper = start("a", 1, 9001);
        sleeper.client.setDisconnected(true);
        loop.advance(LIFE.multipliedBy(2));
        Node other = start("a", 5, 9007);
        assertThat(other.joined).isCompleted();
        sleeper.client.setDisconnected(false);
        loop.advance(LIFE);
        assertThat(sleeper.membership.idTakenOver()).isCompleted();
        assertThat(sleeper.membership.idTakenOver().join().message()).contains("localhost:9007");
        assertThat(other.membership.idTakenOver()).isNotDone();
    }

    private Node start(String name, long incarnation, int port) {
        Node node = new Node(member(name, incarnation, port));
        loop.advance(Duration.ofMillis(100));
        return node;
    }

    private static RegisteredNode member(String node, long incarnation, int port) {
        return new RegisteredNode(
                node, incarnation, Set.of(Role.INGEST, Role.FETCH), "z1", "localhost", port, 1, 0);
    }

    /** A process. */
    private final class Node {
        final FakeEtcd.Client client = etcd.client();
        final EtcdMembership membership = new EtcdMembership(loop, client, "c", LIFE);
        final CompletableFuture<Void> joined;
        RegisteredNode self;

        Node(RegisteredNode self) {
            this.self = self;
            membership.open();
            joined = membership.register(() -> this.self);
        }

        List<String> nodes() {
            return membership.nodes().stream().map(RegisteredNode::node).toList();
        }
    }
}
