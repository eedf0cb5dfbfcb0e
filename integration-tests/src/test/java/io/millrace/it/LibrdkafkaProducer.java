package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A {@link SteadyProducer} on librdkafka, in a process of its own. */
final class LibrdkafkaProducer implements SteadyProducer {

    private final String topic;

    /** The offset of each acknowledged number, for each partition. */
    private final List<SortedMap<Integer, Long>> offsets = new ArrayList<>();

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final PythonProgram program;

    LibrdkafkaProducer(
            DebianProgram library, String servers, String topic, int partitions, boolean idempotent)
            throws IOException {
        this.topic = topic;
        for (int i = 0; i < partitions; i++) {
            offsets.add(new TreeMap<>());
        }
        List<String> arguments =
                List.of(servers, topic, "" + partitions, Boolean.toString(idempotent));
        this.program =
                new PythonProgram(library, "librdkafka_producer.py", arguments, this::received);
    }

    /** Called by the thread of the program. */
    private void received(PythonProgram from, String line) {
        String[] words = line.split(" ", 4);
        if (!words[0].equals("stored")) {
            failures.add(line);
            return;
        }
        offsets.get(Integer.parseInt(words[1]))
                .put(Integer.valueOf(words[2]), Long.valueOf(words[3]));
        acknowledged.incrementAndGet();
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public List<List<Long>> finish() throws Exception {
        program.finish();
        assertThat(failures).as("failures of %s: %s", topic, program.errors()).isEmpty();
        List<List<Long>> inOrder = new ArrayList<>();
        for (SortedMap<Integer, Long> partition : offsets) {
            assertThat(partition.isEmpty() ? -1 : partition.lastKey())
                    .as("outcomes of all records of %s", topic)
                    .isEqualTo(partition.size() - 1);
            inOrder.add(List.copyOf(partition.values()));
        }
        return inOrder;
    }

    @Override
    public OptionalLong sentAgain() {
        return OptionalLong.empty();
    }

    @Override
    public void close() throws Exception {
        program.close();
    }
}
