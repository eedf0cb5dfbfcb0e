package io.millrace.security.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.acl.Acls;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AclAuthorizerTest {

    private static final Caller ALICE = caller(Principal.user("alice"));
    private static final Caller ADMIN = caller(Principal.user("admin"));

    private Acls acls = Acls.NONE;
    private final Authorizer authorizer =
            new AclAuthorizer(() -> acls.index(), Set.of("User:admin"));

    private static Caller caller(Principal principal) {
        return new Caller(principal, "10.0.0.1", Caller.NEVER);
    }

    private static Acl acl(
            String principal, Operation operation, Permission permission, String name) {
        return new Acl(
                principal,
                Acl.ANY_HOST,
                operation,
                permission,
                new ResourcePattern(ResourceType.TOPIC, ResourcePattern.Match.LITERAL, name));
    }

    private boolean mayWrite(Caller caller, String topic) {
        return authorizer.allows(caller, Operation.WRITE, ResourceType.TOPIC, topic);
    }

    @Test
    void whatNoAclAllowsIsDenied() {
        assertThat(mayWrite(ALICE, "orders")).isFalse();
        acls = acls.with(acl("User:alice", Operation.WRITE, Permission.ALLOW, "orders"));
        assertThat(mayWrite(ALICE, "orders")).isTrue();
        assertThat(mayWrite(ALICE, "orders-2")).isFalse();
        assertThat(mayWrite(caller(Principal.ANONYMOUS), "orders")).isFalse();
    }

    @Test
    void superUsersAndNodesMayDoEverythingWhateverTheAclsSay() {
        acls =
                acls.with(
                        acl(
                                Acl.ANY_PRINCIPAL,
                                Operation.ALL,
                                Permission.DENY,
                                ResourcePattern.ANY));
        assertThat(mayWrite(ADMIN, "orders")).isTrue();
        assertThat(mayWrite(caller(Principal.NODE), "orders")).isTrue();
        assertThat(mayWrite(caller(Principal.user("Admin")), "orders")).isFalse();
        assertThat(authorizer.allowsAny(ADMIN, Operation.WRITE, ResourceType.TOPIC)).isTrue();
        assertThat(
                        authorizer.decide(
                                "User:admin", "", Operation.WRITE, ResourceType.TOPIC, "orders"))
                .isEqualTo(new AccessDecision.AllowedToSuperuser());
    }

    @Test
    void aRememberedDecisionEndsWithTheNextChangeOfTheAcls() {
        RememberedDecisions writable =
                new RememberedDecisions(authorizer, ALICE, Operation.WRITE, ResourceType.TOPIC);
        Acl right = acl("User:alice", Operation.WRITE, Permission.ALLOW, "orders");
        assertThat(writable.allows("orders")).isFalse();
        acls = acls.with(right);
        assertThat(writable.allows("orders")).isTrue();
        assertThat(writable.allows("orders")).isTrue();
        acls = acls.without(right);
        assertThat(writable.allows("orders")).isFalse();
    }

    @Test
    void manyNamesDoNotConfuseRememberedDecisions() {
        acls = acls.with(acl("User:alice", Operation.WRITE, Permission.ALLOW, "topic-7"));
        RememberedDecisions writable =
                new RememberedDecisions(authorizer, ALICE, Operation.WRITE, ResourceType.TOPIC);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3 * RememberedDecisions.MAX_NAMES; i++) {
                assertThat(writable.allows("topic-" + i)).isEqualTo(i == 7);
            }
        }
        assertThat(writable.allows("")).isFalse();
    }
}
