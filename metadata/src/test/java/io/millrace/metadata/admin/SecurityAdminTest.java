package io.millrace.metadata.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.MetadataFixture;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Listings and changes of ACLs and quotas. */
class SecurityAdminTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = MetadataFixture.soleWriter(loop);
    private final AclAdmin acls = new AclAdmin(fixture.metadata());
    private final QuotaAdmin quotas = new QuotaAdmin(fixture.metadata());

    private <T> T done(CompletableFuture<T> future) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(future).isDone();
        return future.join();
    }

    private Reason reason(CompletableFuture<?> future) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(future).isCompletedExceptionally();
        return ((ProblemException) FutureFailures.unwrap(future.exceptionNow())).problem().reason();
    }

    private static Acl read(String principal, String topic) {
        return Acl.allow(
                principal, Operation.READ, ResourcePattern.literal(ResourceType.TOPIC, topic));
    }

    private static Acl from(String host) {
        return new Acl(
                "User:a",
                host,
                Operation.READ,
                Permission.ALLOW,
                ResourcePattern.literal(ResourceType.TOPIC, "t"));
    }

    /** Adds ACLs of two principals and returns them in their order. */
    private List<Acl> addAcls(int topics) {
        List<Acl> all = new ArrayList<>();
        for (int from = 0; from < topics; from += 500) {
            List<Acl> added =
                    IntStream.range(from, Math.min(topics, from + 500))
                            .mapToObj("t%05d"::formatted)
                            .flatMap(name ->
                                    List.of(read("User:a", name), read("User:b", name)).stream())
                            .toList();
            done(acls.change(added, List.of()));
            all.addAll(added);
        }
        return all;
    }

    private List<Acl> listed(AclFilter filter, int pageSize) {
        List<Acl> all = new ArrayList<>();
        String token = "";
        do {
            Page<Acl> page = done(acls.list(filter, token, pageSize));
            assertThat(page.rows()).hasSizeLessThanOrEqualTo(pageSize == 0 ? 1_000 : pageSize);
            all.addAll(page.rows());
            token = page.next();
        } while (!token.isEmpty());
        return all;
    }

    @Test
    void pagesHaveEveryAclOnceInOrder() {
        List<Acl> all = addAcls(1_200);

        for (int pageSize : List.of(0, 7, 1_000, 5_000)) {
            assertThat(listed(AclFilter.ALL, pageSize)).as("%d", pageSize).isEqualTo(all);
        }
        assertThat(done(acls.list(AclFilter.ALL, "", 1)).rows()).hasSize(1);
    }

    @Test
    void aFilterThatFindsLittleTestsOnlyAPartOfTheAclsInAPage() {
        addAcls(6_000);
        AclFilter last = AclFilter.ALL.named(AclFilter.Names.LITERAL, "t05999");

        Page<Acl> first = done(acls.list(last, "", 0));

        assertThat(first.rows()).isEmpty();
        assertThat(first.next()).isNotEmpty();
        assertThat(listed(last, 0)).hasSize(2);
    }

    @Test
    void anAddressIsFoundInAnyOfItsForms() {
        done(acls.change(List.of(from("0:0::1"), from("*")), List.of()));

        assertThat(listed(AclFilter.ALL.ofHost("::1"), 0)).containsExactly(from("0:0:0:0:0:0:0:1"));
        assertThat(listed(AclFilter.ALL.ofHost("*"), 0)).containsExactly(from("*"));
        done(acls.change(List.of(), List.of(from("::1"))));
        assertThat(listed(AclFilter.ALL, 0)).containsExactly(from("*"));
    }

    @Test
    void aHostNameIsRejected() {
        for (String host : List.of("example.com", "10.0.0.0/8", "", "10.0.0")) {
            assertThat(reason(acls.change(List.of(from(host)), List.of())))
                    .as(host)
                    .isEqualTo(Reason.MALFORMED_REQUEST);
        }
    }

    @Test
    void aForeignPageTokenIsRejected() {
        for (String token : List.of("?", "AA", "t00007")) {
            assertThat(reason(acls.list(AclFilter.ALL, token, 0)))
                    .as(token)
                    .isEqualTo(Reason.MALFORMED_REQUEST);
            assertThat(reason(quotas.list(token, 0))).as(token).isEqualTo(Reason.MALFORMED_REQUEST);
        }
    }

    @Test
    void quotasAreListedInPages() {
        List<Quota> all =
                IntStream.range(0, 900)
                        .mapToObj(i -> new QuotaKey("User:%03d".formatted(i), QuotaKind.BYTES_OUT))
                        .map(key -> new Quota(key, 1_000))
                        .toList();
        done(quotas.change(all, List.of()));
        Quota requests = new Quota(new QuotaKey("User:000", QuotaKind.REQUESTS), 7);
        done(quotas.change(List.of(requests), List.of()));
        List<Quota> found = new ArrayList<>();
        String token = "";
        do {
            Page<Quota> page = done(quotas.list(token, 7));
            found.addAll(page.rows());
            token = page.next();
        } while (!token.isEmpty());

        assertThat(found).hasSize(901).containsAll(all).startsWith(all.getFirst(), requests);
        done(quotas.change(List.of(), List.of(requests.key())));
        assertThat(done(quotas.list("", 2)).rows()).isEqualTo(all.subList(0, 2));
    }
}
