package io.millrace.server.grpc.fetch;

import io.millrace.group.MemberOrigin;
import io.millrace.group.TopicAccess;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;

/**
 * Assigns a member only topics that its user may read. A member without origin is connected to a
 * node without authentication, as while authentication is being turned on, and is not limited here.
 */
public final class AclTopicAccess implements TopicAccess {

    private final Authorizer authorizer;

    private AclTopicAccess(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    public static TopicAccess of(Authorizer authorizer) {
        return authorizer == Authorizer.OPEN ? TopicAccess.ALL : new AclTopicAccess(authorizer);
    }

    @Override
    public boolean mayRead(MemberOrigin member, String topic) {
        return member.equals(MemberOrigin.UNKNOWN)
                || authorizer.allows(
                        new Caller(new Principal(member.principal()), member.host(), Caller.NEVER),
                        Operation.READ,
                        ResourceType.TOPIC,
                        topic);
    }

    @Override
    public Object version() {
        return authorizer.version();
    }
}
