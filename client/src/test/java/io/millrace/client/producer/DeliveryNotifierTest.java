package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveryNotifierTest {

    private static final ProduceResult STORED =
            new ProduceResult(new TopicPartition("t", 0), 7, 1, false, null);

    private final List<String> reported = new ArrayList<>();
    private final DeliveryNotifier deliveries = new DeliveryNotifier();

    private DeliveryListener listener(String name) {
        return new DeliveryListener() {
            @Override
            public void stored(ProduceResult batch, int index) {
                reported.add(name + " " + index);
            }

            @Override
            public void failed(MillraceException failure) {
                reported.add(name + " " + failure.getMessage());
            }
        };
    }

    private static DeliveryListener throwing() {
        return new DeliveryListener() {
            @Override
            public void stored(ProduceResult batch, int index) {
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
        assertThat(reported).containsExactly("a 0", "a 1", "b 2", "a 3", "a 4");
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
            var reported = deliveries.whenReported();
            deliveries.failed(new MillraceException.Closed("over"), 2);
            assertThat(reported).isCompleted();
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        assertThat(reported).containsExactly("b over");
        assertThat(faults).hasSize(1);
    }

    @Test
    void thoseWhoWaitForABatchThatWasCutWaitForBothHalves() {
        DeliveryNotifier first = new DeliveryNotifier();
        DeliveryNotifier second = new DeliveryNotifier();
        var waiting = deliveries.whenReported();
        deliveries.leftTo(first, second);
        first.stored(STORED, 0);
        assertThat(waiting).isNotDone();
        second.stored(STORED, 0);
        assertThat(waiting).isCompleted();
    }
}
