package io.millrace.kafka.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * The messages of a client in RFC 5802, without channel binding. Extensions are ignored. Parsed by
 * position: an attribute is a letter, {@code =} and a value without commas.
 */
final class ScramMessage {

    /** Limit of a message: room for the longest name with all of its letters escaped. */
    private static final int MAX_CHARS = 4 << 10;

    private static final String USER = "n=";
    private static final String NONCE = "r=";
    private static final String BINDING = "c=";
    private static final String PROOF = ",p=";
    private static final String ON_BEHALF_OF = "a=";

    private ScramMessage() {}

    /**
     * The first message.
     *
     * @param header the GS2 header, which the last message repeats
     * @param bare the message without the header
     */
    record First(String header, String bare, String user, String nonce) {

        /** Parses a message; empty if it has another form, or is for another user than it names. */
        static Optional<First> parse(String text) {
            int end = endOfHeader(text);
            if (end == 0 || !text.startsWith(USER, end)) {
                return Optional.empty();
            }
            int nonceAt = text.indexOf(',', end) + 1;
            Optional<String> user =
                    nonceAt == 0 ? Optional.empty() : name(text, end + USER.length(), nonceAt - 1);
            if (user.isEmpty() || !text.startsWith(NONCE, nonceAt)) {
                return Optional.empty();
            }
            String nonce = value(text, nonceAt + NONCE.length());
            String other = text.substring(2, end - 1);
            boolean forItself =
                    other.isEmpty()
                            || (other.startsWith(ON_BEHALF_OF)
                                    && name(other, ON_BEHALF_OF.length(), other.length())
                                            .equals(user));
            return forItself && !nonce.isEmpty()
                    ? Optional.of(
                            new First(
                                    text.substring(0, end), text.substring(end), user.get(), nonce))
                    : Optional.empty();
        }
    }

    /**
     * The last message.
     *
     * @param signed the message without the proof
     */
    record Last(String signed, byte[] proof) {

        /** Parses a message; empty if it has another form, header or nonce. */
        static Optional<Last> parse(String text, String header, String nonce) {
            int proofAt = text.lastIndexOf(PROOF);
            int nonceAt = text.indexOf(',') + 1;
            if (text.length() > MAX_CHARS
                    || !text.startsWith(BINDING)
                    || !text.startsWith(NONCE, nonceAt)
                    || proofAt < nonceAt
                    || !value(text, nonceAt + NONCE.length()).equals(nonce)) {
                return Optional.empty();
            }
            try {
                byte[] binding =
                        Base64.getDecoder().decode(text.substring(BINDING.length(), nonceAt - 1));
                return Arrays.equals(binding, header.getBytes(StandardCharsets.UTF_8))
                        ? Optional.of(
                                new Last(
                                        text.substring(0, proofAt),
                                        Base64.getDecoder()
                                                .decode(text.substring(proofAt + PROOF.length()))))
                        : Optional.empty();
            } catch (IllegalArgumentException notBase64) {
                return Optional.empty();
            }
        }
    }

    /** Returns the position after the header {@code n,[a=NAME],}; 0 if there is none. */
    private static int endOfHeader(String text) {
        boolean begins = text.startsWith("n,") || text.startsWith("y,");
        return begins && text.length() <= MAX_CHARS ? text.indexOf(',', 2) + 1 : 0;
    }

    private static String value(String text, int from) {
        int end = text.indexOf(',', from);
        return end < 0 ? text.substring(from) : text.substring(from, end);
    }

    /** Returns a name, in which {@code =2C} is a comma and {@code =3D} is an equals sign. */
    private static Optional<String> name(String text, int from, int to) {
        StringBuilder name = new StringBuilder();
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '=') {
                name.append(text.charAt(i));
            } else if (text.startsWith("=2C", i)) {
                name.append(',');
                i += 2;
            } else if (text.startsWith("=3D", i)) {
                name.append('=');
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        return name.isEmpty() ? Optional.empty() : Optional.of(name.toString());
    }
}
