package io.millrace.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.local.LocalLogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a data folder with the metadata of a server that has run for long, to measure the start:
 * {@code LongLog FOLDER [EXTENTS]}. The referenced objects do not exist.
 */
public final class LongLog {

    private static final int PARTITIONS = 100;

    /** With a million extents, 10 GiB in total. */
    private static final int EXTENT_BYTES = 10_737;

    private LongLog() {}

    public static void main(String... arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        int extents = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        try (LogProcess process =
                LogProcess.inFolder(data, LocalLogSettings.DEFAULTS, new SimpleMeterRegistry())) {
            long topicId = process.createTopic("long", PARTITIONS);
            // One entry for each block, as on a server under light load.
            for (int block = 0; block < extents / PARTITIONS; block++) {
                process.commitWithoutBlock(block, items(topicId, block));
            }
        }
    }

    private static List<BatchItem> items(long topicId, int block) {
        List<BatchItem> items = new ArrayList<>(PARTITIONS);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            items.add(
                    new BatchItem(
                            topicId,
                            partition,
                            10,
                            (long) partition * EXTENT_BYTES,
                            EXTENT_BYTES,
                            1_700_000_000_000L + block,
                            ProducerStamp.NONE));
        }
        return items;
    }
}
