package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;

/** Reads the scripts of clients that are not written in Java. */
final class Scripts {

    private Scripts() {}

    /** Returns the text of a script. */
    static String text(String name) throws IOException {
        try (InputStream in = Scripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("no script " + name);
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
