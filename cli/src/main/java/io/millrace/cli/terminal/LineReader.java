package io.millrace.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits bytes into lines at newlines only: a carriage return is part of its line, and the last
 * line needs no newline. A line is at most {@link #MAX_LINE_BYTES} long.
 */
public final class LineReader {

    /** The size of the largest batch that a topic may allow. */
    static final int MAX_LINE_BYTES = 16 << 20;

    private static final int CHUNK_BYTES = 256 * 1024;

    private final InputStream in;
    private byte[] buffer = new byte[CHUNK_BYTES];
    private int start;
    private int end;
    private boolean ended;

    public LineReader(InputStream in) {
        this.in = in;
    }

    /**
     * Returns the next line without its newline as a new array; null at the end.
     *
     * @throws CommandFailedException if the input fails or the line is too long
     */
    public byte @Nullable [] next() {
        int searched = start;
        while (true) {
            for (int i = searched; i < end; i++) {
                if (buffer[i] == '\n') {
                    checkLength(i - start);
                    byte[] line = Arrays.copyOfRange(buffer, start, i);
                    start = i + 1;
                    return line;
                }
            }
            checkLength(end - start);
            searched = end - start;
            if (ended) {
                byte[] rest = start == end ? null : Arrays.copyOfRange(buffer, start, end);
                start = end;
                return rest;
            }
            makeRoom();
            read();
        }
    }

    private void read() {
        try {
            int read = in.read(buffer, end, buffer.length - end);
            ended = read < 0;
            end += Math.max(0, read);
        } catch (IOException failed) {
            throw new CommandFailedException(
                    "The input cannot be read further: %s. The lines before were sent."
                            .formatted(failed.getMessage()));
        }
    }

    private static void checkLength(int bytes) {
        if (bytes > MAX_LINE_BYTES) {
            throw new CommandFailedException(
                    "A line of the input is longer than %,d bytes, and no topic accepts a record of that size: insert newlines. The lines before were sent."
                            .formatted(MAX_LINE_BYTES));
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
