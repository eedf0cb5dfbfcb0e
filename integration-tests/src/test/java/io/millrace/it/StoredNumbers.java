package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The numbers that a {@link SteadyProducer} sent to each partition, and those that were stored.
 *
 * @param sent the acknowledged offset of each number, for each partition
 * @param stored the number at each offset, for each partition
 */
record StoredNumbers(String topic, List<List<Long>> sent, List<List<Long>> stored) {

    /** Checks the records of an idempotent producer: each is stored once, in order. */
    void checkExactlyOnce() {
        for (int i = 0; i < sent.size(); i++) {
            assertThat(stored.get(i))
                    .as("records of partition %d of %s", i, topic)
                    .isEqualTo(numbers(i));
            for (int number = 0; number < sent.get(i).size(); number++) {
                // A repeated batch may be so old that its offset is not known any more.
                assertThat(sent.get(i).get(number))
                        .as("offset of record %d in partition %d of %s", number, i, topic)
                        .isIn((long) number, SteadyProducer.UNKNOWN_OFFSET);
            }
        }
    }

    /**
     * Checks the records of a producer without idempotence: each is stored, and at its acknowledged
     * offset.
     *
     * @param sentAgain the largest number of records that may be stored twice
     */
    void checkAtLeastOnce(OptionalLong sentAgain) {
        for (int i = 0; i < sent.size(); i++) {
            assertThat(new HashSet<>(stored.get(i)))
                    .as("records of partition %d of %s", i, topic)
                    .isEqualTo(new HashSet<>(numbers(i)));
            for (int number = 0; number < sent.get(i).size(); number++) {
                long offset = sent.get(i).get(number);
                assertThat(offset).isBetween(0L, stored.get(i).size() - 1L);
                assertThat(stored.get(i).get((int) offset))
                        .as("offset %d in partition %d of %s", offset, i, topic)
                        .isEqualTo(number);
            }
        }
        sentAgain.ifPresent(again ->
                assertThat(count(stored) - count(sent))
                        .as("doubled records of %s", topic)
                        .isLessThanOrEqualTo(again));
    }

    private List<Long> numbers(int partition) {
        return LongStream.range(0, sent.get(partition).size()).boxed().toList();
    }

    private static long count(List<List<Long>> partitions) {
        return partitions.stream().mapToLong(List::size).sum();
    }

    @Override
    public String toString() {
        return "%s: %d records acknowledged, %d stored"
                .formatted(topic, count(sent), count(stored));
    }
}
