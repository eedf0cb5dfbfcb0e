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
        deliveries.addListener(a, 0);
        deliveries.addListener(a, 1);
        deliveries.addListener(listener("b"), 2);
        deliveries.addListener(a, 3);
        deliveries.stored(STORED, 5);
        assertThat(reported).containsExactly("a 0", "a 1", "b 2", "a 3", "a 4");
    }

    @Test
    void aListenerThatThrowsDoesNotAffectOthers() {
        List<Throwable> faults = new ArrayList<>();
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((where, fault) -> faults.add(fault));
        try {
            deliveries.addListener(throwing(), 0);
            deliveries.addListener(listener("b"), 1);
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
    void waitersOfASplitBatchWaitForBothHalves() {
        DeliveryNotifier first = new DeliveryNotifier();
        DeliveryNotifier second = new DeliveryNotifier();
        var waiting = deliveries.whenReported();
        deliveries.delegateTo(first, second);
        first.stored(STORED, 0);
        assertThat(waiting).isNotDone();
        second.stored(STORED, 0);
        assertThat(waiting).isCompleted();
    }
}
