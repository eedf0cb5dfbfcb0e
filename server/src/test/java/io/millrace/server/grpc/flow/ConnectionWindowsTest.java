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
        assertThat(windows.admit()).isTrue();
        assertThat(windows.share()).isEqualTo(MAX);
        assertThat(windows.grow(MAX - MIN)).isEqualTo(MAX - MIN);
        assertThat(windows.granted()).isEqualTo(MAX);
    }

    @Test
    void manyConnectionsGetEqualShares() {
        for (int i = 0; i < 32; i++) {
            assertThat(windows.admit()).isTrue();
        }
        assertThat(windows.share()).isEqualTo(MIN + BYTES / 4 / 32);
    }

    @Test
    void connectionsAreRefusedWhenNoneCouldHaveItsWindow() {
        int admitted = 0;
        while (windows.admit()) {
            admitted++;
        }
        assertThat(admitted).isEqualTo(BYTES * 3L / 4 / MIN);
        assertThat(windows.connections()).isEqualTo(admitted);
        assertThat(windows.rejected()).isEqualTo(1);
        windows.leave(MIN);
        assertThat(windows.admit()).isTrue();
    }

    @Test
    void aNewcomerHasItsWindowHoweverWideTheOthersAre() {
        for (int i = 0; i < 10; i++) {
            windows.admit();
            windows.grow(MAX - MIN);
        }
        assertThat(windows.grow(1)).isZero();
        assertThat(windows.admit()).isTrue();
    }

    @Test
    void whatIsUsedUpIsNotGrantedAndIsStillThereForWhoComes() {
        windows.admit();
        windows.useUp(MIN);
        assertThat(windows.granted()).isZero();
        assertThat(windows.admit()).isTrue();
        assertThat(windows.granted()).isEqualTo(MIN);
        windows.useUp(-MIN);
        windows.leave(MIN);
        assertThat(windows.granted()).isEqualTo(MIN);
    }

    @Test
    void noMoreIsGrantedThanThereIsWhoeverComesAndGoes() {
        SplittableRandom random = new SplittableRandom(7);
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            int choice = random.nextInt(5);
            if (choice == 0 && windows.admit()) {
                open.add(MIN);
            } else if (!open.isEmpty()) {
                int window = open.removeFirst();
                switch (choice) {
                    case 1 -> windows.leave(window);
                    case 2 -> {
                        int down = random.nextInt(window - MIN + 1);
                        windows.shrink(down);
                        open.addLast(window - down);
                    }
                    default ->
                            open.addLast(
                                    window + windows.grow(Math.max(0, windows.share() - window)));
                }
            }
            assertThat(windows.granted())
                    .isEqualTo(open.stream().mapToLong(Integer::longValue).sum())
                    .isLessThanOrEqualTo(BYTES);
            assertThat(windows.connections()).isEqualTo(open.size());
        }
    }
}
