package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Tests the offsets at which generations of the cluster begin in partitions. */
class GenerationTest {

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("t", 2);

    private void append(int records) {
        driver.write(topic, 0, ProducerStamp.NONE, records);
    }

    private PartitionLog log() {
        return driver.partition(topic, 0);
    }

    @Test
    void theFirstGenerationEndsAtTheEndOfThePartition() {
        append(7);

        assertThat(log().endOfGeneration(1)).isEqualTo(new GenerationEnd(1, 7));
        assertThat(log().generationAt(0)).isEqualTo(1);
    }

    @Test
    void aGenerationEndsWhereTheNextBegins() {
        append(7);
        driver.generation(2);
        append(3);
        append(1);
        driver.generation(5);
        append(4);

        assertThat(log().endOfGeneration(1)).isEqualTo(new GenerationEnd(1, 7));
        assertThat(log().endOfGeneration(2)).isEqualTo(new GenerationEnd(2, 11));
        assertThat(log().endOfGeneration(4)).isEqualTo(new GenerationEnd(2, 11));
        assertThat(log().endOfGeneration(5)).isEqualTo(new GenerationEnd(5, 15));
        assertThat(List.of(0L, 6L, 7L, 10L, 11L, 15L).stream().map(log()::generationAt))
                .containsExactly(1, 1, 2, 2, 5, 5);
    }

    @Test
    void aGenerationWithoutRecordsInThePartitionEndsWithTheOneBefore() {
        append(7);
        driver.generation(3);
        driver.createTopic("other", 1);

        assertThat(driver.state().generation()).isEqualTo(3);
        assertThat(log().endOfGeneration(1)).isEqualTo(new GenerationEnd(1, 7));
        assertThat(log().endOfGeneration(2)).isEqualTo(new GenerationEnd(1, 7));
    }

    @Test
    void aPartitionThatBeganLaterHasNoRecordsOfEarlierGenerations() {
        driver.generation(4);
        append(7);

        assertThat(log().endOfGeneration(2)).isEqualTo(new GenerationEnd(2, 0));
    }

    @Test
    void anEntryOfAnEarlierGenerationDoesNotLowerTheGeneration() {
        driver.generation(4);
        append(7);
        driver.generation(2);
        append(1);

        assertThat(driver.state().generation()).isEqualTo(4);
        assertThat(log().endOfGeneration(4)).isEqualTo(new GenerationEnd(4, 8));
    }

    @Test
    void topicIdsOfAGenerationAreAboveThoseOfEarlierGenerations() {
        driver.generation(2);
        Topic second = driver.createTopic("second", 1);
        Topic third = driver.createTopic("third", 1);

        assertThat(second.id()).isEqualTo(1L << 40);
        assertThat(third.id()).isEqualTo(second.id() + 1);
    }

    @Test
    void noLostRecordIsTakenForAKeptOneHoweverManyGenerationsThereAre() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Topic random1 = driver.createTopic("r" + seed, 1);
            TreeMap<Integer, Long> starts = new TreeMap<>(Map.of(1, 0L));
            int generation = driver.state().generation();
            int generations = random.nextInt(30);
            for (int i = 0; i < 120; i++) {
                if (random.nextInt(120) < generations) {
                    generation += random.nextInt(1, 3);
                    driver.generation(generation);
                }
                PartitionLog log = driver.partition(random1, 0);
                if (random.nextInt(3) > 0) {
                    starts.putIfAbsent(generation, log.highWatermark());
                    driver.write(random1, 0, ProducerStamp.NONE, random.nextInt(1, 4));
                } else if (random.nextInt(4) == 0) {
                    long to = random.nextLong(log.logStartOffset(), log.highWatermark() + 1);
                    driver.apply(
                            new Command.LogStartAdvanced(
                                    random1.id(), List.of(new LogStart(0, to))));
                }
                if (random.nextInt(10) == 0) {
                    driver.restart();
                }
                check(driver.partition(random1, 0), starts, "seed %d, step %d".formatted(seed, i));
            }
        }
    }

    private static void check(PartitionLog log, TreeMap<Integer, Long> starts, String when) {
        int exact = 0;
        for (int asked = 1; asked <= starts.lastKey(); asked++) {
            Map.Entry<Integer, Long> next = starts.higherEntry(asked);
            long end = next == null ? log.highWatermark() : next.getValue();
            long answered = log.endOfGeneration(asked).offset();
            // What ends before the log start is not readable, wherever it ended.
            assertThat(answered).as(when).isLessThanOrEqualTo(Math.max(end, log.logStartOffset()));
            exact += answered == end ? 1 : 0;
        }
        assertThat(log.endOfGeneration(starts.lastKey()).offset()).isEqualTo(log.highWatermark());
        assertThat(exact).as(when).isGreaterThanOrEqualTo(1);
    }
}
