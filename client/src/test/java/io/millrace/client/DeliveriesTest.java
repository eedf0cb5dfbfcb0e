package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private static final Stored STORED = new Stored(new TopicPartition("t", 0), 7, 1, false, null);

    private final List<String> told = new ArrayList<>();
    private final Deliveries deliveries = new Deliveries();

    private DeliveryListener listener(String name) {
        return new DeliveryListener() {
            @Override
            public void stored(Stored batch, int index) {
                told.add(name + " " + index);
            }

            @Override
            public void failed(MillraceException failure) {
                told.add(name + " " + failure.getMessage());
            }
        };
    }

    private static DeliveryListener throwing() {
        return new DeliveryListener() {
            @Override
            public void stored(Stored batch, int index) {
                throw new IllegalStateException("stored");
            }

            @Override
            public void failed(MillraceException failure) {
                throw new IllegalStateException("failed");
            }
        };
    }

    @Test
    void aListenerOfManyRecordsLearnsThePlaceOfEach() {
        DeliveryListener a = listener("a");
        deliveries.subscribe(a, 0);
        deliveries.subscribe(a, 1);
        deliveries.subscribe(listener("b"), 2);
        deliveries.subscribe(a, 3);
        deliveries.stored(STORED, 5);
        assertThat(told).containsExactly("a 0", "a 1", "b 2", "a 3", "a 4");
    }

    @Test
    void aListenerThatThrowsKeepsTheOthersFromNothing() {
        List<Throwable> faults = new ArrayList<>();
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((where, fault) -> faults.add(fault));
        try {
            deliveries.subscribe(throwing(), 0);
            deliveries.subscribe(listener("b"), 1);
            var told = deliveries.whenTold();
            deliveries.failed(new MillraceException.Closed("over"), 2);
            assertThat(told).isCompleted();
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        assertThat(told).containsExactly("b over");
        assertThat(faults).hasSize(1);
    }

    @Test
    void thoseWhoWaitForABatchThatWasCutWaitForBothHalves() {
        Deliveries first = new Deliveries();
        Deliveries second = new Deliveries();
        var waiting = deliveries.whenTold();
        deliveries.leftTo(first, second);
        first.stored(STORED, 0);
        assertThat(waiting).isNotDone();
        second.stored(STORED, 0);
        assertThat(waiting).isCompleted();
    }
}
