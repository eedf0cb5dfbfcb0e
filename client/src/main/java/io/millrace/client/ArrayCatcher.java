package io.millrace.client;

import com.google.protobuf.ByteOutput;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Gets hold of the array behind a ByteString that consists of one piece. */
final class ArrayCatcher extends ByteOutput {

    private @Nullable ByteBuffer piece;
    private int pieces;

    /** The bytes as a buffer from zero on that has an array; null if they are in several pieces. */
    @Nullable ByteBuffer whole(int length) {
        ByteBuffer caught = piece;
        return pieces == 1 && caught != null && caught.limit() == length ? caught : null;
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        pieces++;
        piece = ByteBuffer.wrap(value, offset, length).slice();
    }

    @Override
    public void write(byte value) {
        pieces += 2;
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        writeLazy(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
        pieces += 2;
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        pieces += 2;
    }
}
