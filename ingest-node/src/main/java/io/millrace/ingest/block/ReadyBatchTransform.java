package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.ingest.pack.RecordValidator;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;
import java.util.Optional;

/**
 * Applies topic settings to a ready-made batch: checks keys for a compacted topic, and compresses
 * an uncompressed batch for a topic with a codec.
 */
record ReadyBatchTransform(Topic topic, Slice batch) implements BatchTransform {

    static boolean isNeeded(Topic topic, byte[] array, int at) {
        Compression asked = topic.settings().compression();
        boolean compress = asked != Compression.PRODUCER && asked != Compression.NONE;
        return topic.settings().compacted()
                || (compress && BatchHeader.compression(array, at) == 0);
    }

    @Override
    public Result run(BatchEncoder encoder) {
        if (topic.settings().compacted()) {
            Optional<Problem> problem = RecordValidator.problemOf(batch);
            if (problem.isPresent()) {
                return new Result.Rejected(problem.get());
            }
        }
        return new Result.Done(encoder.recompress(batch, topic.settings().compression()));
    }

    @Override
    public boolean decompresses() {
        return topic.settings().compacted()
                && BatchHeader.compression(batch.array(), batch.offset()) != 0;
    }
}
