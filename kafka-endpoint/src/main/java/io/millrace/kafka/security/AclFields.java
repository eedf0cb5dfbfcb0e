package io.millrace.kafka.security;

import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.jspecify.annotations.Nullable;

/**
 * ACLs and filters in the fields of the Kafka protocol. Illegal fields are a {@link
 * ProblemException} with MALFORMED_REQUEST.
 */
final class AclFields {

    /** The code that stands for all values in a filter. */
    private static final int ANY = 1;

    private static final int MATCH = 2;

    private AclFields() {}

    static Acl acl(AclCreation creation) {
        try {
            return new Acl(
                    creation.principal(),
                    creation.host(),
                    required("operation", creation.operation(), Operation::withCode),
                    required("permission", creation.permissionType(), Permission::withCode),
                    new ResourcePattern(
                            required(
                                    "resource type",
                                    creation.resourceType(),
                                    ResourceType::withCode),
                            required(
                                    "pattern type",
                                    creation.resourcePatternType(),
                                    ResourcePattern.Match::withCode),
                            creation.resourceName()));
        } catch (IllegalArgumentException illFormed) {
            throw malformed("An ACL has a text that is not UTF-8.");
        }
    }

    static AclFilter filter(DescribeAclsRequestData request) {
        return filter(
                request.resourceTypeFilter(),
                request.patternTypeFilter(),
                request.resourceNameFilter(),
                request.principalFilter(),
                request.hostFilter(),
                request.operation(),
                request.permissionType());
    }

    static AclFilter filter(DeleteAclsFilter filter) {
        return filter(
                filter.resourceTypeFilter(),
                filter.patternTypeFilter(),
                filter.resourceNameFilter(),
                filter.principalFilter(),
                filter.hostFilter(),
                filter.operation(),
                filter.permissionType());
    }

    private static AclFilter filter(
            int type,
            int pattern,
            @Nullable String name,
            @Nullable String principal,
            @Nullable String host,
            int operation,
            int permission) {
        return new AclFilter(
                unlessAny("resource type", type, ResourceType::withCode),
                names(pattern),
                Optional.ofNullable(name),
                Optional.ofNullable(principal),
                Optional.ofNullable(host),
                unlessAny("operation", operation, Operation::withCode),
                unlessAny("permission", permission, Permission::withCode));
    }

    private static AclFilter.Names names(int pattern) {
        return switch (pattern) {
            case ANY -> AclFilter.Names.ANY;
            case MATCH -> AclFilter.Names.MATCH;
            default ->
                    switch (required("pattern type", pattern, ResourcePattern.Match::withCode)) {
                        case LITERAL -> AclFilter.Names.LITERAL;
                        case PREFIXED -> AclFilter.Names.PREFIXED;
                    };
        };
    }

    private static <T> Optional<T> unlessAny(
            String field, int code, IntFunction<Optional<T>> values) {
        return code == ANY ? Optional.empty() : Optional.of(required(field, code, values));
    }

    private static <T> T required(String field, int code, IntFunction<Optional<T>> values) {
        return values.apply(code)
                .orElseThrow(() -> malformed("The %s %d is not supported.".formatted(field, code)));
    }

    private static ProblemException malformed(String message) {
        return new ProblemException(new Problem(Reason.MALFORMED_REQUEST, message));
    }
}
