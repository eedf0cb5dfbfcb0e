package io.millrace.server.grpc.access;

import static io.millrace.server.grpc.access.Right.onCluster;
import static io.millrace.server.grpc.access.Right.onGroup;
import static io.millrace.server.grpc.access.Right.onTopic;

import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.ConfigureTopicRequest;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.DeleteGroupRequest;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.millrace.protocol.v1.TrimTopicRequest;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.server.grpc.access.MethodRule.Access;
import io.millrace.server.grpc.access.MethodRule.Requirement;
import io.millrace.server.grpc.access.MethodRule.Use;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The table of all methods of the endpoint and the rights that they need (docs/security.md has it
 * for operators). Operations have the meaning of Kafka's. A method without a rule is refused to all
 * callers.
 */
final class MethodRules {

    private static final Access EVERYONE = new Access.Everyone();
    private static final Access AUTHENTICATED = new Access.Authenticated();
    private static final Access NODES = new Access.Nodes();
    private static final Access HANDLER = new Access.CheckedByHandler();

    private static final Map<String, MethodRule> BY_METHOD = table();

    private MethodRules() {}

    /**
     * @param method the full name of the method
     */
    static Optional<MethodRule> of(String method) {
        return Optional.ofNullable(BY_METHOD.get(method));
    }

    private static Map<String, MethodRule> table() {
        Map<String, MethodRule> rules = new HashMap<>();
        addTopics(rules);
        addRecords(rules);
        addGroups(rules);
        addCluster(rules);
        add(rules, EVERYONE, Use.QUERY, HealthGrpc.getCheckMethod());
        add(rules, EVERYONE, Use.QUERY, HealthGrpc.getWatchMethod());
        add(rules, AUTHENTICATED, Use.QUERY, ServerReflectionGrpc.getServerReflectionInfoMethod());
        PeerGrpc.getServiceDescriptor()
                .getMethods()
                .forEach(method -> add(rules, NODES, Use.QUERY, method));
        GroupSessionGrpc.getServiceDescriptor()
                .getMethods()
                .forEach(method -> add(rules, NODES, Use.QUERY, method));
        return Map.copyOf(rules);
    }

    private static void addTopics(Map<String, MethodRule> rules) {
        add(
                rules,
                needed(
                        CreateTopicRequest.class,
                        request ->
                                Requirement.of(
                                        onTopic(Operation.CREATE, request.getName()),
                                        onCluster(Operation.CREATE))),
                Use.ADMINISTRATION,
                AdminGrpc.getCreateTopicMethod());
        // The handler leaves out topics without DESCRIBE.
        add(rules, HANDLER, Use.QUERY, AdminGrpc.getListTopicsMethod());
        add(
                rules,
                topic(
                        DescribeTopicRequest.class,
                        Operation.DESCRIBE,
                        DescribeTopicRequest::getName),
                Use.QUERY,
                AdminGrpc.getDescribeTopicMethod());
        add(
                rules,
                topic(DeleteTopicRequest.class, Operation.DELETE, DeleteTopicRequest::getName),
                Use.ADMINISTRATION,
                AdminGrpc.getDeleteTopicMethod());
        add(
                rules,
                topic(AddPartitionsRequest.class, Operation.ALTER, AddPartitionsRequest::getName),
                Use.ADMINISTRATION,
                AdminGrpc.getAddPartitionsMethod());
        add(
                rules,
                topic(
                        ConfigureTopicRequest.class,
                        Operation.ALTER_CONFIGS,
                        ConfigureTopicRequest::getName),
                Use.ADMINISTRATION,
                AdminGrpc.getConfigureTopicMethod());
        add(
                rules,
                topic(TrimTopicRequest.class, Operation.DELETE, TrimTopicRequest::getName),
                Use.ADMINISTRATION,
                AdminGrpc.getTrimTopicMethod());
    }

    private static void addRecords(Map<String, MethodRule> rules) {
        // WRITE on the topic of each batch.
        add(rules, HANDLER, Use.PRODUCE, IngestGrpc.getProduceMethod());
        add(rules, HANDLER, Use.PRODUCE, IngestGrpc.getProduceStreamMethod());
        // WRITE on some topic, or IDEMPOTENT_WRITE on the cluster.
        add(rules, HANDLER, Use.QUERY, IngestGrpc.getAllocateProducerIdMethod());
        // READ on each topic.
        add(rules, HANDLER, Use.FETCH, FetchGrpc.getFetchMethod());
        // DESCRIBE on each topic.
        add(rules, HANDLER, Use.QUERY, FetchGrpc.getListOffsetsMethod());
        // READ on the group and on each topic.
        add(rules, HANDLER, Use.SUBSCRIBE, SubscriptionGrpc.getSubscribeMethod());
    }

    private static void addGroups(Map<String, MethodRule> rules) {
        // The handler leaves out groups without DESCRIBE, unless the caller has DESCRIBE on the
        // cluster.
        add(rules, HANDLER, Use.QUERY, GroupsGrpc.getListGroupsMethod());
        // The handler leaves out partitions of topics without DESCRIBE.
        add(
                rules,
                needed(
                        DescribeGroupRequest.class,
                        request -> Requirement.of(onGroup(Operation.DESCRIBE, request.getGroup()))),
                Use.QUERY,
                GroupsGrpc.getDescribeGroupMethod());
        add(
                rules,
                needed(
                        DeleteGroupRequest.class,
                        request -> Requirement.of(onGroup(Operation.DELETE, request.getGroup()))),
                Use.ADMINISTRATION,
                GroupsGrpc.getDeleteGroupMethod());
        add(
                rules,
                new Access.Needed<>(
                        ResetGroupOffsetsRequest.class,
                        request ->
                                List.of(
                                        Requirement.of(onGroup(Operation.READ, request.getGroup())),
                                        Requirement.of(
                                                onTopic(Operation.READ, request.getTopic())))),
                Use.ADMINISTRATION,
                GroupsGrpc.getResetGroupOffsetsMethod());
        // The handler checks READ on each topic. Clients commit often, so this is not in the audit
        // log.
        add(
                rules,
                needed(
                        CommitGroupOffsetsRequest.class,
                        request -> Requirement.of(onGroup(Operation.READ, request.getGroup()))),
                Use.QUERY,
                GroupsGrpc.getCommitGroupOffsetsMethod());
    }

    private static void addCluster(Map<String, MethodRule> rules) {
        // Clients discover the nodes with it.
        add(rules, AUTHENTICATED, Use.QUERY, AdminGrpc.getDescribeClusterMethod());
        // Reads up to the whole bucket, at the price of its requests.
        add(
                rules,
                cluster(Operation.ALTER),
                Use.ADMINISTRATION,
                AdminGrpc.getUpgradeClusterMethod());
        add(rules, cluster(Operation.ALTER), Use.ADMINISTRATION, BucketGrpc.getCheckBucketMethod());
        add(rules, cluster(Operation.DESCRIBE), Use.QUERY, BucketGrpc.getDescribeUsageMethod());
        add(rules, cluster(Operation.DESCRIBE), Use.QUERY, SecurityGrpc.getListAclsMethod());
        add(
                rules,
                cluster(Operation.ALTER),
                Use.ADMINISTRATION,
                SecurityGrpc.getChangeAclsMethod());
        add(rules, cluster(Operation.DESCRIBE), Use.QUERY, SecurityGrpc.getTestAclMethod());
        add(rules, cluster(Operation.DESCRIBE), Use.QUERY, SecurityGrpc.getListQuotasMethod());
        add(
                rules,
                cluster(Operation.ALTER),
                Use.ADMINISTRATION,
                SecurityGrpc.getChangeQuotasMethod());
        add(
                rules,
                cluster(Operation.DESCRIBE),
                Use.QUERY,
                SecurityGrpc.getListScramCredentialsMethod());
        add(
                rules,
                cluster(Operation.ALTER),
                Use.ADMINISTRATION,
                SecurityGrpc.getChangeScramCredentialsMethod());
    }

    private static <Q> Access topic(Class<Q> type, Operation operation, Function<Q, String> name) {
        return needed(type, request -> Requirement.of(onTopic(operation, name.apply(request))));
    }

    private static Access cluster(Operation operation) {
        return needed(Object.class, request -> Requirement.of(onCluster(operation)));
    }

    private static <Q> Access needed(Class<Q> type, Function<Q, Requirement> requirement) {
        return new Access.Needed<>(type, request -> List.of(requirement.apply(request)));
    }

    private static void add(
            Map<String, MethodRule> rules, Access access, Use use, MethodDescriptor<?, ?> method) {
        rules.put(method.getFullMethodName(), new MethodRule(access, use));
    }
}
