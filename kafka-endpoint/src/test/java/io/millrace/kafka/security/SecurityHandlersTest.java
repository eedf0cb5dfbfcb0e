package io.millrace.kafka.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.metadata.MetadataFixture;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authorization.AclAuthorizer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SecurityHandlersTest {

    private static final byte ANY = 1;
    private static final byte LITERAL = 3;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private EmbeddedClient client = EmbeddedClient.of(handlers());

    private ApiHandler<?, ?>[] handlers() {
        return SecurityApis.of(fixture.metadata()).toArray(ApiHandler<?, ?>[]::new);
    }

    @AfterEach
    void close() {
        client.close();
    }

    private <A extends ApiMessage> A call(
            ApiKeys api, int version, ApiMessage request, Class<A> type) {
        client.send(api, version, request);
        loop.advance(Duration.ofMillis(50));
        return type.cast(client.receive(api, version).orElseThrow().message());
    }

    private <A extends ApiMessage> A call(ApiKeys api, ApiMessage request, Class<A> type) {
        return call(api, api.latestVersion(false), request, type);
    }

    private static AclCreation creation(String principal, Operation operation, String topic) {
        return new AclCreation()
                .setResourceType((byte) ResourceType.TOPIC.code())
                .setResourceName(topic)
                .setResourcePatternType(LITERAL)
                .setPrincipal(principal)
                .setHost("*")
                .setOperation((byte) operation.code())
                .setPermissionType((byte) 3);
    }

    private List<Errors> create(AclCreation... creations) {
        return call(
                        ApiKeys.CREATE_ACLS,
                        new CreateAclsRequestData().setCreations(List.of(creations)),
                        CreateAclsResponseData.class)
                .results()
                .stream()
                .map(result -> Errors.forCode(result.errorCode()))
                .toList();
    }

    private static DescribeAclsRequestData ofPrincipal(@Nullable String principal) {
        return new DescribeAclsRequestData()
                .setResourceTypeFilter(ANY)
                .setResourceNameFilter(null)
                .setPatternTypeFilter(ANY)
                .setPrincipalFilter(principal)
                .setHostFilter(null)
                .setOperation(ANY)
                .setPermissionType(ANY);
    }

    private DescribeAclsResponseData describe(DescribeAclsRequestData request) {
        return call(ApiKeys.DESCRIBE_ACLS, request, DescribeAclsResponseData.class);
    }

    @Test
    void createsAclsEachWithItsOwnResult() {
        assertThat(
                        create(
                                creation("User:alice", Operation.READ, "t"),
                                creation("alice", Operation.READ, "t"),
                                creation("User:alice", Operation.WRITE, "t")
                                        .setOperation((byte) 99),
                                creation("User:alice", Operation.WRITE, "")))
                .containsExactly(
                        Errors.NONE,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST);
        assertThat(fixture.metadata().acls().all())
                .containsExactly(
                        Acl.allow(
                                "User:alice",
                                Operation.READ,
                                ResourcePattern.literal(ResourceType.TOPIC, "t")));
    }

    @Test
    void describesTheAclsThatMatch() {
        create(
                creation("User:alice", Operation.READ, "t"),
                creation("User:bob", Operation.READ, "t"),
                creation("User:alice", Operation.WRITE, "t"),
                creation("User:alice", Operation.READ, "u"));

        DescribeAclsResponseData found = describe(ofPrincipal("User:alice"));

        assertThat(found.errorCode()).isZero();
        assertThat(found.resources()).hasSize(2);
        assertThat(found.resources().getFirst().resourceName()).isEqualTo("t");
        assertThat(found.resources().getFirst().acls()).hasSize(2);
        assertThat(describe(ofPrincipal(null)).resources().getFirst().acls()).hasSize(3);
        assertThat(describe(ofPrincipal(null).setOperation((byte) 0)).errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void deletesTheAclsThatMatch() {
        create(
                creation("User:alice", Operation.READ, "t"),
                creation("User:bob", Operation.READ, "t"));
        DeleteAclsFilter filter =
                new DeleteAclsFilter()
                        .setResourceTypeFilter(ANY)
                        .setResourceNameFilter(null)
                        .setPatternTypeFilter(ANY)
                        .setPrincipalFilter("User:alice")
                        .setHostFilter(null)
                        .setOperation(ANY)
                        .setPermissionType(ANY);

        DeleteAclsResponseData answer =
                call(
                        ApiKeys.DELETE_ACLS,
                        new DeleteAclsRequestData().setFilters(List.of(filter, filter)),
                        DeleteAclsResponseData.class);

        assertThat(answer.filterResults()).hasSize(2);
        assertThat(answer.filterResults().getFirst().matchingAcls())
                .singleElement()
                .returns("User:alice", acl -> acl.principal());
        assertThat(answer.filterResults().getLast().matchingAcls()).isEmpty();
        assertThat(fixture.metadata().acls().all()).hasSize(1);
    }

    private static AlterClientQuotasRequestData.EntryData quota(
            String type, @Nullable String name, String key, double value) {
        return new AlterClientQuotasRequestData.EntryData()
                .setEntity(
                        List.of(
                                new AlterClientQuotasRequestData.EntityData()
                                        .setEntityType(type)
                                        .setEntityName(name)))
                .setOps(
                        List.of(
                                new AlterClientQuotasRequestData.OpData()
                                        .setKey(key)
                                        .setValue(value)
                                        .setRemove(value == 0)));
    }

    private List<Errors> alter(
            boolean validateOnly, AlterClientQuotasRequestData.EntryData... entries) {
        return call(
                        ApiKeys.ALTER_CLIENT_QUOTAS,
                        new AlterClientQuotasRequestData()
                                .setEntries(List.of(entries))
                                .setValidateOnly(validateOnly),
                        AlterClientQuotasResponseData.class)
                .entries()
                .stream()
                .map(entry -> Errors.forCode(entry.errorCode()))
                .toList();
    }

    private long bytesIn(String principal) {
        return fixture.metadata().quotas().perSecond(principal, QuotaKind.BYTES_IN);
    }

    @Test
    void setsAndRemovesQuotasOfUsers() {
        assertThat(
                        alter(
                                false,
                                quota("user", "alice", "producer_byte_rate", 1000),
                                quota("user", null, "producer_byte_rate", 500)))
                .containsExactly(Errors.NONE, Errors.NONE);
        assertThat(bytesIn("User:alice")).isEqualTo(1000);
        assertThat(bytesIn("User:bob")).isEqualTo(500);

        alter(false, quota("user", "alice", "producer_byte_rate", 0));
        assertThat(bytesIn("User:alice")).isEqualTo(500);
    }

    @Test
    void quotasThatMillraceLacksAreRefused() {
        assertThat(
                        alter(
                                false,
                                quota("client-id", "c", "producer_byte_rate", 1000),
                                quota("user", "", "producer_byte_rate", 1000),
                                quota("user", "alice", "request_percentage", 50),
                                quota("user", "alice", "producer_byte_rate", 0.5),
                                quota("user", "alice", "producer_byte_rate", -1)))
                .containsOnly(Errors.INVALID_REQUEST);
        assertThat(fixture.metadata().quotas().all()).isEmpty();
    }

    @Test
    void aValidationChangesNoQuota() {
        assertThat(alter(true, quota("user", "alice", "producer_byte_rate", 1000)))
                .containsExactly(Errors.NONE);
        assertThat(fixture.metadata().quotas().all()).isEmpty();
    }

    private DescribeClientQuotasResponseData quotas(
            boolean strict, DescribeClientQuotasRequestData.ComponentData... components) {
        return call(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                new DescribeClientQuotasRequestData()
                        .setStrict(strict)
                        .setComponents(List.of(components)),
                DescribeClientQuotasResponseData.class);
    }

    private static DescribeClientQuotasRequestData.ComponentData component(
            String type, int match, @Nullable String name) {
        return new DescribeClientQuotasRequestData.ComponentData()
                .setEntityType(type)
                .setMatchType((byte) match)
                .setMatch(name);
    }

    @Test
    void describesQuotasThatMatch() {
        alter(
                false,
                quota("user", "alice", "producer_byte_rate", 1000),
                quota("user", "alice", "consumer_byte_rate", 2000),
                quota("user", null, "producer_byte_rate", 500));

        assertThat(quotas(false).entries()).hasSize(2);
        assertThat(quotas(true, component("user", 2, null)).entries()).hasSize(2);
        assertThat(quotas(true, component("user", 0, "alice")).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.values()).hasSize(2));
        assertThat(quotas(true, component("user", 1, null)).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.entity().getFirst().entityName()).isNull());
        assertThat(quotas(false, component("client-id", 2, null)).entries()).isEmpty();
        assertThat(quotas(true).entries()).isEmpty();
    }

    @Test
    void illegalFiltersOfQuotasAreRefused() {
        assertThat(quotas(false, component("rack", 2, null)).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(quotas(false, component("", 2, null)).errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(quotas(false, component("user", 0, null)).errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(
                        quotas(false, component("user", 2, null), component("user", 1, null))
                                .errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(
                        quotas(false, component("ip", 2, null), component("client-id", 2, null))
                                .errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void rightsOnTheClusterAreNeeded() {
        client.close();
        client =
                EmbeddedClient.of(
                        new AclAuthorizer(() -> fixture.metadata().acls().index(), Set.of()),
                        handlers());

        assertThat(create(creation("User:alice", Operation.READ, "t")))
                .containsExactly(Errors.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(describe(ofPrincipal(null)).errorCode())
                .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(quotas(false).errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(alter(false, quota("user", "alice", "producer_byte_rate", 9)))
                .containsExactly(Errors.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(fixture.metadata().acls().all()).isEmpty();
    }
}
