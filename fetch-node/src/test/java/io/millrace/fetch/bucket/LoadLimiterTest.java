package io.millrace.fetch.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests the limits of concurrent GETs. */
class LoadLimiterTest {

    private final LoadLimiter slots = new LoadLimiter(4, 1000);
    private final List<CompletableFuture<?>> running = new ArrayList<>();

    @Test
    void asManyRunAsThereAreSlotsAndTheRestInOrderAsTheyEnd() {
        for (int i = 0; i < 6; i++) {
            start(10);
        }
        assertThat(running).hasSize(4);

        running.get(2).complete(null);
        assertThat(running).hasSize(5);
    }

    @Test
    void soManyRunThatTheirBytesFit() {
        start(600);
        start(300);
        start(200);
        start(10);
        assertThat(running).hasSize(2);

        running.get(1).complete(null);
        assertThat(running).hasSize(4);
    }

    @Test
    void oneThatIsTooLargeRunsAlone() {
        start(10);
        start(2000);
        assertThat(running).hasSize(1);

        running.get(0).completeExceptionally(new IllegalStateException("lost"));
        start(10);
        assertThat(running).hasSize(2);

        running.get(1).complete(null);
        assertThat(running).hasSize(3);
    }

    @Test
    void readsAheadUseAtMostHalfOfTheSlots() {
        start(10);
        assertThat(slots.hasSpareCapacity()).isTrue();
        start(10);
        assertThat(slots.hasSpareCapacity()).isFalse();
        running.get(0).complete(null);
        start(600);
        running.get(1).complete(null);
        assertThat(slots.hasSpareCapacity()).isFalse();
    }

    private void start(int bytes) {
        slots.start(
                bytes,
                () -> {
                    CompletableFuture<?> load = new CompletableFuture<>();
                    running.add(load);
                    return load;
                });
    }
}
