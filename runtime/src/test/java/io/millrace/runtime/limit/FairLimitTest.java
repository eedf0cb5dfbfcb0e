package io.millrace.runtime.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FairLimitTest {

    private final FairLimit limit = new FairLimit(300);

    private int add(String user) {
        int added = 0;
        while (limit.tryAdd(user, 1)) {
            added++;
        }
        return added;
    }

    @Test
    void aGreedyUserLeavesRoomForOthers() {
        assertThat(add("greedy")).isEqualTo(150);
        assertThat(add("second")).isEqualTo(75);
        assertThat(add("third")).isPositive();
        assertThat(limit.tryAdd("small", 1)).isTrue();
        assertThat(limit.rejected()).isEqualTo(3);
    }

    @Test
    void largeAmountsLeaveRoomForOthers() {
        assertThat(limit.tryAdd("greedy", 200)).isTrue();
        assertThat(limit.tryAdd("greedy", 1)).isFalse();
        assertThat(limit.tryAdd("second", 100)).isTrue();
        assertThat(limit.used()).isEqualTo(300);
        assertThat(limit.tryAdd("third", Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void whatIsRemovedMakesRoom() {
        add("greedy");
        limit.remove("greedy", 1);
        assertThat(limit.tryAdd("greedy", 1)).isTrue();
        assertThat(limit.tryAdd("greedy", 1)).isFalse();
    }
}
