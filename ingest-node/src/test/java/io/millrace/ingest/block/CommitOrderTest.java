package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.block.CommitOrder.CommitSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommitOrderTest {

    private final CommitOrder order = new CommitOrder();
    private final List<Integer> committed = new ArrayList<>();

    @Test
    void blocksThatShareAConnectionAndPartitionKeepTheirOrder() {
        CommitSlot one = block(1, 5);
        CommitSlot two = block(2, 5);
        CommitSlot three = block(3, 5);
        order.ready(three);
        order.ready(two);
        assertThat(committed).isEmpty();
        order.ready(one);
        assertThat(committed).containsExactly(1, 2, 3);
    }

    @Test
    void independentBlockOvertakes() {
        block(1, 5);
        order.ready(block(2, 6));
        assertThat(committed).containsExactly(2);
    }

    @Test
    void failedBlockBlocksNoSuccessor() {
        CommitSlot one = block(1, 5);
        CommitSlot two = block(2, 5);
        order.ready(two);
        order.failed(one);
        order.ready(one);
        assertThat(committed).containsExactly(2);
    }

    @Test
    void orderHoldsAcrossFailedBlock() {
        CommitSlot one = block(1, 5);
        CommitSlot two = block(2, 5);
        CommitSlot three = block(3, 5);
        order.failed(two);
        CommitSlot four = block(4, 5);
        order.ready(four);
        order.ready(three);
        assertThat(committed).isEmpty();
        order.ready(one);
        assertThat(committed).containsExactly(1, 3, 4);
    }

    @Test
    void blockWaitsForAllPredecessors() {
        CommitSlot one = block(1, 5);
        CommitSlot two = block(2, 6);
        CommitSlot both = block(3, 5, 6);
        order.ready(both);
        order.ready(two);
        assertThat(committed).containsExactly(2);
        order.ready(one);
        assertThat(committed).containsExactly(2, 1, 3);
    }

    @Test
    void inAnyOrderOfUploadsEachConnectionsBlocksCommitInOrder() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            CommitOrder any = new CommitOrder();
            List<CommitSlot> uploading = new ArrayList<>();
            List<int[]> connections = new ArrayList<>();
            List<Integer> done = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                CommitSlot turn = any.register(() -> done.add(number));
                int[] of = random.ints(20, 0, 300).toArray();
                for (int connection : of) {
                    any.addDependency(turn, connection, 1, 0);
                }
                connections.add(of);
                uploading.add(turn);
                while (uploading.size() > random.nextInt(12)) {
                    any.ready(uploading.remove(random.nextInt(uploading.size())));
                }
            }
            uploading.forEach(any::ready);
            assertThat(done).as("seed %d", seed).hasSize(200);
            int[] last = new int[300];
            for (int number : done) {
                for (int connection : connections.get(number)) {
                    assertThat(number).as("seed %d", seed).isGreaterThanOrEqualTo(last[connection]);
                    last[connection] = number;
                }
            }
        }
    }

    private CommitSlot block(int number, int... connections) {
        CommitSlot turn = order.register(() -> committed.add(number));
        for (int connection : connections) {
            order.addDependency(turn, connection, 1, 0);
        }
        return turn;
    }
}
