package io.millrace.server.grpc;

import static io.millrace.server.grpc.ConnectionWindows.LEAST;
import static io.millrace.server.grpc.ConnectionWindows.MOST;
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
        assertThat(windows.share()).isEqualTo(MOST);
        assertThat(windows.grow(MOST - LEAST)).isEqualTo(MOST - LEAST);
        assertThat(windows.granted()).isEqualTo(MOST);
    }

    @Test
    void manyConnectionsGetEqualShares() {
        for (int i = 0; i < 32; i++) {
            assertThat(windows.admit()).isTrue();
        }
        assertThat(windows.share()).isEqualTo(LEAST + BYTES / 4 / 32);
    }

    @Test
    void connectionsAreRefusedWhenNoneCouldHaveItsWindow() {
        int admitted = 0;
        while (windows.admit()) {
            admitted++;
        }
        assertThat(admitted).isEqualTo(BYTES * 3L / 4 / LEAST);
        assertThat(windows.connections()).isEqualTo(admitted);
        assertThat(windows.refused()).isEqualTo(1);
        windows.leave(LEAST);
        assertThat(windows.admit()).isTrue();
    }

    @Test
    void aNewcomerHasItsWindowHoweverWideTheOthersAre() {
        for (int i = 0; i < 10; i++) {
            windows.admit();
            windows.grow(MOST - LEAST);
        }
        assertThat(windows.grow(1)).isZero();
        assertThat(windows.admit()).isTrue();
    }

    @Test
    void noMoreIsGrantedThanThereIsWhoeverComesAndGoes() {
        SplittableRandom random = new SplittableRandom(7);
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            int choice = random.nextInt(5);
            if (choice == 0 && windows.admit()) {
                open.add(LEAST);
            } else if (!open.isEmpty()) {
                int window = open.removeFirst();
                switch (choice) {
                    case 1 -> windows.leave(window);
                    case 2 -> {
                        int down = random.nextInt(window - LEAST + 1);
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
