package io.millrace.metadata.state.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LongColumnTest {

    @Test
    void aColumnHoldsWhatWasPutIntoItHoweverLargeItIs() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long[] model = new long[4];
            LongColumn column = new LongColumn(4);
            int width = random.nextInt(1, 65);
            for (int step = 0; step < 60; step++) {
                int at = random.nextInt(model.length);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        model = Arrays.copyOf(model, model.length + 3);
                        column.grow(model.length);
                    }
                    case 1 -> column = column.copy(model.length);
                    case 2 -> column = readFromSnapshot(column, model.length);
                    default -> {
                        model[at] = random.nextLong() >>> (64 - width);
                        column.set(at, model[at]);
                    }
                }
                for (int i = 0; i < model.length; i++) {
                    assertThat(column.get(i))
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(model[i]);
                }
            }
        }
    }

    private static LongColumn readFromSnapshot(LongColumn column, int count) {
        List<ByteBuffer> pieces = new ArrayList<>();
        SnapshotWriter out =
                new SnapshotWriter(piece -> {
                    byte[] copy = new byte[piece.remaining()];
                    piece.get(copy);
                    pieces.add(ByteBuffer.wrap(copy));
                });
        column.writeTo(out, count);
        out.finish();
        return LongColumn.readFrom(new SnapshotReader(pieces), count, count + 2);
    }
}
