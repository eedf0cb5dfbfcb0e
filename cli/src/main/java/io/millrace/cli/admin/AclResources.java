package io.millrace.cli.admin;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that name resources and operations. */
final class AclResources {

    @Option(
            names = "--topic",
            paramLabel = "T",
            description = "A topic; * for all topics. May be repeated.")
    List<String> topics = List.of();

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "A consumer group; * for all groups. May be repeated.")
    List<String> groups = List.of();

    @Option(
            names = "--transactional-id",
            paramLabel = "ID",
            description = "A transactional id; * for all ids. May be repeated.")
    List<String> transactionalIds = List.of();

    @Option(names = "--cluster", description = "The cluster itself.")
    boolean cluster;

    @Option(
            names = "--operation",
            paramLabel = "OP",
            description =
                    "Operation: all, read, write, create, delete, alter, describe, cluster-action,"
                            + " describe-configs, alter-configs or idempotent-write. May be repeated.")
    List<String> operations = List.of();

    /** Returns the named resources. */
    List<ResourcePattern> patterns(ResourcePattern.Match match) {
        List<ResourcePattern> patterns = new ArrayList<>();
        topics.forEach(name -> patterns.add(new ResourcePattern(ResourceType.TOPIC, match, name)));
        groups.forEach(name -> patterns.add(new ResourcePattern(ResourceType.GROUP, match, name)));
        transactionalIds.forEach(name ->
                patterns.add(new ResourcePattern(ResourceType.TRANSACTIONAL_ID, match, name)));
        if (cluster) {
            patterns.add(ResourcePattern.CLUSTER);
        }
        return patterns;
    }

    /**
     * Returns the operation of a name.
     *
     * @throws IllegalArgumentException for any other text
     */
    static Operation operation(String text) {
        return Arrays.stream(Operation.values())
                .filter(each -> AclRows.text(each).equalsIgnoreCase(text.replace('_', '-')))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "\"%s\" is not an operation such as read or alter-configs"
                                        .formatted(text)));
    }
}
