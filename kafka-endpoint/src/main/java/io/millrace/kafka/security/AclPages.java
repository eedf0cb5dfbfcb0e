package io.millrace.kafka.security;

import io.millrace.metadata.admin.AclAdmin;
import io.millrace.metadata.admin.Page;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads all ACLs that match a filter, page by page. Called on the metadata's loop. */
final class AclPages {

    private final AclAdmin acls;

    AclPages(AclAdmin acls) {
        this.acls = acls;
    }

    CompletableFuture<List<Acl>> all(AclFilter filter) {
        return more(filter, "", new ArrayList<>());
    }

    private CompletableFuture<List<Acl>> more(AclFilter filter, String token, List<Acl> found) {
        return acls.list(filter, token, Page.MAX_ROWS)
                .thenCompose(page -> {
                    found.addAll(page.rows());
                    return page.next().isEmpty()
                            ? CompletableFuture.completedFuture(found)
                            : more(filter, page.next(), found);
                });
    }
}
