package io.millrace.server.grpc.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CheckSlotTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final CheckSlot slot = new CheckSlot(loop);
    private int cutOffs;

    private boolean anotherCanStart() {
        return slot.tryAcquire(() -> {});
    }

    private void takeSlot() {
        assertThat(slot.tryAcquire(() -> cutOffs++)).isTrue();
    }

    @Test
    void aCheckWhoseClientReadsKeepsTheSlot() {
        takeSlot();
        slot.onUnread();
        slot.onRead();
        loop.advance(CheckSlot.PATIENCE.multipliedBy(2));
        assertThat(anotherCanStart()).isFalse();
        assertThat(cutOffs).isZero();
    }

    @Test
    void aCheckWhoseClientDoesNotReadIsCutOffForAnother() {
        takeSlot();
        slot.onUnread();
        loop.advance(CheckSlot.PATIENCE.minus(Duration.ofMillis(1)));
        assertThat(anotherCanStart()).isFalse();
        assertThat(cutOffs).isZero();
        loop.advance(Duration.ofMillis(1));
        assertThat(anotherCanStart()).as("until the check has ended").isFalse();
        assertThat(cutOffs).isEqualTo(1);
        slot.release();
        assertThat(anotherCanStart()).isTrue();
    }
}
