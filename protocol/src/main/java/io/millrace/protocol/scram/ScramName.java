package io.millrace.protocol.scram;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * The identity of a SCRAM credential: a user has at most one for each mechanism.
 *
 * @param user the name of the user, without the {@code User:} of its principal
 */
public record ScramName(String user, ScramMechanism mechanism) implements Comparable<ScramName> {

    private static final Comparator<ScramName> ORDER =
            Comparator.comparing(ScramName::user).thenComparingInt(name -> name.mechanism.code());

    /**
     * @throws IllegalArgumentException if the user does not survive encoding in UTF-8, so that
     *     nodes could read different texts
     */
    public ScramName {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(user)) {
            throw new IllegalArgumentException("an unpaired surrogate in the name of a user");
        }
    }

    @Override
    public int compareTo(ScramName other) {
        return ORDER.compare(this, other);
    }
}
