package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.SecurityLimits;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMessages;
import io.millrace.protocol.scram.ScramName;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Lists and changes SCRAM credentials. Called on the metadata's loop, where futures complete. Every
 * failure is a {@link ProblemException} in the future.
 */
public final class ScramAdmin {

    private final Metadata metadata;

    public ScramAdmin(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Lists credentials by user and mechanism: MALFORMED_REQUEST for a token of no page.
     *
     * @param token empty for the first page
     */
    public CompletableFuture<Page<ScramCredential>> list(String token, int requested) {
        int size = Page.size(requested, Page.MAX_ROWS);
        return current()
                .thenApply(all ->
                        Page.of(
                                first(from(all, token), size + 1),
                                size,
                                credential ->
                                        PageToken.of(ScramMessages.toMessage(credential.name()))));
    }

    /** Returns the credentials of all changes that completed before the call. */
    public CompletableFuture<ScramCredentials> current() {
        return metadata.barrier().thenApply(reached -> metadata.scramCredentials());
    }

    private static Iterator<ScramCredential> from(ScramCredentials all, String token) {
        return token.isEmpty()
                ? all.iterator()
                : all.after(
                        ScramMessages.nameOf(
                                PageToken.parse(
                                        token, io.millrace.protocol.v1.ScramCredential.parser())));
    }

    private static List<ScramCredential> first(Iterator<ScramCredential> rest, int max) {
        List<ScramCredential> found = new ArrayList<>();
        while (rest.hasNext() && found.size() < max) {
            found.add(rest.next());
        }
        return found;
    }

    /**
     * Removes and then sets credentials, all or none. Idempotent. MALFORMED_REQUEST for an illegal
     * name, salt, hash or number of iterations; METADATA_FULL.
     */
    public CompletableFuture<Void> change(List<SaltedPassword> set, List<ScramName> removed) {
        Optional<Problem> problem =
                SecurityLimits.tooManyCredentials(set.size() + removed.size())
                        .or(() ->
                                set.stream()
                                        .flatMap(password -> violation(password).stream())
                                        .findFirst());
        if (problem.isPresent()) {
            return CompletableFuture.failedFuture(new ProblemException(problem.get()));
        }
        Command command =
                new Command.ScramCredentialsChanged(
                        set.stream().map(ScramCredential::of).toList(), removed);
        return metadata.propose(command, Metadata.Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenAccept(applied -> {});
    }

    private static Optional<Problem> violation(SaltedPassword password) {
        int keyBytes = password.name().mechanism().keyBytes();
        return password.hash().size() == keyBytes
                ? Optional.empty()
                : Optional.of(
                        new Problem(
                                Reason.MALFORMED_REQUEST,
                                "The salted password of %s must have %d bytes, not %d."
                                        .formatted(
                                                password.name().mechanism().text(),
                                                keyBytes,
                                                password.hash().size())));
    }
}
