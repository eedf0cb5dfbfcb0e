package io.millrace.kafka.wire;

import io.millrace.fetch.BatchRun;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Stored batches, written with their base offsets. */
public record RunRecords(BatchRun run) implements WireRecords {

    @Override
    public int sizeInBytes() {
        return run.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuf out) {
        try (ByteBufOutputStream stream = new ByteBufOutputStream(out)) {
            run.writeTo(stream);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
