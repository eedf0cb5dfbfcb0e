package io.millrace.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits bytes into lines at newlines only: a carriage return is part of its line, and the last
 * line needs no newline.
 */
public final class LineReader {

    private static final int CHUNK_BYTES = 256 * 1024;

    private final InputStream in;
    private byte[] buffer = new byte[CHUNK_BYTES];
    private int start;
    private int end;
    private boolean ended;

    public LineReader(InputStream in) {
        this.in = in;
    }

    /** Returns the next line without its newline as a new array; null at the end. */
    public byte @Nullable [] next() throws IOException {
        int searched = start;
        while (true) {
            for (int i = searched; i < end; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, start, i);
                    start = i + 1;
                    return line;
                }
            }
            searched = end - start;
            if (ended) {
                byte[] rest = start == end ? null : Arrays.copyOfRange(buffer, start, end);
                start = end;
                return rest;
            }
            makeRoom();
            int read = in.read(buffer, end, buffer.length - end);
            ended = read < 0;
            end += Math.max(0, read);
        }
    }

    private void makeRoom() {
        int left = end - start;
        byte[] target = left * 2 > buffer.length ? new byte[buffer.length * 2] : buffer;
        System.arraycopy(buffer, start, target, 0, left);
        buffer = target;
        start = 0;
        end = left;
    }
}
