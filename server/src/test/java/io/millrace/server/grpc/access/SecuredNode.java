package io.millrace.server.grpc.access;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclMessages;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.quota.QuotaMessages;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ChangeAclsRequest;
import io.millrace.protocol.v1.ChangeQuotasRequest;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A whole node in the test's process that authenticates by tokens. The token of a user is its name;
 * {@code admin} is a superuser, {@code alice} and {@code bob} have no rights.
 */
final class SecuredNode implements AutoCloseable {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Path auditLog;
    private final Node node;
    private final ManagedChannel channel;

    SecuredNode(Path folder) throws IOException {
        auditLog = folder.resolve("audit.log");
        Path tokens = folder.resolve("tokens");
        Files.write(tokens, List.of(token("admin"), token("alice"), token("bob")));
        Map<String, String> settings =
                Map.of(
                        "millrace.data",
                        folder.resolve("data").toString(),
                        "millrace.grpc-port",
                        "0",
                        "millrace.kafka-port",
                        "off",
                        "millrace.auth",
                        "token",
                        "millrace.auth-tokens-file",
                        tokens.toString(),
                        "millrace.super-users",
                        "User:admin",
                        "millrace.audit-log",
                        auditLog.toString());
        node =
                Node.open(
                        ServerSettings.standalone(key -> Optional.ofNullable(settings.get(key))),
                        registry,
                        120L << 20);
        channel =
                NettyChannelBuilder.forAddress("localhost", node.grpcPort()).usePlaintext().build();
    }

    private static String token(String user) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(user.getBytes(StandardCharsets.UTF_8));
            return user + ": " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    String address() {
        return "localhost:" + node.grpcPort();
    }

    Channel as(String user) {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + user);
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    void createTopic(String name) {
        var unused =
                AdminGrpc.newBlockingStub(as("admin"))
                        .createTopic(CreateTopicRequest.newBuilder().setName(name).build());
    }

    void allow(Acl acl) {
        var unused =
                SecurityGrpc.newBlockingStub(as("admin"))
                        .changeAcls(
                                ChangeAclsRequest.newBuilder()
                                        .addAdd(AclMessages.toMessage(acl))
                                        .build());
    }

    void remove(Acl acl) {
        var unused =
                SecurityGrpc.newBlockingStub(as("admin"))
                        .changeAcls(
                                ChangeAclsRequest.newBuilder()
                                        .addRemove(AclMessages.toMessage(acl))
                                        .build());
    }

    void setQuota(String principal, QuotaKind kind, long perSecond) {
        var unused =
                SecurityGrpc.newBlockingStub(as("admin"))
                        .changeQuotas(
                                ChangeQuotasRequest.newBuilder()
                                        .addSet(
                                                QuotaMessages.toMessage(
                                                        new Quota(
                                                                new QuotaKey(principal, kind),
                                                                perSecond)))
                                        .build());
    }

    void removeQuota(String principal, QuotaKind kind) {
        var unused =
                SecurityGrpc.newBlockingStub(as("admin"))
                        .changeQuotas(
                                ChangeQuotasRequest.newBuilder()
                                        .addRemove(
                                                QuotaMessages.toMessage(
                                                        new QuotaKey(principal, kind)))
                                        .build());
    }

    /** Returns a request with one record. */
    static ProduceRequest produce(String topic, int bytes) {
        return ProduceRequest.newBuilder()
                .setTopic(topic)
                .setRecords(
                        RecordSet.newBuilder()
                                .addRecords(
                                        Record.newBuilder()
                                                .setValue(ByteString.copyFrom(new byte[bytes]))))
                .build();
    }

    /** The messages of a call and its end. */
    record Answer(List<Message> messages, Optional<Problem> problem) {

        Optional<Reason> reason() {
            return problem.map(Problem::reason);
        }
    }

    /** Sends one message, closes the client's side, and completes at the end of the call. */
    static CompletableFuture<Answer> call(
            Channel channel, MethodDescriptor<Message, Message> method, Message request) {
        CompletableFuture<Answer> ended = new CompletableFuture<>();
        ClientCall<Message, Message> call = channel.newCall(method, CallOptions.DEFAULT);
        List<Message> messages = new ArrayList<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(Message message) {
                        messages.add(message);
                        call.request(1);
                    }

                    @Override
                    public void onClose(io.grpc.Status status, Metadata trailers) {
                        @Nullable Status detailed =
                                StatusProto.fromStatusAndTrailers(status, trailers);
                        ended.complete(
                                new Answer(
                                        messages,
                                        status.isOk() || detailed == null
                                                ? Optional.empty()
                                                : Problem.fromStatus(detailed)));
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(request);
        call.halfClose();
        return ended;
    }

    double delays(QuotaKind kind) {
        return registry.get("millrace.quota.throttle").tag("kind", kind.text()).timer().count();
    }

    double refusals(String method) {
        return registry.get("millrace.authorization.refusals")
                .tag("method", method)
                .counter()
                .count();
    }

    /** Returns the lines that are written so far. */
    List<String> auditLines() {
        try {
            return Files.readAllLines(auditLog);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        node.close();
    }
}
