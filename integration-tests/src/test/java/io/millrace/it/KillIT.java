package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillIT {

    private static final int PARTITIONS = 5;
    private static final int KILLS = 12;

    @TempDir Path data;

    @Test
    void everyAcknowledgedRecordIsThereOnceInOrderAtItsOffsetHoweverOftenTheServerIsKilled() {
        long seed = Long.getLong("millrace.seed", 42);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        MillraceProcess server = MillraceProcess.up(data);
        try {
            server.createTopic("killed", PARTITIONS);
            ManagedChannel first = server.connect();
            IdempotentWriter writer = new IdempotentWriter(first, "killed", PARTITIONS);
            first.shutdownNow();
            for (int kill = 0; kill < KILLS; kill++) {
                ManagedChannel channel = server.connect();
                writer.write(channel, 1 + random.nextInt(300), server::kill);
                channel.shutdownNow();
                server = MillraceProcess.up(data);
            }
            ManagedChannel channel = server.connect();
            writer.write(channel, 0, () -> {});
            for (int partition = 0; partition < PARTITIONS; partition++) {
                List<Batches.Read> records = PartitionReader.all(channel, "killed", partition);
                assertThat(records).as("seed %d", seed).hasSize(writer.begun(partition));
                Map<Integer, Long> acknowledged = writer.acknowledged(partition);
                for (int i = 0; i < records.size(); i++) {
                    Batches.Read record = records.get(i);
                    assertThat(new String(record.value(), UTF_8))
                            .as("seed %d, partition %d, record %d", seed, partition, i)
                            .isEqualTo(IdempotentWriter.value(partition, i));
                    assertThat(record.offset()).isEqualTo(i);
                    assertThat(acknowledged.get(i)).isIn((long) i, -1L);
                }
            }
            channel.shutdownNow();
        } finally {
            server.close();
        }
    }
}
