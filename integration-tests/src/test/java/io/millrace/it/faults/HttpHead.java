package io.millrace.it.faults;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of an HTTP/1.1 message, as far as a proxy needs it.
 *
 * @param text all lines, including the empty one at the end
 */
record HttpHead(String text) {

    static HttpHead of(byte[] bytes) {
        return new HttpHead(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    String method() {
        return text.substring(0, text.indexOf(' '));
    }

    int status() {
        int at = text.indexOf(' ') + 1;
        return Integer.parseInt(text.substring(at, at + 3));
    }

    /** Returns whether another response follows this one. */
    boolean isInterim() {
        return status() < 200;
    }

    /** Returns the value of a header, in lower case. */
    Optional<String> header(String name) {
        return text.lines()
                .skip(1)
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
                .findFirst();
    }

    boolean expectsContinue() {
        return header("expect").filter("100-continue"::equals).isPresent();
    }

    boolean closes() {
        return header("connection").filter("close"::equals).isPresent();
    }

    boolean isChunked() {
        return header("transfer-encoding").filter(value -> value.contains("chunked")).isPresent();
    }

    /** Returns the length of the body from the head; empty if the head does not contain it. */
    Optional<Long> length() {
        return header("content-length").map(Long::parseLong);
    }

    /** Returns whether a response to a request with this method has a body. */
    boolean hasBodyFor(String method) {
        return !method.equals("HEAD") && !isInterim() && status() != 204 && status() != 304;
    }
}
