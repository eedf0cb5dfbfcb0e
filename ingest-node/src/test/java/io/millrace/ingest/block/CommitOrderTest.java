package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.block.CommitOrder.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommitOrderTest {

    private final CommitOrder order = new CommitOrder();
    private final List<Integer> committed = new ArrayList<>();

    @Test
    void blocksThatShareAConnectionAndPartitionKeepTheirOrder() {
        Turn one = block(1, 5);
        Turn two = block(2, 5);
        Turn three = block(3, 5);
        order.ready(three);
        order.ready(two);
        assertThat(committed).isEmpty();
        order.ready(one);
        assertThat(committed).containsExactly(1, 2, 3);
    }

    @Test
    void aBlockThatSharesNothingOvertakes() {
        block(1, 5);
        order.ready(block(2, 6));
        assertThat(committed).containsExactly(2);
    }

    @Test
    void nobodyWaitsForAFailedBlock() {
        Turn one = block(1, 5);
        Turn two = block(2, 5);
        order.ready(two);
        order.failed(one);
        order.ready(one);
        assertThat(committed).containsExactly(2);
    }

    @Test
    void behindAFailedBlockTheOrderHolds() {
        Turn one = block(1, 5);
        Turn two = block(2, 5);
        Turn three = block(3, 5);
        order.failed(two);
        Turn four = block(4, 5);
        order.ready(four);
        order.ready(three);
        assertThat(committed).isEmpty();
        order.ready(one);
        assertThat(committed).containsExactly(1, 3, 4);
    }

    @Test
    void aBlockWaitsForAllThoseWithWhichItShares() {
        Turn one = block(1, 5);
        Turn two = block(2, 6);
        Turn both = block(3, 5, 6);
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
            List<Turn> uploading = new ArrayList<>();
            List<int[]> connections = new ArrayList<>();
            List<Integer> done = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                Turn turn = any.enter(() -> done.add(number));
                int[] of = random.ints(20, 0, 300).toArray();
                for (int connection : of) {
                    any.holds(turn, connection, 1, 0);
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

    private Turn block(int number, int... connections) {
        Turn turn = order.enter(() -> committed.add(number));
        for (int connection : connections) {
            order.holds(turn, connection, 1, 0);
        }
        return turn;
    }
}
