package io.millrace.kafka.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.acl.Acls;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authorization.AclAuthorizer;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.principal.Caller;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class AdministrativeRequestTest {

    private static final int VERSION = 2;

    /** Changes of the cluster by APIs that no handler has; an offered one must be recorded. */
    private static final Set<ApiKeys> NOT_OFFERED =
            Set.of(
                    ApiKeys.CREATE_DELEGATION_TOKEN,
                    ApiKeys.ALTER_REPLICA_LOG_DIRS,
                    ApiKeys.ALTER_PARTITION,
                    ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
                    ApiKeys.ALTER_SHARE_GROUP_OFFSETS,
                    ApiKeys.DELETE_SHARE_GROUP_OFFSETS,
                    ApiKeys.DELETE_SHARE_GROUP_STATE);

    private final List<String> lines = new ArrayList<>();

    private final RequestAudit audit =
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
                        String name) {
                    lines.add("refused " + api + " " + type + " " + name);
                }

                @Override
                public void executed(
                        Caller caller,
                        String api,
                        String resources,
                        String request,
                        Optional<Problem> failure) {
                    assertThat(request).contains("groupsNames=");
                    lines.add(
                            "executed %s %s %s"
                                    .formatted(
                                            api,
                                            resources,
                                            failure.map(AdministrativeRequestTest::code)
                                                    .orElse("OK")));
                }
            };

    private static String code(Problem failure) {
        return failure.message().replaceFirst(":.*", "");
    }

    /** Deletes all groups that the sender has rights on, but none whose name is "busy". */
    private static final class DeleteHandler
            implements ApiHandler<DeleteGroupsRequestData, DeleteGroupsResponseData> {

        private final CompletableFuture<DeleteGroupsResponseData> answer;

        private DeleteHandler(CompletableFuture<DeleteGroupsResponseData> answer) {
            this.answer = answer;
        }

        @Override
        public ApiKeys api() {
            return ApiKeys.DELETE_GROUPS;
        }

        @Override
        public CompletableFuture<DeleteGroupsResponseData> handle(
                RequestContext context, DeleteGroupsRequestData request) {
            for (String group : request.groupsNames()) {
                if (!context.authorize(Operation.DELETE, ResourceType.GROUP, group)) {
                    context.failed(Errors.GROUP_AUTHORIZATION_FAILED);
                } else if (group.equals("busy")) {
                    context.failed(Errors.NON_EMPTY_GROUP);
                }
            }
            return answer;
        }
    }

    private static Authorizer allowing(Acls acls) {
        return new AclAuthorizer(acls::index, Set.of());
    }

    private List<String> delete(Authorizer authorizer, String... groups) {
        DeleteHandler handler =
                new DeleteHandler(
                        CompletableFuture.completedFuture(new DeleteGroupsResponseData()));
        try (EmbeddedClient client = EmbeddedClient.of(authorizer, audit, handler)) {
            client.send(
                    ApiKeys.DELETE_GROUPS,
                    VERSION,
                    new DeleteGroupsRequestData().setGroupsNames(List.of(groups)));
        }
        return lines;
    }

    @Test
    void aRequestIsRecordedWithItsResourcesAndItsFirstError() {
        assertThat(delete(Authorizer.OPEN, "a", "b"))
                .containsExactly("executed DeleteGroups GROUP a, GROUP b OK");
        lines.clear();
        assertThat(delete(Authorizer.OPEN, "a", "busy"))
                .containsExactly("executed DeleteGroups GROUP a, GROUP busy NON_EMPTY_GROUP");
    }

    @Test
    void aRefusedRequestIsRecordedOnlyAsRefused() {
        assertThat(delete(allowing(Acls.NONE), "a"))
                .containsExactly("refused DeleteGroups GROUP a");
    }

    @Test
    void aPartlyRefusedRequestIsRecordedWithTheRest() {
        Acls onlyA =
                Acls.NONE.with(
                        Acl.allow(
                                Acl.ANY_PRINCIPAL,
                                Operation.DELETE,
                                ResourcePattern.literal(ResourceType.GROUP, "a")));
        assertThat(delete(allowing(onlyA), "a", "b"))
                .containsExactly(
                        "refused DeleteGroups GROUP b", "executed DeleteGroups GROUP a OK");
    }

    @Test
    void theResultIsUnknownIfTheConnectionEndsFirst() {
        DeleteHandler handler = new DeleteHandler(new CompletableFuture<>());
        try (EmbeddedClient client = EmbeddedClient.of(Authorizer.OPEN, audit, handler)) {
            client.send(
                    ApiKeys.DELETE_GROUPS,
                    VERSION,
                    new DeleteGroupsRequestData().setGroupsNames(List.of("a")));
            assertThat(lines).isEmpty();
        }
        assertThat(lines).containsExactly("executed DeleteGroups GROUP a REQUEST_TIMED_OUT");
    }

    @Test
    void allApisThatChangeTheClusterAreRecorded() {
        assertThat(
                        Arrays.stream(ApiKeys.values())
                                .filter(api -> !NOT_OFFERED.contains(api))
                                .filter(api ->
                                        api.name.matches(
                                                "(Create|Delete|Alter|IncrementalAlter).*|.*Delete")))
                .containsExactlyInAnyOrderElementsOf(AdministrativeRequest.APIS);
    }
}
