package io.millrace.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Damages a file by a single bit. */
final class FlippedByte {

    private FlippedByte() {}

    /** Flips one bit of a byte; a second call restores the file. */
    static void flipBit(Path file, long at) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocate(1);
            channel.read(buffer, at);
            buffer.put(0, (byte) (buffer.get(0) ^ 1)).flip();
            channel.write(buffer, at);
        }
    }
}
