package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {

    private final ConnectionTable table = new ConnectionTable();
    private final Map<String, ConnectionTable.Entry> entries = new HashMap<>();
    private final List<String> closing = new ArrayList<>();
    private CompletableFuture<Boolean> closed = CompletableFuture.completedFuture(true);
    private long nowNanos;

    private void connect(String peer, String name) {
        entries.put(
                name,
                table.add(
                        peer,
                        () -> {
                            closing.add(name);
                            return closed;
                        },
                        nowNanos++));
    }

    private ConnectionTable.Entry entry(String name) {
        return Objects.requireNonNull(entries.get(name));
    }

    private void setOpenCalls(String name, int calls) {
        entry(name).setOpenCalls(calls, nowNanos++);
    }

    private void evict() {
        if (table.evict().join()) {
            table.remove(entry(closing.getLast()));
        }
    }

    @Test
    void theAddressWithTheMostConnectionsLosesItsLongestIdleOne() {
        connect("small", "s0");
        for (int i = 0; i < 4; i++) {
            connect("greedy", "g" + i);
        }
        setOpenCalls("g0", 1);
        setOpenCalls("g1", 1);
        setOpenCalls("g1", 0);
        for (int i = 0; i < 5; i++) {
            evict();
        }

        assertThat(closing).containsExactly("g2", "g3", "g1", "s0");
        assertThat(table.evicted()).isEqualTo(4);
    }

    @Test
    void aConnectionWithOpenCallsIsKept() {
        connect("peer", "busy");
        setOpenCalls("busy", 1);

        assertThat(table.evict().join()).isFalse();
        assertThat(closing).isEmpty();
    }

    @Test
    void aConnectionThatIsBeingClosedMakesRoomForOneOtherOnly() {
        connect("peer", "old");
        closed = new CompletableFuture<>();
        CompletableFuture<Boolean> first = table.evict();

        assertThat(table.evict().join()).isFalse();
        closed.complete(true);
        assertThat(first.join()).isTrue();
    }

    @Test
    void aConnectionThatBeganACallMeanwhileIsKept() {
        connect("peer", "late");
        closed = CompletableFuture.completedFuture(false);

        assertThat(table.evict().join()).isFalse();
        assertThat(table.evicted()).isZero();
        closed = CompletableFuture.completedFuture(true);
        assertThat(table.evict().join()).isTrue();
    }
}
