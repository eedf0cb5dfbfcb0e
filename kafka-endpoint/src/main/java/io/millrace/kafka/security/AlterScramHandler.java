package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.ScramAdmin;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramName;
import io.millrace.runtime.FutureFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData.AlterUserScramCredentialsResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Changes the SCRAM credentials of users. The legal changes of a request are made together. */
public final class AlterScramHandler
        implements ApiHandler<
                AlterUserScramCredentialsRequestData, AlterUserScramCredentialsResponseData> {

    private final Metadata metadata;
    private final ScramAdmin scram;

    public AlterScramHandler(Metadata metadata, ScramAdmin scram) {
        this.metadata = metadata;
        this.scram = scram;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_USER_SCRAM_CREDENTIALS;
    }

    @Override
    public CompletableFuture<AlterUserScramCredentialsResponseData> handle(
            RequestContext context, AlterUserScramCredentialsRequestData request) {
        Map<String, ScramChange> changes = ScramChange.of(request);
        if (!context.authorize(Operation.ALTER, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            ApiFailure denied =
                    ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED).counted(context);
            changes.replaceAll((user, change) -> new ScramChange.Illegal(denied));
            return CompletableFuture.completedFuture(toWire(changes, Optional.empty()));
        }
        return LoopCalls.call(
                        metadata.loop(),
                        () ->
                                scram.current()
                                        .thenCompose(all -> {
                                            refuseUnknown(changes, all);
                                            return change(changes);
                                        }))
                .handle((changed, thrown) -> {
                    changes.values().forEach(change -> count(context, change));
                    return toWire(
                            changes,
                            thrown == null
                                    ? Optional.empty()
                                    : Optional.of(failure(context, thrown)));
                });
    }

    private static void refuseUnknown(Map<String, ScramChange> changes, ScramCredentials all) {
        changes.replaceAll((user, change) ->
                change instanceof ScramChange.Remove(ScramName name) && all.find(name).isEmpty()
                        ? new ScramChange.Illegal(
                                new ApiFailure(
                                        Errors.RESOURCE_NOT_FOUND,
                                        "The user has no credential for %s."
                                                .formatted(name.mechanism().text())))
                        : change);
    }

    private CompletableFuture<Void> change(Map<String, ScramChange> changes) {
        List<SaltedPassword> set = new ArrayList<>();
        List<ScramName> removed = new ArrayList<>();
        for (ScramChange change : changes.values()) {
            switch (change) {
                case ScramChange.Set(SaltedPassword password) -> set.add(password);
                case ScramChange.Remove(ScramName name) -> removed.add(name);
                case ScramChange.Illegal _ -> {
                    // Answered by its own error.
                }
            }
        }
        return set.isEmpty() && removed.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : scram.change(set, removed);
    }

    private static void count(RequestContext context, ScramChange change) {
        if (change instanceof ScramChange.Illegal(ApiFailure why)) {
            context.failed(why.error());
        }
    }

    private static ApiFailure failure(RequestContext context, Throwable thrown) {
        return FutureFailures.unwrap(thrown) instanceof ProblemException refused
                        && refused.problem().reason() == Reason.MALFORMED_REQUEST
                ? new ApiFailure(Errors.UNACCEPTABLE_CREDENTIAL, refused.problem().message())
                        .counted(context)
                : ApiFailure.of(context, thrown);
    }

    /**
     * @param failure the failure of the legal changes
     */
    private static AlterUserScramCredentialsResponseData toWire(
            Map<String, ScramChange> changes, Optional<ApiFailure> failure) {
        AlterUserScramCredentialsResponseData answer = new AlterUserScramCredentialsResponseData();
        changes.forEach((user, change) -> {
            Optional<ApiFailure> why =
                    change instanceof ScramChange.Illegal(ApiFailure illegal)
                            ? Optional.of(illegal)
                            : failure;
            answer.results()
                    .add(
                            new AlterUserScramCredentialsResult()
                                    .setUser(user)
                                    .setErrorCode(
                                            why.map(each -> each.error().code()).orElse((short) 0))
                                    .setErrorMessage(why.map(ApiFailure::message).orElse(null)));
        });
        return answer;
    }
}
