package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.quota.Quotas;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaMessages;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lists and changes quotas. Called on the metadata's loop, where futures complete. Every failure is
 * a {@link ProblemException} in the future.
 */
public final class QuotaAdmin {

    private final Metadata metadata;

    public QuotaAdmin(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Lists quotas by principal and kind: MALFORMED_REQUEST for a token of no page.
     *
     * @param token empty for the first page
     */
    public CompletableFuture<Page<Quota>> list(String token, int requested) {
        int size = Page.size(requested, Page.MAX_ROWS);
        return metadata.barrier()
                .thenApply(current ->
                        Page.of(
                                first(from(metadata.quotas(), token), size + 1),
                                size,
                                quota -> PageToken.of(QuotaMessages.toMessage(quota))));
    }

    private static Iterator<Quota> from(Quotas quotas, String token) {
        return token.isEmpty()
                ? quotas.iterator()
                : quotas.after(
                        QuotaMessages.keyOf(
                                PageToken.parse(token, io.millrace.protocol.v1.Quota.parser())));
    }

    private static List<Quota> first(Iterator<Quota> rest, int max) {
        List<Quota> found = new ArrayList<>();
        while (rest.hasNext() && found.size() < max) {
            found.add(rest.next());
        }
        return found;
    }

    /**
     * Removes and then sets quotas, all or none. Idempotent. MALFORMED_REQUEST for an illegal
     * principal or limit; METADATA_FULL.
     */
    public CompletableFuture<Void> change(List<Quota> set, List<QuotaKey> removed) {
        return metadata.propose(
                        new Command.QuotasChanged(set, removed), Metadata.Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenAccept(applied -> {});
    }
}
