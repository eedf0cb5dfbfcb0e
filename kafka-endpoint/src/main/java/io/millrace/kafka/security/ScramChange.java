package io.millrace.kafka.security;

import com.google.protobuf.ByteString;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.principal.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.protocol.Errors;

/** The change of one user in a request to alter SCRAM credentials. */
sealed interface ScramChange {

    /** A credential to set. */
    record Set(SaltedPassword password) implements ScramChange {}

    /** A credential to remove. */
    record Remove(ScramName name) implements ScramChange {}

    /** A change that the request may not have. */
    record Illegal(ApiFailure why) implements ScramChange {}

    /** Returns the changes by user, in the order of the request: a user is changed once. */
    static Map<String, ScramChange> of(AlterUserScramCredentialsRequestData request) {
        Map<String, ScramChange> changes = new LinkedHashMap<>();
        for (AlterUserScramCredentialsRequestData.ScramCredentialDeletion deletion :
                request.deletions()) {
            add(changes, deletion.name(), deletion.mechanism(), Remove::new);
        }
        for (AlterUserScramCredentialsRequestData.ScramCredentialUpsertion upsertion :
                request.upsertions()) {
            add(changes, upsertion.name(), upsertion.mechanism(), name -> set(name, upsertion));
        }
        return changes;
    }

    private static void add(
            Map<String, ScramChange> changes,
            String user,
            byte code,
            Function<ScramName, ScramChange> toChange) {
        changes.merge(
                user,
                legal(user, code, toChange),
                (first, second) ->
                        first instanceof Illegal
                                ? first
                                : illegal(
                                        Errors.DUPLICATE_RESOURCE,
                                        "A request changes a user once: send another request for the other mechanism."));
    }

    private static ScramChange legal(
            String user, byte code, Function<ScramName, ScramChange> toChange) {
        if (Principal.authenticated(user).isEmpty()) {
            return illegal(
                    Errors.UNACCEPTABLE_CREDENTIAL,
                    "The name of the user is empty, reserved, or longer than %d characters."
                            .formatted(Principal.MAX_NAME_CHARS));
        }
        Optional<ScramMechanism> mechanism = ScramMechanism.withCode(code);
        return mechanism.isEmpty()
                ? illegal(
                        Errors.UNSUPPORTED_SASL_MECHANISM,
                        "There is no SCRAM mechanism %d.".formatted(code))
                : toChange.apply(new ScramName(user, mechanism.get()));
    }

    private static ScramChange set(
            ScramName name,
            AlterUserScramCredentialsRequestData.ScramCredentialUpsertion upsertion) {
        if (!ScramMechanism.allowsIterations(upsertion.iterations())) {
            return illegal(
                    Errors.UNACCEPTABLE_CREDENTIAL,
                    "A SCRAM credential cannot have %d iterations: use %d to %d."
                            .formatted(
                                    upsertion.iterations(),
                                    ScramMechanism.MIN_ITERATIONS,
                                    ScramMechanism.MAX_ITERATIONS));
        }
        return new Set(
                new SaltedPassword(
                        name,
                        upsertion.iterations(),
                        ByteString.copyFrom(upsertion.salt()),
                        ByteString.copyFrom(upsertion.saltedPassword())));
    }

    private static ScramChange illegal(Errors error, String message) {
        return new Illegal(new ApiFailure(error, message));
    }
}
