package io.millrace.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.runtime.SystemAccess;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The standard streams of a run.
 *
 * @param out unbuffered: records and results
 * @param err messages and the progress bar
 */
public record Console(InputStream in, OutputStream out, PrintStream err, boolean errIsTerminal) {

    private static final ObjectMapper JSON = new ObjectMapper();

    @SystemAccess("opens the standard streams of the process")
    public static Console ofProcess() {
        return new Console(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.console() != null && System.console().isTerminal());
    }

    public void line(String text) {
        try {
            out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (java.io.IOException failed) {
            throw new OutputFailedException(failed);
        }
    }

    void json(Object value) {
        line(toJson(value));
    }

    public static String toJson(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("Maps, lists and numbers have a JSON form", impossible);
        }
    }
}
