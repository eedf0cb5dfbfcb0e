package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallLimitTest {

    private final CallLimit limit = new CallLimit(300);

    private int open(String peer) {
        int opened = 0;
        while (limit.tryAdd(peer)) {
            opened++;
        }
        return opened;
    }

    @Test
    void aGreedyPeerLeavesRoomForOthers() {
        assertThat(open("greedy")).isEqualTo(150);
        assertThat(open("second")).isEqualTo(75);
        assertThat(open("third")).isPositive();
        assertThat(limit.tryAdd("small")).isTrue();
        assertThat(limit.rejected()).isEqualTo(3);
    }

    @Test
    void anEndedCallMakesRoom() {
        open("greedy");
        limit.remove("greedy");
        assertThat(limit.tryAdd("greedy")).isTrue();
        assertThat(limit.tryAdd("greedy")).isFalse();
    }
}
