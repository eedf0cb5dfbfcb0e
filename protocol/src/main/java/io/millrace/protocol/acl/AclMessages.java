package io.millrace.protocol.acl;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/**
 * Translates between ACLs and the messages of {@code security.proto}. Enum numbers of the messages
 * are the codes of the types. Unset or unknown enum values of a message are a {@link
 * ProblemException} with {@link Reason#MALFORMED_REQUEST}.
 */
public final class AclMessages {

    private AclMessages() {}

    public static io.millrace.protocol.v1.Acl toMessage(Acl acl) {
        return io.millrace.protocol.v1.Acl.newBuilder()
                .setPrincipal(acl.principal())
                .setHost(acl.host())
                .setOperationValue(acl.operation().code())
                .setPermissionValue(acl.permission().code())
                .setResource(
                        io.millrace.protocol.v1.ResourcePattern.newBuilder()
                                .setTypeValue(acl.resource().type().code())
                                .setMatchValue(acl.resource().match().code())
                                .setName(acl.resource().name()))
                .build();
    }

    public static Acl fromMessage(io.millrace.protocol.v1.Acl acl) {
        return new Acl(
                acl.getPrincipal(),
                acl.getHost().isEmpty() ? Acl.ANY_HOST : acl.getHost(),
                operation(acl.getOperationValue()),
                Permission.withCode(acl.getPermissionValue())
                        .orElseThrow(() -> unknown("permission", acl.getPermissionValue())),
                new ResourcePattern(
                        type(acl.getResource().getTypeValue()),
                        ResourcePattern.Match.withCode(acl.getResource().getMatchValue())
                                .orElseThrow(
                                        () -> unknown("match", acl.getResource().getMatchValue())),
                        acl.getResource().getName()));
    }

    public static io.millrace.protocol.v1.AclFilter toMessage(AclFilter filter) {
        io.millrace.protocol.v1.AclFilter.Builder message =
                io.millrace.protocol.v1.AclFilter.newBuilder();
        filter.type().ifPresent(type -> message.setTypeValue(type.code()));
        message.setNames(
                switch (filter.names()) {
                    case ANY -> io.millrace.protocol.v1.AclFilter.Names.ANY;
                    case MATCH -> io.millrace.protocol.v1.AclFilter.Names.MATCHING;
                    case LITERAL -> io.millrace.protocol.v1.AclFilter.Names.LITERAL;
                    case PREFIXED -> io.millrace.protocol.v1.AclFilter.Names.PREFIXED;
                });
        filter.name().ifPresent(message::setName);
        filter.principal().ifPresent(message::setPrincipal);
        filter.host().ifPresent(message::setHost);
        filter.operation().ifPresent(operation -> message.setOperationValue(operation.code()));
        filter.permission().ifPresent(permission -> message.setPermissionValue(permission.code()));
        return message.build();
    }

    public static AclFilter fromMessage(io.millrace.protocol.v1.AclFilter filter) {
        return new AclFilter(
                given(filter.getTypeValue()).map(AclMessages::type),
                switch (filter.getNames()) {
                    case ANY -> AclFilter.Names.ANY;
                    case MATCHING -> AclFilter.Names.MATCH;
                    case LITERAL -> AclFilter.Names.LITERAL;
                    case PREFIXED -> AclFilter.Names.PREFIXED;
                    case UNRECOGNIZED ->
                            throw unknown("comparison of names", filter.getNamesValue());
                },
                filter.hasName() ? Optional.of(filter.getName()) : Optional.empty(),
                filter.hasPrincipal() ? Optional.of(filter.getPrincipal()) : Optional.empty(),
                filter.hasHost() ? Optional.of(filter.getHost()) : Optional.empty(),
                given(filter.getOperationValue()).map(AclMessages::operation),
                given(filter.getPermissionValue())
                        .map(code ->
                                Permission.withCode(code)
                                        .orElseThrow(() -> unknown("permission", code))));
    }

    private static Optional<Integer> given(int code) {
        return code == 0 ? Optional.empty() : Optional.of(code);
    }

    /** Returns the operation of a message. */
    public static Operation operation(int code) {
        return Operation.withCode(code).orElseThrow(() -> unknown("operation", code));
    }

    /** Returns the resource type of a message. */
    public static ResourceType type(int code) {
        return ResourceType.withCode(code).orElseThrow(() -> unknown("resource type", code));
    }

    private static ProblemException unknown(String what, int code) {
        return new ProblemException(
                new Problem(
                        Reason.MALFORMED_REQUEST,
                        "An ACL has no %s, or the unknown one %d: use a value of security.proto, or a newer version of Millrace."
                                .formatted(what, code)));
    }
}
