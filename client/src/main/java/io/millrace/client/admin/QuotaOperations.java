package io.millrace.client.admin;

import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaMessages;
import io.millrace.protocol.v1.ChangeQuotasRequest;
import io.millrace.protocol.v1.ListQuotasRequest;
import io.millrace.protocol.v1.ListQuotasResponse;
import io.millrace.protocol.v1.SecurityGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Administers quotas. Thread-safe. Throws {@link MillraceException}s. */
public final class QuotaOperations {

    /** The maximum number of quotas that are changed together. */
    public static final int MAX_CHANGES = 1_000;

    private final AnyNodeCaller node;
    private final Duration timeout;

    public QuotaOperations(AnyNodeCaller node, Duration timeout) {
        this.node = node;
        this.timeout = timeout;
    }

    /** Returns all quotas, by principal and kind. */
    public List<Quota> list() {
        return await(listAsync());
    }

    public CompletableFuture<List<Quota>> listAsync() {
        List<Quota> quotas = new ArrayList<>();
        return Pages.forEach(
                        token ->
                                node.query(
                                        SecurityGrpc.getListQuotasMethod(),
                                        ListQuotasRequest.newBuilder().setPageToken(token).build(),
                                        timeout),
                        page ->
                                page.getQuotasList().stream()
                                        .map(QuotaOperations::decoded)
                                        .forEach(quotas::add),
                        ListQuotasResponse::getNextPageToken)
                .thenApply(done -> quotas);
    }

    private static Quota decoded(io.millrace.protocol.v1.Quota quota) {
        try {
            return QuotaMessages.fromMessage(quota);
        } catch (ProblemException unknown) {
            throw new MillraceException.Rejected(
                    new Problem(
                            Reason.INTERNAL_ERROR,
                            "The server has a quota of a kind that this client does not know: use a newer version of the client."));
        }
    }

    /**
     * Removes and then sets quotas, all or none. A quota that does not exist is not removed.
     *
     * @param set together with {@code remove} at most {@link #MAX_CHANGES}
     */
    public void change(Collection<Quota> set, Collection<QuotaKey> remove) {
        await(changeAsync(set, remove));
    }

    public CompletableFuture<Void> changeAsync(Collection<Quota> set, Collection<QuotaKey> remove) {
        ChangeQuotasRequest request =
                ChangeQuotasRequest.newBuilder()
                        .addAllSet(set.stream().map(QuotaMessages::toMessage).toList())
                        .addAllRemove(remove.stream().map(QuotaMessages::toMessage).toList())
                        .build();
        return node.change(SecurityGrpc.getChangeQuotasMethod(), request, timeout, "change quotas")
                .thenAccept(response -> {});
    }

    private <T> T await(CompletableFuture<T> future) {
        return UnaryCalls.await(future, timeout.plusSeconds(1), "The request");
    }
}
