package io.millrace.server.grpc.access;

import static io.millrace.server.grpc.RunningNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.CommitGroupOffsetsResponse;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.Earliest;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.GroupOffset;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.Heartbeat;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ListAclsRequest;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.OffsetQuery;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.millrace.protocol.v1.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rights and quotas at a whole node, over its gRPC port. */
@Timeout(120)
final class AuthorizationTest {

    private static final String ALICE = "User:alice";
    private static final String BOB = "User:bob";

    /** The services of clients, without health and reflection. */
    private static final List<ServiceDescriptor> SERVICES =
            List.of(
                    AdminGrpc.getServiceDescriptor(),
                    BucketGrpc.getServiceDescriptor(),
                    FetchGrpc.getServiceDescriptor(),
                    GroupsGrpc.getServiceDescriptor(),
                    IngestGrpc.getServiceDescriptor(),
                    SecurityGrpc.getServiceDescriptor(),
                    SubscriptionGrpc.getServiceDescriptor());

    /** Requests of methods whose empty request is malformed or has nothing to refuse. */
    private static final Map<MethodDescriptor<?, ?>, Message> REQUESTS =
            Map.of(
                    IngestGrpc.getProduceStreamMethod(),
                    ProduceStreamRequest.newBuilder()
                            .addRequests(SecuredNode.produce("t", 10))
                            .build(),
                    FetchGrpc.getFetchMethod(),
                    FetchRequest.newBuilder()
                            .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                            .build(),
                    FetchGrpc.getListOffsetsMethod(),
                    ListOffsetsRequest.newBuilder()
                            .addQueries(
                                    OffsetQuery.newBuilder()
                                            .setTopic("t")
                                            .setEarliest(Earliest.getDefaultInstance()))
                            .build(),
                    SubscriptionGrpc.getSubscribeMethod(),
                    SubscribeRequest.newBuilder()
                            .setOpen(Open.newBuilder().setGroup("g").addTopics("t"))
                            .build());

    /** Methods that show what the caller may see, possibly nothing. */
    private static final List<MethodDescriptor<?, ?>> NEVER_REFUSED =
            List.of(
                    AdminGrpc.getListTopicsMethod(),
                    AdminGrpc.getDescribeClusterMethod(),
                    GroupsGrpc.getListGroupsMethod());

    @TempDir Path folder;

    private SecuredNode node;

    @BeforeEach
    void open() throws IOException {
        node = new SecuredNode(folder);
        node.createTopic("t");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static Acl topicAcl(String principal, Operation operation, String topic) {
        return Acl.allow(principal, operation, ResourcePattern.literal(ResourceType.TOPIC, topic));
    }

    private static Acl groupAcl(String principal, Operation operation, String group) {
        return Acl.allow(principal, operation, ResourcePattern.literal(ResourceType.GROUP, group));
    }

    @SuppressWarnings("unchecked")
    private static SecuredNode.Answer call(
            Channel channel, MethodDescriptor<?, ?> method, Message request) throws Exception {
        return SecuredNode.call(channel, (MethodDescriptor<Message, Message>) method, request)
                .get(60, TimeUnit.SECONDS);
    }

    private static Optional<Reason> produce(Channel channel, String topic) throws Exception {
        return call(channel, IngestGrpc.getProduceMethod(), SecuredNode.produce(topic, 10))
                .reason();
    }

    private static Message emptyRequest(MethodDescriptor<?, ?> method) {
        return (Message)
                Objects.requireNonNull(
                        ((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller())
                                .getMessagePrototype());
    }

    @Test
    void aPrincipalWithoutRightsIsRefusedAtEveryMethodAndChangesNothing() throws Exception {
        Channel alice = node.as("alice");
        List<String> refused = new ArrayList<>();
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                if (NEVER_REFUSED.contains(method)) {
                    continue;
                }
                Message request = REQUESTS.getOrDefault(method, emptyRequest(method));
                SecuredNode.Answer answer = call(alice, method, request);
                String everything = answer.problem() + " " + answer.messages();
                assertThat(everything)
                        .as(method.getFullMethodName())
                        .contains(Reason.NOT_AUTHORIZED.name());
                assertThat(node.refusals(method.getFullMethodName())).isEqualTo(1);
                refused.add(method.getFullMethodName());
            }
        }
        await(() ->
                node.auditLines().stream().filter(line -> line.contains(ALICE)).count()
                        >= refused.size());
        for (String method : refused) {
            assertThat(node.auditLines())
                    .filteredOn(line -> line.contains("\"" + method + "\"") && line.contains(ALICE))
                    .singleElement()
                    .asString()
                    .contains("\"result\":\"NOT_AUTHORIZED\"", "\"host\":\"127.0.0.1\"");
        }
        Channel admin = node.as("admin");
        assertThat(topics(admin)).containsExactly("t");
        assertThat(
                        SecurityGrpc.newBlockingStub(admin)
                                .listAcls(ListAclsRequest.getDefaultInstance())
                                .getAclsList())
                .isEmpty();
        assertThat(describe(admin).getPartitions(0).getHighWatermark()).isZero();
    }

    private static List<String> topics(Channel channel) {
        return AdminGrpc.newBlockingStub(channel)
                .listTopics(ListTopicsRequest.getDefaultInstance())
                .getTopicsList()
                .stream()
                .map(Topic::getName)
                .toList();
    }

    private static DescribeTopicResponse describe(Channel channel) {
        return AdminGrpc.newBlockingStub(channel)
                .describeTopic(DescribeTopicRequest.newBuilder().setName("t").build());
    }

    @Test
    void everyMethodOfTheEndpointHasARuleAndIsDocumented() throws Exception {
        String documented = Files.readString(Path.of("../docs/security.md"));
        List<String> methods = methods();
        assertThat(methods)
                .contains("millrace.v1.Admin/CreateTopic", "grpc.health.v1.Health/Check");
        for (String method : methods) {
            assertThat(MethodRules.of(method)).as("rule of %s", method).isPresent();
            if (!(MethodRules.of(method).orElseThrow().access()
                    instanceof MethodRule.Access.Nodes)) {
                assertThat(documented).as("docs/security.md").contains(documentedName(method));
            }
        }
    }

    /** Returns SERVICE.METHOD of a method of Millrace, or the package of another. */
    private static String documentedName(String method) {
        int service = method.lastIndexOf('.');
        return method.startsWith("millrace.v1.")
                ? "`" + method.substring(service + 1).replace('/', '.') + "`"
                : "`" + method.substring(0, service) + "`";
    }

    /**
     * Returns the full names of all methods that the endpoint serves, by its reflection service.
     */
    private List<String> methods() throws Exception {
        List<ServiceResponse> services =
                reflect(ServerReflectionRequest.newBuilder().setListServices("").build())
                        .getListServicesResponse()
                        .getServiceList();
        List<String> methods = new ArrayList<>();
        for (ServiceResponse service : services) {
            ServerReflectionResponse files =
                    reflect(
                            ServerReflectionRequest.newBuilder()
                                    .setFileContainingSymbol(service.getName())
                                    .build());
            for (var file : files.getFileDescriptorResponse().getFileDescriptorProtoList()) {
                addMethods(FileDescriptorProto.parseFrom(file), service.getName(), methods);
            }
        }
        return methods;
    }

    private static void addMethods(FileDescriptorProto file, String service, List<String> to)
            throws InvalidProtocolBufferException {
        for (ServiceDescriptorProto each : file.getServiceList()) {
            if (service.equals(file.getPackage() + "." + each.getName())) {
                each.getMethodList().forEach(method -> to.add(service + "/" + method.getName()));
            }
        }
    }

    private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
        return (ServerReflectionResponse)
                call(
                                node.as("alice"),
                                ServerReflectionGrpc.getServerReflectionInfoMethod(),
                                request)
                        .messages()
                        .getFirst();
    }

    @Test
    void namesDoNotEscapeAPrefix() throws Exception {
        for (String topic : List.of("logs.a", "logs-evil", "logs", "Logs.a", "x.logs.a")) {
            node.createTopic(topic);
        }
        node.allow(
                Acl.allow(
                        ALICE,
                        Operation.WRITE,
                        ResourcePattern.prefixed(ResourceType.TOPIC, "logs.")));
        Channel alice = node.as("alice");
        assertThat(produce(alice, "logs.a")).isEmpty();
        for (String other :
                List.of("logs-evil", "logs", "Logs.a", "x.logs.a", "*", "", "logs", "lоgs.a")) {
            assertThat(produce(alice, other)).as(other).contains(Reason.NOT_AUTHORIZED);
        }
        // A topic that does not exist: the error is that of an existing topic without the right.
        assertThat(produce(alice, "absent")).contains(Reason.NOT_AUTHORIZED);
        assertThat(produce(alice, "logs.absent")).contains(Reason.UNKNOWN_TOPIC);
        assertThat(topics(alice)).containsExactly("logs.a");
    }

    @Test
    void aChangeOfAclsTakesEffectWhileBatchesAreInFlight() throws Exception {
        node.createTopic("other");
        Acl right = topicAcl(ALICE, Operation.WRITE, "t");
        node.allow(right);
        node.allow(topicAcl(ALICE, Operation.WRITE, "other"));
        ProduceStream stream = new ProduceStream(node.as("alice"));
        int before = 200;
        for (int i = 0; i < before; i++) {
            stream.send("t", "other");
        }
        node.remove(right);
        int after = 20;
        for (int i = 0; i < after; i++) {
            stream.send("t", "other");
        }
        List<ProduceStreamResponse> answers = stream.finish(before + after);
        int stored = 0;
        for (ProduceStreamResponse answer : answers) {
            ProduceResult onTopic = answer.getResults(0);
            assertThat(answer.getResults(1).hasAck()).isTrue();
            if (answer.getCorrelationId() >= before) {
                assertThat(onTopic.getError().getDetailsCount()).isEqualTo(1);
            }
            if (onTopic.hasAck()) {
                stored++;
            } else {
                assertThat(onTopic.getError().toString()).contains("NOT_AUTHORIZED");
            }
        }
        // Exactly what was acknowledged is stored.
        assertThat(describe(node.as("admin")).getPartitions(0).getHighWatermark())
                .isEqualTo(stored)
                .isLessThanOrEqualTo(before);
        node.allow(right);
        assertThat(produce(node.as("alice"), "t")).isEmpty();
    }

    private static final class ProduceStream {

        private final LinkedBlockingQueue<ProduceStreamResponse> answers =
                new LinkedBlockingQueue<>();
        private final StreamObserver<ProduceStreamRequest> requests;
        private int sent;

        private ProduceStream(Channel channel) {
            requests =
                    IngestGrpc.newStub(channel)
                            .produceStream(
                                    new StreamObserver<>() {
                                        @Override
                                        public void onNext(ProduceStreamResponse answer) {
                                            answers.add(answer);
                                        }

                                        @Override
                                        public void onError(Throwable failure) {}

                                        @Override
                                        public void onCompleted() {}
                                    });
        }

        void send(String... topics) {
            ProduceStreamRequest.Builder request =
                    ProduceStreamRequest.newBuilder().setCorrelationId(sent++);
            for (String topic : topics) {
                request.addRequests(SecuredNode.produce(topic, 10));
            }
            requests.onNext(request.build());
        }

        List<ProduceStreamResponse> finish(int expected) throws InterruptedException {
            requests.onCompleted();
            List<ProduceStreamResponse> all = new ArrayList<>();
            while (all.size() < expected) {
                ProduceStreamResponse next = answers.poll(60, TimeUnit.SECONDS);
                assertThat(next).as("answer %d", all.size()).isNotNull();
                all.add(next);
            }
            return all;
        }
    }

    @Test
    void aFetchServesTheReadableTopics() throws Exception {
        node.createTopic("secret");
        node.allow(topicAcl(ALICE, Operation.READ, "t"));
        assertThat(produce(node.as("admin"), "t")).isEmpty();
        assertThat(produce(node.as("admin"), "secret")).isEmpty();
        FetchResponse found =
                FetchGrpc.newBlockingStub(node.as("alice"))
                        .fetch(
                                FetchRequest.newBuilder()
                                        .addPartitions(
                                                FetchPartition.newBuilder().setTopic("secret"))
                                        .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                                        .setMaxWaitMs(60_000)
                                        .setMinBytes(1 << 20)
                                        .build());
        assertThat(found.getPartitions(0).getTopic()).isEqualTo("secret");
        assertThat(found.getPartitions(0).getError().toString()).contains("NOT_AUTHORIZED");
        assertThat(found.getPartitions(0).getBatches().isEmpty()).isTrue();
        assertThat(found.getPartitions(1).getTopic()).isEqualTo("t");
        assertThat(found.getPartitions(1).getBatches().isEmpty()).isFalse();
    }

    @Test
    void aFetchThatWaitsGetsNoRecordsAfterItsRightIsRevoked() throws Exception {
        Acl right = topicAcl(ALICE, Operation.READ, "t");
        node.allow(right);
        CompletableFuture<FetchResponse> waiting = new CompletableFuture<>();
        FetchGrpc.newStub(node.as("alice"))
                .fetch(
                        FetchRequest.newBuilder()
                                .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                                .setMaxWaitMs(60_000)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(FetchResponse response) {
                                waiting.complete(response);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                waiting.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {}
                        });
        node.remove(right);
        assertThat(produce(node.as("admin"), "t")).isEmpty();
        FetchResponse response = waiting.get(60, TimeUnit.SECONDS);
        assertThat(response.getPartitions(0).getError().toString()).contains("NOT_AUTHORIZED");
        assertThat(response.getPartitions(0).getBatches().isEmpty()).isTrue();
    }

    @Test
    void settingsAreShownOnlyWithTheirOwnRight() throws Exception {
        node.allow(topicAcl(ALICE, Operation.DESCRIBE, "t"));
        assertThat(describe(node.as("alice")).getSettingsList()).isEmpty();
        node.allow(topicAcl(ALICE, Operation.DESCRIBE_CONFIGS, "t"));
        assertThat(describe(node.as("alice")).getSettingsList()).isNotEmpty();
    }

    @Test
    void offsetsAreCommittedOnlyForReadableTopics() throws Exception {
        node.createTopic("secret");
        node.allow(topicAcl(ALICE, Operation.READ, "t"));
        node.allow(groupAcl(ALICE, Operation.READ, "g"));
        CommitGroupOffsetsResponse response =
                GroupsGrpc.newBlockingStub(node.as("alice"))
                        .commitGroupOffsets(
                                CommitGroupOffsetsRequest.newBuilder()
                                        .setGroup("g")
                                        .addOffsets(GroupOffset.newBuilder().setTopic("secret"))
                                        .addOffsets(GroupOffset.newBuilder().setTopic("t"))
                                        .build());
        assertThat(response.getResults(0).toString()).contains("NOT_AUTHORIZED");
        assertThat(response.getResults(1).getCode()).isZero();
    }

    /** A subscription that records what it receives. */
    private static final class Subscriber implements StreamObserver<SubscribeResponse> {

        private final List<SubscribeResponse> received = new CopyOnWriteArrayList<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private final StreamObserver<SubscribeRequest> requests;

        private Subscriber(Channel channel, Open open) {
            requests = SubscriptionGrpc.newStub(channel).subscribe(this);
            requests.onNext(SubscribeRequest.newBuilder().setOpen(open).build());
        }

        void grantCredit() {
            requests.onNext(
                    SubscribeRequest.newBuilder()
                            .setCredit(Credit.newBuilder().setBytes(1 << 20).setRecords(1000))
                            .build());
        }

        void heartbeat() {
            requests.onNext(
                    SubscribeRequest.newBuilder()
                            .setHeartbeat(Heartbeat.getDefaultInstance())
                            .build());
        }

        boolean has(Predicate<SubscribeResponse> wanted) {
            return received.stream().anyMatch(wanted);
        }

        List<String> assignedTopics() {
            return received.stream()
                    .filter(SubscribeResponse::hasAssigned)
                    .map(SubscribeResponse::getAssigned)
                    .map(Assigned::getPartitionsList)
                    .flatMap(List::stream)
                    .map(partition -> partition.getTopic())
                    .sorted()
                    .toList();
        }

        @Override
        public void onNext(SubscribeResponse response) {
            received.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(String.valueOf(failure.getMessage()));
        }

        @Override
        public void onCompleted() {
            end.complete("");
        }
    }

    @Test
    void aPatternMatchesOnlyReadableTopicsAndFollowsTheAcls() throws Exception {
        node.createTopic("secret");
        node.allow(groupAcl(ALICE, Operation.READ, "g"));
        node.allow(topicAcl(ALICE, Operation.READ, "t"));
        Subscriber grouped =
                new Subscriber(
                        node.as("alice"),
                        Open.newBuilder().setGroup("g").setTopicPattern(".*").build());
        Subscriber ungrouped =
                new Subscriber(node.as("alice"), Open.newBuilder().setTopicPattern(".*").build());
        await(() -> grouped.assignedTopics().equals(List.of("t")));
        await(() -> ungrouped.assignedTopics().equals(List.of("t")));
        node.allow(topicAcl(ALICE, Operation.READ, "secret"));
        await(() -> grouped.assignedTopics().equals(List.of("secret", "t")));
        await(() -> ungrouped.assignedTopics().equals(List.of("secret", "t")));
        node.remove(topicAcl(ALICE, Operation.READ, "t"));
        await(() -> grouped.has(SubscribeResponse::hasRevoke));
        await(() -> ungrouped.has(SubscribeResponse::hasLost));
    }

    @Test
    void aMemberGetsNoRecordsOfATopicWhoseRightIsRevoked() throws Exception {
        Acl right = topicAcl(ALICE, Operation.READ, "t");
        node.allow(groupAcl(ALICE, Operation.READ, "g"));
        node.allow(right);
        Subscriber member =
                new Subscriber(
                        node.as("alice"), Open.newBuilder().setGroup("g").addTopics("t").build());
        member.grantCredit();
        assertThat(produce(node.as("admin"), "t")).isEmpty();
        await(() -> member.has(SubscribeResponse::hasBatches));
        long batches = member.received.stream().filter(SubscribeResponse::hasBatches).count();
        node.remove(right);
        assertThat(produce(node.as("admin"), "t")).isEmpty();
        await(() ->
                member.has(SubscribeResponse::hasFailed)
                        || member.has(SubscribeResponse::hasRevoke));
        assertThat(member.received.stream().filter(SubscribeResponse::hasBatches))
                .hasSize((int) batches);
    }

    @Test
    void aStreamEndsWhenTheRightToItsGroupIsRevoked() throws Exception {
        Acl right = groupAcl(ALICE, Operation.READ, "g");
        node.allow(right);
        node.allow(topicAcl(ALICE, Operation.READ, "t"));
        Subscriber member =
                new Subscriber(
                        node.as("alice"), Open.newBuilder().setGroup("g").addTopics("t").build());
        await(() -> member.has(SubscribeResponse::hasJoined));
        node.remove(right);
        member.heartbeat();
        assertThat(member.end.get(60, TimeUnit.SECONDS)).contains("no right to READ GROUP g");
    }

    @Test
    void aQuotaDelaysItsPrincipalAndNobodyElse() throws Exception {
        node.allow(topicAcl(ALICE, Operation.WRITE, "t"));
        node.allow(topicAcl(BOB, Operation.WRITE, "t"));
        node.setQuota(BOB, QuotaKind.BYTES_IN, 10);
        // The first request is far above the quota, and its successor waits for hours.
        assertThat(produceBytes("bob", 100_000).get(60, TimeUnit.SECONDS).problem()).isEmpty();
        CompletableFuture<SecuredNode.Answer> delayed = produceBytes("bob", 10);
        for (int i = 0; i < 20; i++) {
            assertThat(produceBytes("alice", 100_000).get(60, TimeUnit.SECONDS).problem())
                    .isEmpty();
        }
        assertThat(delayed).isNotDone();
        node.removeQuota(BOB, QuotaKind.BYTES_IN);
        assertThat(delayed.get(60, TimeUnit.SECONDS).problem()).isEmpty();
        assertThat(node.delays(QuotaKind.BYTES_IN)).isEqualTo(1);
        assertThat(node.delays(QuotaKind.REQUESTS)).isZero();
    }

    @Test
    void aQuotaForBytesOutDelaysFetchesAndSubscriptions() throws Exception {
        node.allow(topicAcl(BOB, Operation.READ, "t"));
        assertThat(produceBytes("admin", 100_000).get(60, TimeUnit.SECONDS).problem()).isEmpty();
        node.setQuota(BOB, QuotaKind.BYTES_OUT, 10);
        assertThat(fetch("bob").get(60, TimeUnit.SECONDS).problem()).isEmpty();
        CompletableFuture<SecuredNode.Answer> delayed = fetch("bob");
        Subscriber subscriber =
                new Subscriber(node.as("bob"), Open.newBuilder().addTopics("t").build());
        subscriber.grantCredit();
        assertThat(fetch("admin").get(60, TimeUnit.SECONDS).problem()).isEmpty();
        await(() -> subscriber.has(SubscribeResponse::hasAssigned));
        await(() -> node.delays(QuotaKind.BYTES_OUT) > 0);
        assertThat(delayed).isNotDone();
        assertThat(subscriber.has(SubscribeResponse::hasBatches)).isFalse();
        node.removeQuota(BOB, QuotaKind.BYTES_OUT);
        assertThat(delayed.get(60, TimeUnit.SECONDS).problem()).isEmpty();
        await(() -> subscriber.has(SubscribeResponse::hasBatches));
    }

    @Test
    void aQuotaForRequestsDelaysAllMethodsButNoHeartbeat() throws Exception {
        node.allow(topicAcl(BOB, Operation.READ, "t"));
        node.allow(groupAcl(BOB, Operation.READ, "g"));
        node.setQuota(BOB, QuotaKind.REQUESTS, 1);
        Subscriber member =
                new Subscriber(
                        node.as("bob"), Open.newBuilder().setGroup("g").addTopics("t").build());
        await(() -> member.has(SubscribeResponse::hasJoined));
        List<CompletableFuture<SecuredNode.Answer>> fetches = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            // Calls that begin together are not delayed; their successors wait for all of them.
            fetches.add(fetch("bob"));
        }
        for (CompletableFuture<SecuredNode.Answer> each : fetches.subList(0, 2)) {
            assertThat(each.get(60, TimeUnit.SECONDS).problem()).isEmpty();
        }
        CompletableFuture<SecuredNode.Answer> delayed = fetch("bob");
        member.heartbeat();
        await(() -> member.has(response -> response.getHeartbeatAck().getMessages() == 2));
        assertThat(delayed).isNotDone();
        node.removeQuota(BOB, QuotaKind.REQUESTS);
        assertThat(delayed.get(60, TimeUnit.SECONDS).problem()).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private CompletableFuture<SecuredNode.Answer> fetch(String user) {
        MethodDescriptor<?, ?> method = FetchGrpc.getFetchMethod();
        return SecuredNode.call(
                node.as(user),
                (MethodDescriptor<Message, Message>) method,
                FetchRequest.newBuilder()
                        .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                        .build());
    }

    @SuppressWarnings("unchecked")
    private CompletableFuture<SecuredNode.Answer> produceBytes(String user, int bytes) {
        MethodDescriptor<?, ?> method = IngestGrpc.getProduceMethod();
        return SecuredNode.call(
                node.as(user),
                (MethodDescriptor<Message, Message>) method,
                SecuredNode.produce("t", bytes));
    }

    @Test
    void administrationIsInTheAuditLogAndRejectedAuthenticationsAreToo() throws Exception {
        Optional<Reason> exists =
                call(
                                node.as("admin"),
                                AdminGrpc.getCreateTopicMethod(),
                                io.millrace.protocol.v1.CreateTopicRequest.newBuilder()
                                        .setName("t")
                                        .build())
                        .reason();
        assertThat(exists).contains(Reason.TOPIC_EXISTS);
        assertThat(produce(node.as("wrong-token"), "t")).contains(Reason.UNAUTHENTICATED);
        await(() -> node.auditLines().size() >= 3);
        assertThat(node.auditLines())
                .satisfiesExactly(
                        created ->
                                assertThat(created)
                                        .contains(
                                                "User:admin",
                                                "millrace.v1.Admin/CreateTopic",
                                                "TOPIC t",
                                                "\"result\":\"OK\""),
                        again -> assertThat(again).contains("\"result\":\"TOPIC_EXISTS\""),
                        rejected ->
                                assertThat(rejected)
                                        .contains(
                                                "\"principal\":\"\"",
                                                "millrace.v1.Ingest/Produce",
                                                "UNAUTHENTICATED")
                                        .doesNotContain("wrong-token"));
    }
}
