package io.millrace.metadata.state.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.SecurityLimits;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.StateDriver;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The commands of ACLs and quotas. */
class SecurityStateTest {

    private static final Acl READ = acl(Operation.READ, "logs");
    private static final Acl WRITE = acl(Operation.WRITE, "logs");
    private static final QuotaKey REQUESTS = new QuotaKey("User:alice", QuotaKind.REQUESTS);
    private static final QuotaKey DEFAULT = new QuotaKey(QuotaKey.DEFAULT, QuotaKind.REQUESTS);

    private final StateDriver driver = new StateDriver();

    private static Acl acl(Operation operation, String topic) {
        return Acl.allow(
                "User:alice", operation, ResourcePattern.literal(ResourceType.TOPIC, topic));
    }

    private Outcome change(List<Acl> added, List<Acl> removed) {
        return driver.apply(new Command.AclsChanged(added, removed));
    }

    private Outcome set(Quota... quotas) {
        return driver.apply(new Command.QuotasChanged(List.of(quotas), List.of()));
    }

    private static Reason reason(Outcome outcome) {
        return ((Outcome.CommandRejected) outcome).problem().reason();
    }

    private MetadataState state() {
        return driver.state();
    }

    private long requests(String principal) {
        return state().quotas().perSecond(principal, QuotaKind.REQUESTS);
    }

    @Test
    void anAddedAclDecidesUntilItIsRemoved() {
        change(List.of(READ, WRITE), List.of());
        assertThat(state().acls().all()).containsExactly(READ, WRITE);

        change(List.of(), List.of(READ));

        assertThat(state().acls().all()).containsExactly(WRITE);
    }

    @Test
    void aRepeatedChangeCompletesAndChangesNothing() {
        change(List.of(READ), List.of(WRITE));
        Acls before = state().acls();
        long size = state().sizes().bytes();

        assertThat(change(List.of(READ), List.of(WRITE))).isEqualTo(new Outcome.Completed());
        assertThat(state().acls()).isSameAs(before);
        assertThat(state().sizes().bytes()).isEqualTo(size);
    }

    @Test
    void anAclThatIsAddedAndRemovedIsAdded() {
        change(List.of(READ), List.of(READ));

        assertThat(state().acls().all()).containsExactly(READ);
    }

    @Test
    void oneIllegalAclRejectsTheWholeChange() {
        for (Acl illegal :
                List.of(
                        Acl.allow("alice", Operation.READ, READ.resource()),
                        Acl.allow("User:", Operation.READ, READ.resource()),
                        Acl.allow("User:" + "a".repeat(508), Operation.READ, READ.resource()),
                        acl(Operation.READ, ""),
                        acl(Operation.READ, "é".repeat(128)),
                        new Acl("User:a", "", READ.operation(), READ.permission(), READ.resource()),
                        Acl.allow(
                                "User:alice",
                                Operation.ALTER,
                                ResourcePattern.literal(ResourceType.CLUSTER, "*")),
                        Acl.allow(
                                "User:alice",
                                Operation.ALTER,
                                ResourcePattern.prefixed(
                                        ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)))) {
            assertThat(reason(change(List.of(WRITE, illegal), List.of())))
                    .as("%s", illegal)
                    .isEqualTo(Reason.MALFORMED_REQUEST);
        }
        assertThat(state().acls().all()).isEmpty();
    }

    @Test
    void aChangeHasALimit() {
        List<Acl> most =
                IntStream.range(0, SecurityLimits.MAX_CHANGES)
                        .mapToObj(i -> acl(Operation.READ, "topic-" + i))
                        .toList();

        assertThat(reason(change(most, List.of(WRITE)))).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(change(most, List.of())).isEqualTo(new Outcome.Completed());
    }

    @Test
    void theNumberOfAclsHasALimitThatStillAllowsReplacements() {
        for (int i = 0; i < 100; i++) {
            int from = i * 1_000;
            change(
                    IntStream.range(from, from + 1_000)
                            .mapToObj(n -> acl(Operation.READ, "topic-" + n))
                            .toList(),
                    List.of());
        }
        assertThat(state().acls().size()).isEqualTo(100_000);

        assertThat(reason(change(List.of(WRITE), List.of()))).isEqualTo(Reason.METADATA_FULL);
        assertThat(change(List.of(WRITE), List.of(acl(Operation.READ, "topic-7"))))
                .isEqualTo(new Outcome.Completed());
        assertThat(state().acls().contains(WRITE)).isTrue();
    }

    @Test
    void aQuotaHoldsUntilItIsRemovedAndTheDefaultThen() {
        set(new Quota(REQUESTS, 5), new Quota(DEFAULT, 9));
        assertThat(requests("User:alice")).isEqualTo(5);
        assertThat(requests("User:bob")).isEqualTo(9);
        assertThat(state().quotas().perSecond("User:alice", QuotaKind.BYTES_IN))
                .isEqualTo(Quota.UNLIMITED);

        set(new Quota(REQUESTS, 7));
        assertThat(requests("User:alice")).isEqualTo(7);

        driver.apply(new Command.QuotasChanged(List.of(), List.of(REQUESTS)));
        assertThat(requests("User:alice")).isEqualTo(9);
    }

    @Test
    void anIllegalQuotaRejectsTheWholeChange() {
        for (Quota illegal :
                List.of(
                        new Quota(REQUESTS, 0),
                        new Quota(REQUESTS, Quota.UNLIMITED),
                        new Quota(new QuotaKey("alice", QuotaKind.REQUESTS), 1))) {
            assertThat(reason(set(new Quota(DEFAULT, 9), illegal)))
                    .as("%s", illegal)
                    .isEqualTo(Reason.MALFORMED_REQUEST);
        }
        assertThat(state().quotas().all()).isEmpty();
    }

    @Test
    void theNumberOfQuotasHasALimit() {
        for (int i = 0; i < 20; i++) {
            int from = i * 1_000;
            set(
                    IntStream.range(from, from + 1_000)
                            .mapToObj(n -> new QuotaKey("User:" + n, QuotaKind.BYTES_IN))
                            .map(key -> new Quota(key, 1))
                            .toArray(Quota[]::new));
        }

        assertThat(reason(set(new Quota(DEFAULT, 1)))).isEqualTo(Reason.METADATA_FULL);
        assertThat(set(new Quota(new QuotaKey("User:7", QuotaKind.BYTES_IN), 2)))
                .isEqualTo(new Outcome.Completed());
    }

    @Test
    void aCheckpointKeepsAclsAndQuotas() {
        change(List.of(READ, WRITE), List.of());
        set(new Quota(REQUESTS, 5));
        List<Acl> acls = state().acls().all();
        Quotas quotas = state().quotas();
        long size = state().sizes().bytes();

        driver.restart();

        assertThat(state().acls().all()).isEqualTo(acls);
        assertThat(
                        state().acls()
                                .index()
                                .allows(
                                        "User:alice",
                                        "",
                                        Operation.READ,
                                        ResourceType.TOPIC,
                                        "logs"))
                .isTrue();
        assertThat(state().quotas().all()).isEqualTo(quotas.all());
        assertThat(state().sizes().bytes()).isEqualTo(size).isPositive();
    }

    @Test
    void replicasWithDifferentAclsHaveDifferentDigests() {
        StateDriver other = new StateDriver();
        change(List.of(READ), List.of());
        other.apply(new Command.AclsChanged(List.of(WRITE), List.of()));

        assertThat(state().digest()).isNotEqualTo(other.state().digest());
    }
}
