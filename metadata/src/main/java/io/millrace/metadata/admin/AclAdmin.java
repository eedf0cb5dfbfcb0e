package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.AclMessages;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lists and changes ACLs. Called on the metadata's loop, where futures complete. Every failure is a
 * {@link ProblemException} in the future.
 */
public final class AclAdmin {

    /**
     * Limit of the ACLs that a page tests against the filter, which keeps a task on the loop short.
     */
    static final int MAX_TESTED = 10_000;

    private final Metadata metadata;

    public AclAdmin(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Lists the ACLs that match a filter. A page may be empty although further pages follow:
     * MALFORMED_REQUEST for a token of no page.
     *
     * @param token empty for the first page
     */
    public CompletableFuture<Page<Acl>> list(AclFilter filter, String token, int requested) {
        int size = Page.size(requested, Page.MAX_ROWS);
        return metadata.barrier()
                .thenApply(current ->
                        page(
                                from(metadata.acls(), token),
                                filter.host()
                                        .map(AclAdmin::canonicalHost)
                                        .map(filter::ofHost)
                                        .orElse(filter),
                                size));
    }

    private static Iterator<Acl> from(Acls acls, String token) {
        return token.isEmpty()
                ? acls.iterator()
                : acls.after(
                        AclMessages.fromMessage(
                                PageToken.parse(token, io.millrace.protocol.v1.Acl.parser())));
    }

    private static Page<Acl> page(Iterator<Acl> rest, AclFilter filter, int size) {
        List<Acl> found = new ArrayList<>();
        for (int tested = 0; rest.hasNext(); tested++) {
            Acl acl = rest.next();
            if (filter.matches(acl)) {
                found.add(acl);
            }
            if (rest.hasNext() && (found.size() == size || tested == MAX_TESTED)) {
                return new Page<>(found, PageToken.of(AclMessages.toMessage(acl)));
            }
        }
        return new Page<>(found, "");
    }

    /**
     * Removes and then adds ACLs, all or none. Idempotent. MALFORMED_REQUEST for an illegal ACL;
     * METADATA_FULL.
     */
    public CompletableFuture<Void> change(List<Acl> added, List<Acl> removed) {
        Command command;
        try {
            command =
                    new Command.AclsChanged(
                            added.stream().map(AclAdmin::withCanonicalHost).toList(),
                            removed.stream().map(AclAdmin::withCanonicalHost).toList());
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return metadata.propose(command, Metadata.Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenAccept(applied -> {});
    }

    /** An address has several forms in IPv6, and the index compares texts. */
    private static Acl withCanonicalHost(Acl acl) {
        return new Acl(
                acl.principal(),
                canonicalHost(acl.host()),
                acl.operation(),
                acl.permission(),
                acl.resource());
    }

    /**
     * Returns an IP address in the form that ACLs have; {@link Acl#ANY_HOST} unchanged.
     *
     * @throws ProblemException MALFORMED_REQUEST if the text is no address
     */
    public static String canonicalHost(String host) {
        if (host.equals(Acl.ANY_HOST)) {
            return host;
        }
        try {
            String canonical = InetAddress.ofLiteral(host).getHostAddress();
            // An IPv4 address may be shortened, but 10.0.0 for 10.0.0.0 is likely a mistake.
            if (host.indexOf(':') >= 0 || canonical.equals(host)) {
                return canonical;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // Reported below, with the same action.
        }
        throw new ProblemException(
                new Problem(
                        Reason.MALFORMED_REQUEST,
                        "The host \"%s\" is not an IP address, so no client would match: give an address, or * for all addresses."
                                .formatted(host)));
    }
}
