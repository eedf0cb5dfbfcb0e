package io.millrace.server.grpc.flow;

import static io.millrace.server.grpc.flow.ConnectionWindows.MAX;
import static io.millrace.server.grpc.flow.ConnectionWindows.MIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConnectionWindowsTest {

    private static final int BYTES = 8 << 20;

    private final ConnectionWindows windows = new ConnectionWindows(BYTES);

    @Test
    void aLoneConnectionGetsTheLargestWindow() {
        assertThat(windows.tryAdd()).isTrue();
        assertThat(windows.equalShare()).isEqualTo(MAX);
        assertThat(windows.reserve(MAX - MIN)).isEqualTo(MAX - MIN);
        assertThat(windows.grantedBytes()).isEqualTo(MAX);
    }

    @Test
    void manyConnectionsGetEqualShares() {
        for (int i = 0; i < 32; i++) {
            assertThat(windows.tryAdd()).isTrue();
        }
        assertThat(windows.equalShare()).isEqualTo(MIN + BYTES / 4 / 32);
    }

    @Test
    void connectionsAreRefusedWithoutRoomForTheirWindow() {
        int admitted = 0;
        while (windows.tryAdd()) {
            admitted++;
        }
        assertThat(admitted).isEqualTo(BYTES * 3L / 4 / MIN);
        assertThat(windows.connections()).isEqualTo(admitted);
        windows.remove(MIN);
        assertThat(windows.tryAdd()).isTrue();
    }

    @Test
    void aNewConnectionHasItsWindowWhateverTheOthersReserve() {
        for (int i = 0; i < 10; i++) {
            windows.tryAdd();
            windows.reserve(MAX - MIN);
        }
        assertThat(windows.reserve(1)).isZero();
        assertThat(windows.tryAdd()).isTrue();
    }

    @Test
    void usedUpBytesAreNotGrantedAndStayReservedForNewConnections() {
        windows.tryAdd();
        windows.addUsedUp(MIN);
        assertThat(windows.grantedBytes()).isZero();
        assertThat(windows.tryAdd()).isTrue();
        assertThat(windows.grantedBytes()).isEqualTo(MIN);
        windows.addUsedUp(-MIN);
        windows.remove(MIN);
        assertThat(windows.grantedBytes()).isEqualTo(MIN);
    }

    @Test
    void grantedBytesNeverExceedTheTotal() {
        SplittableRandom random = new SplittableRandom(7);
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            int choice = random.nextInt(5);
            if (choice == 0 && windows.tryAdd()) {
                open.add(MIN);
            } else if (!open.isEmpty()) {
                int window = open.removeFirst();
                switch (choice) {
                    case 1 -> windows.remove(window);
                    case 2 -> {
                        int down = random.nextInt(window - MIN + 1);
                        windows.unreserve(down);
                        open.addLast(window - down);
                    }
                    default ->
                            open.addLast(
                                    window
                                            + windows.reserve(
                                                    Math.max(0, windows.equalShare() - window)));
                }
            }
            assertThat(windows.grantedBytes())
                    .isEqualTo(open.stream().mapToLong(Integer::longValue).sum())
                    .isLessThanOrEqualTo(BYTES);
            assertThat(windows.connections()).isEqualTo(open.size());
        }
    }
}
