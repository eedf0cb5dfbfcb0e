package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.ScramAdmin;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.CredentialInfo;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.DescribeUserScramCredentialsResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Lists the SCRAM credentials of users, without salts and keys. */
public final class DescribeScramHandler
        implements ApiHandler<
                DescribeUserScramCredentialsRequestData, DescribeUserScramCredentialsResponseData> {

    private final Metadata metadata;
    private final ScramAdmin scram;

    public DescribeScramHandler(Metadata metadata, ScramAdmin scram) {
        this.metadata = metadata;
        this.scram = scram;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS;
    }

    @Override
    public CompletableFuture<DescribeUserScramCredentialsResponseData> handle(
            RequestContext context, DescribeUserScramCredentialsRequestData request) {
        if (!context.authorize(
                Operation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            return CompletableFuture.completedFuture(
                    failed(
                            ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED)
                                    .counted(context)));
        }
        // No names, or null, stand for all users.
        List<String> named =
                Optional.ofNullable(request.users()).stream()
                        .flatMap(Collection::stream)
                        .map(UserName::name)
                        .toList();
        return LoopCalls.call(metadata.loop(), scram::current)
                .thenApplyAsync(
                        all ->
                                new DescribeUserScramCredentialsResponseData()
                                        .setErrorMessage(null)
                                        .setResults(
                                                named.isEmpty()
                                                        ? everyUser(all)
                                                        : users(named, all)),
                        context.connection().loop())
                .exceptionally(thrown -> failed(ApiFailure.of(context, thrown)));
    }

    private static DescribeUserScramCredentialsResponseData failed(ApiFailure why) {
        return new DescribeUserScramCredentialsResponseData()
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message());
    }

    private static List<DescribeUserScramCredentialsResult> everyUser(ScramCredentials all) {
        Map<String, List<CredentialInfo>> byUser = new LinkedHashMap<>();
        all.iterator()
                .forEachRemaining(credential ->
                        byUser.computeIfAbsent(credential.name().user(), added -> new ArrayList<>())
                                .add(toWire(credential)));
        return byUser.entrySet().stream()
                .map(user -> described(user.getKey(), user.getValue()))
                .toList();
    }

    private static List<DescribeUserScramCredentialsResult> users(
            List<String> named, ScramCredentials all) {
        Map<String, DescribeUserScramCredentialsResult> results = new LinkedHashMap<>();
        for (String user : named) {
            results.merge(
                    user,
                    user(user, all),
                    (first, second) ->
                            refused(
                                    user,
                                    Errors.DUPLICATE_RESOURCE,
                                    "The request names the user twice."));
        }
        return List.copyOf(results.values());
    }

    private static DescribeUserScramCredentialsResult user(String user, ScramCredentials all) {
        List<CredentialInfo> found =
                Stream.of(ScramMechanism.values())
                        .flatMap(mechanism -> all.find(new ScramName(user, mechanism)).stream())
                        .map(DescribeScramHandler::toWire)
                        .toList();
        return found.isEmpty()
                ? refused(user, Errors.RESOURCE_NOT_FOUND, "The user has no SCRAM credential.")
                : described(user, found);
    }

    private static CredentialInfo toWire(ScramCredential credential) {
        return new CredentialInfo()
                .setMechanism((byte) credential.name().mechanism().code())
                .setIterations(credential.iterations());
    }

    private static DescribeUserScramCredentialsResult described(
            String user, List<CredentialInfo> credentials) {
        return new DescribeUserScramCredentialsResult()
                .setUser(user)
                .setErrorMessage(null)
                .setCredentialInfos(credentials);
    }

    private static DescribeUserScramCredentialsResult refused(
            String user, Errors error, String message) {
        return new DescribeUserScramCredentialsResult()
                .setUser(user)
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
