package io.millrace.client.admin;

import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMessages;
import io.millrace.protocol.scram.ScramName;
import io.millrace.protocol.scram.ScramSummary;
import io.millrace.protocol.v1.ChangeScramCredentialsRequest;
import io.millrace.protocol.v1.ListScramCredentialsRequest;
import io.millrace.protocol.v1.ListScramCredentialsResponse;
import io.millrace.protocol.v1.ScramCredential;
import io.millrace.protocol.v1.SecurityGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Administers SCRAM credentials of users, for Kafka clients. Passwords are salted by the caller and
 * not sent. Thread-safe. Throws {@link MillraceException}s.
 */
public final class ScramOperations {

    /** The maximum number of credentials that are changed together. */
    public static final int MAX_CHANGES = 1_000;

    private final AnyNodeCaller node;
    private final Duration timeout;

    public ScramOperations(AnyNodeCaller node, Duration timeout) {
        this.node = node;
        this.timeout = timeout;
    }

    /** Returns all credentials, by user and mechanism. */
    public List<ScramSummary> list() {
        return await(listAsync());
    }

    public CompletableFuture<List<ScramSummary>> listAsync() {
        List<ScramSummary> credentials = new ArrayList<>();
        return Pages.forEach(
                        token ->
                                node.query(
                                        SecurityGrpc.getListScramCredentialsMethod(),
                                        ListScramCredentialsRequest.newBuilder()
                                                .setPageToken(token)
                                                .build(),
                                        timeout),
                        page ->
                                page.getCredentialsList().stream()
                                        .map(ScramOperations::decoded)
                                        .forEach(credentials::add),
                        ListScramCredentialsResponse::getNextPageToken)
                .thenApply(done -> credentials);
    }

    private static ScramSummary decoded(ScramCredential credential) {
        try {
            return ScramMessages.fromMessage(credential);
        } catch (ProblemException unknown) {
            throw new MillraceException.Rejected(
                    new Problem(
                            Reason.INTERNAL_ERROR,
                            "The server has a credential of a mechanism that this client does not know: use a newer version of the client."));
        }
    }

    /**
     * Removes and then sets credentials, all or none. A credential that does not exist is not
     * removed.
     *
     * @param set together with {@code remove} at most {@link #MAX_CHANGES}
     */
    public void change(Collection<SaltedPassword> set, Collection<ScramName> remove) {
        await(changeAsync(set, remove));
    }

    public CompletableFuture<Void> changeAsync(
            Collection<SaltedPassword> set, Collection<ScramName> remove) {
        ChangeScramCredentialsRequest request =
                ChangeScramCredentialsRequest.newBuilder()
                        .addAllSet(set.stream().map(ScramMessages::toMessage).toList())
                        .addAllRemove(remove.stream().map(ScramMessages::toMessage).toList())
                        .build();
        return node.change(
                        SecurityGrpc.getChangeScramCredentialsMethod(),
                        request,
                        timeout,
                        "change credentials")
                .thenAccept(response -> {});
    }

    private <T> T await(CompletableFuture<T> future) {
        return UnaryCalls.await(future, timeout.plusSeconds(1), "The request");
    }
}
