package io.millrace.kafka.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.connection.RequestAudit;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.SecurityLimits;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authorization.AclAuthorizer;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.principal.Caller;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialDeletion;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialUpsertion;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.DescribeUserScramCredentialsResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScramHandlersTest {

    private static final byte SHA_256 = 1;
    private static final byte SHA_512 = 2;

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

    private void reconnect(Authorizer authorizer, RequestAudit audit) {
        client.close();
        client = EmbeddedClient.of(authorizer, audit, handlers());
    }

    private <A extends ApiMessage> A call(ApiKeys api, ApiMessage request, Class<A> type) {
        client.send(api, 0, request);
        loop.advance(Duration.ofMillis(50));
        return type.cast(client.receive(api, 0).orElseThrow().message());
    }

    private static ScramCredentialUpsertion set(
            String user, int mechanism, int iterations, int saltBytes, int hashBytes) {
        return new ScramCredentialUpsertion()
                .setName(user)
                .setMechanism((byte) mechanism)
                .setIterations(iterations)
                .setSalt(new byte[saltBytes])
                .setSaltedPassword(new byte[hashBytes]);
    }

    private static ScramCredentialUpsertion set(String user) {
        return set(user, SHA_512, 4_096, 20, 64);
    }

    private static ScramCredentialDeletion remove(String user, int mechanism) {
        return new ScramCredentialDeletion().setName(user).setMechanism((byte) mechanism);
    }

    private Map<String, Errors> alter(
            List<ScramCredentialUpsertion> set, List<ScramCredentialDeletion> removed) {
        Map<String, Errors> results = new LinkedHashMap<>();
        call(
                        ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
                        new AlterUserScramCredentialsRequestData()
                                .setUpsertions(set)
                                .setDeletions(removed),
                        AlterUserScramCredentialsResponseData.class)
                .results()
                .forEach(result ->
                        assertThat(results.put(result.user(), Errors.forCode(result.errorCode())))
                                .isNull());
        return results;
    }

    private Errors alter(ScramCredentialUpsertion set) {
        return Objects.requireNonNull(alter(List.of(set), List.of()).get(set.name()));
    }

    private DescribeUserScramCredentialsResponseData describe(String... users) {
        return call(
                ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                new DescribeUserScramCredentialsRequestData()
                        .setUsers(
                                users.length == 0
                                        ? null
                                        : Stream.of(users)
                                                .map(user -> new UserName().setName(user))
                                                .toList()),
                DescribeUserScramCredentialsResponseData.class);
    }

    private static String text(DescribeUserScramCredentialsResult user) {
        return user.errorCode() != 0
                ? user.user() + " " + Errors.forCode(user.errorCode())
                : user.credentialInfos().stream()
                        .map(info -> info.mechanism() + "/" + info.iterations())
                        .reduce(user.user(), (all, next) -> all + " " + next);
    }

    private List<ScramCredential> credentials() {
        return fixture.metadata().scramCredentials().all();
    }

    @Test
    void theCredentialIsThatOfThePassword() {
        SaltedPassword password =
                SaltedPassword.of(
                        new ScramName("alice", ScramMechanism.SHA_512),
                        "secret",
                        5_000,
                        "salt".getBytes(StandardCharsets.UTF_8));

        assertThat(
                        alter(
                                set("alice", SHA_512, 5_000, 0, 0)
                                        .setSalt(password.salt().toByteArray())
                                        .setSaltedPassword(password.hash().toByteArray())))
                .isEqualTo(Errors.NONE);
        assertThat(credentials()).containsExactly(ScramCredential.of(password));
    }

    @Test
    void usersAreDescribedWithTheirMechanismsAndIterations() {
        alter(List.of(set("alice"), set("bob")), List.of());
        alter(set("alice", SHA_256, 16_384, 128, 32));

        assertThat(describe().results())
                .extracting(ScramHandlersTest::text)
                .containsExactly("alice 1/16384 2/4096", "bob 2/4096");
        assertThat(describe("bob", "carol", "alice", "alice").results())
                .extracting(ScramHandlersTest::text)
                .containsExactly(
                        "bob 2/4096", "carol RESOURCE_NOT_FOUND", "alice DUPLICATE_RESOURCE");
    }

    @Test
    void eachUserHasItsOwnResult() {
        alter(List.of(set("alice"), set("bob")), List.of());

        assertThat(
                        alter(
                                List.of(
                                        set("carol"),
                                        set("carol", SHA_256, 4_096, 20, 32),
                                        set("dave"),
                                        set("", SHA_512, 4_096, 20, 64),
                                        set("few", SHA_512, 4_095, 20, 64),
                                        set("many", SHA_512, 16_385, 20, 64),
                                        set("other", 3, 4_096, 20, 64),
                                        set("other", SHA_512, 4_096, 20, 64)),
                                List.of(
                                        remove("alice", SHA_512),
                                        remove("bob", SHA_256),
                                        remove("*", SHA_512))))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "alice", Errors.NONE,
                                "bob", Errors.RESOURCE_NOT_FOUND,
                                "*", Errors.UNACCEPTABLE_CREDENTIAL,
                                "carol", Errors.DUPLICATE_RESOURCE,
                                "dave", Errors.NONE,
                                "", Errors.UNACCEPTABLE_CREDENTIAL,
                                "few", Errors.UNACCEPTABLE_CREDENTIAL,
                                "many", Errors.UNACCEPTABLE_CREDENTIAL,
                                "other", Errors.UNSUPPORTED_SASL_MECHANISM));
        assertThat(credentials())
                .extracting(credential -> credential.name().user())
                .containsExactly("bob", "dave");
    }

    @Test
    void saltsAndHashesHaveLimits() {
        assertThat(alter(set("alice", SHA_512, 4_096, 0, 64)))
                .isEqualTo(Errors.UNACCEPTABLE_CREDENTIAL);
        assertThat(alter(set("alice", SHA_512, 4_096, 129, 64)))
                .isEqualTo(Errors.UNACCEPTABLE_CREDENTIAL);
        assertThat(alter(set("alice", SHA_512, 4_096, 20, 32)))
                .isEqualTo(Errors.UNACCEPTABLE_CREDENTIAL);
        assertThat(alter(set("alice", SHA_512, 4_096, 20, 0)))
                .isEqualTo(Errors.UNACCEPTABLE_CREDENTIAL);
        assertThat(
                        alter(
                                        IntStream.rangeClosed(0, SecurityLimits.MAX_CHANGES)
                                                .mapToObj(i -> set("user-" + i))
                                                .toList(),
                                        List.of())
                                .values())
                .containsOnly(Errors.UNACCEPTABLE_CREDENTIAL);
        assertThat(credentials()).isEmpty();
    }

    @Test
    void rightsOnTheClusterAreNeeded() {
        alter(set("alice"));
        reconnect(
                new AclAuthorizer(() -> fixture.metadata().acls().index(), Set.of()),
                RequestAudit.NONE);

        assertThat(alter(List.of(set("bob")), List.of(remove("alice", SHA_512))).values())
                .containsOnly(Errors.CLUSTER_AUTHORIZATION_FAILED)
                .hasSize(2);
        assertThat(describe("alice").errorCode())
                .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(describe("alice").results()).isEmpty();
        assertThat(credentials()).hasSize(1);
    }

    @Test
    void theAuditLogHasNoSecret() {
        List<String> lines = new ArrayList<>();
        RequestAudit audit =
                new RequestAudit() {
                    @Override
                    public boolean isOn() {
                        return true;
                    }

                    @Override
                    public void refused(
                            Caller caller,
                            String api,
                            Operation operation,
                            ResourceType type,
                            String name) {}

                    @Override
                    public void executed(
                            Caller caller,
                            String api,
                            String resources,
                            String request,
                            Optional<Problem> failure) {
                        lines.add(request + failure.map(Problem::message).orElse(""));
                    }
                };
        reconnect(Authorizer.OPEN, audit);

        alter(set("alice"));
        alter(List.of(set("bob", SHA_512, 1, 20, 64)), List.of(remove("carol", SHA_256)));

        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).doesNotContainIgnoringCase("salt", "0, 0"));
        assertThat(lines.getFirst()).contains("name='alice', mechanism=2, iterations=4096");
        assertThat(lines.getLast()).contains("carol", "RESOURCE_NOT_FOUND");
    }
}
