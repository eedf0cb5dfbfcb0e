package io.millrace.compaction.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StepLoopTest {

    @Test
    void anErrorOfALaterStepEndsTheSequence() {
        SimulatedEventLoop loop = new SimulatedEventLoop();
        Error error = new UnsatisfiedLinkError("no native library");
        List<Throwable> failures = new ArrayList<>();
        CompletableFuture<Void> data = new CompletableFuture<>();
        new StepLoop(
                        loop,
                        () -> {
                            if (data.isDone()) {
                                throw error;
                            }
                            return Optional.of(data);
                        },
                        failures::add)
                .start();
        loop.runReady();
        data.complete(null);
        loop.runReady();
        assertThat(failures).containsExactly(error);
    }
}
