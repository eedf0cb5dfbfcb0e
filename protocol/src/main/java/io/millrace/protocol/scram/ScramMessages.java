package io.millrace.protocol.scram;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ScramCredential;

/**
 * Translates between SCRAM credentials and the messages of {@code security.proto}. An unset or
 * unknown mechanism of a message is a {@link ProblemException} with {@link
 * Reason#MALFORMED_REQUEST}.
 */
public final class ScramMessages {

    private ScramMessages() {}

    public static ScramCredential toMessage(ScramName name) {
        return ScramCredential.newBuilder()
                .setUser(name.user())
                .setMechanismValue(name.mechanism().code())
                .build();
    }

    public static ScramCredential toMessage(ScramName name, int iterations) {
        return toMessage(name).toBuilder().setIterations(iterations).build();
    }

    public static io.millrace.protocol.v1.SaltedPassword toMessage(SaltedPassword password) {
        return io.millrace.protocol.v1.SaltedPassword.newBuilder()
                .setCredential(toMessage(password.name(), password.iterations()))
                .setSalt(password.salt())
                .setHash(password.hash())
                .build();
    }

    public static ScramSummary fromMessage(ScramCredential credential) {
        return new ScramSummary(nameOf(credential), credential.getIterations());
    }

    public static ScramName nameOf(ScramCredential credential) {
        return new ScramName(
                credential.getUser(),
                ScramMechanism.withCode(credential.getMechanismValue())
                        .orElseThrow(() ->
                                new ProblemException(
                                        new Problem(
                                                Reason.MALFORMED_REQUEST,
                                                "A SCRAM credential has no mechanism, or the unknown one %d: use a value of security.proto, or a newer version of Millrace."
                                                        .formatted(
                                                                credential.getMechanismValue())))));
    }

    public static SaltedPassword fromMessage(io.millrace.protocol.v1.SaltedPassword password) {
        return new SaltedPassword(
                nameOf(password.getCredential()),
                password.getCredential().getIterations(),
                password.getSalt(),
                password.getHash());
    }
}
