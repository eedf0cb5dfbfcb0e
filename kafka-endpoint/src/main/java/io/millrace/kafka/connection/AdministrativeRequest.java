package io.millrace.kafka.connection;

import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Caller;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The audit record of one request that changes the cluster. Any thread. */
final class AdministrativeRequest {

    /** The APIs that change topics, groups, ACLs, quotas or SCRAM credentials. */
    static final Set<ApiKeys> APIS =
            Collections.unmodifiableSet(
                    EnumSet.of(
                            ApiKeys.CREATE_TOPICS,
                            ApiKeys.DELETE_TOPICS,
                            ApiKeys.CREATE_PARTITIONS,
                            ApiKeys.DELETE_RECORDS,
                            ApiKeys.ALTER_CONFIGS,
                            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                            ApiKeys.DELETE_GROUPS,
                            ApiKeys.OFFSET_DELETE,
                            ApiKeys.CREATE_ACLS,
                            ApiKeys.DELETE_ACLS,
                            ApiKeys.ALTER_CLIENT_QUOTAS,
                            ApiKeys.ALTER_USER_SCRAM_CREDENTIALS));

    /** Larger requests are recorded by their size. */
    private static final int MAX_REQUEST_BYTES = 3_000;

    private static final int MAX_RESOURCES = 20;

    private final ApiKeys api;
    private final RequestAudit audit;
    private final Set<String> resources = new LinkedHashSet<>();
    private @Nullable Errors error;

    AdministrativeRequest(ApiKeys api, RequestAudit audit) {
        this.api = api;
        this.audit = audit;
    }

    synchronized void authorized(ResourceType type, String name) {
        if (resources.size() < MAX_RESOURCES) {
            resources.add(type == ResourceType.CLUSTER ? type.name() : type + " " + name);
        }
    }

    /** Keeps the first error; refusals are recorded by themselves. */
    synchronized void failed(Errors code) {
        if (error == null && !(code.exception() instanceof AuthorizationException)) {
            error = code;
        }
    }

    /** Records the request, unless it was refused as a whole. */
    void ended(Caller caller, ApiMessage request, int sizeBytes, @Nullable Throwable failure) {
        if (failure != null) {
            failed(
                    failure instanceof CancellationException
                            ? Errors.REQUEST_TIMED_OUT
                            : Errors.UNKNOWN_SERVER_ERROR);
        }
        String named;
        Optional<Errors> first;
        synchronized (this) {
            named = String.join(", ", resources);
            first = Optional.ofNullable(error);
        }
        if (!named.isEmpty()) {
            String text =
                    sizeBytes > MAX_REQUEST_BYTES
                            ? "a request of %,d bytes".formatted(sizeBytes)
                            : text(request);
            audit.executed(caller, api.name, named, text, first.map(code -> problem(code, text)));
        }
    }

    /** Returns the fields of a request without those that are secret. */
    private static String text(ApiMessage request) {
        if (!(request instanceof AlterUserScramCredentialsRequestData scram)) {
            return request.toString();
        }
        return "AlterUserScramCredentialsRequestData(deletions=%s, upsertions=%s)"
                .formatted(
                        scram.deletions(),
                        scram.upsertions().stream()
                                .map(set ->
                                        "(name='%s', mechanism=%d, iterations=%d)"
                                                .formatted(
                                                        set.name(),
                                                        set.mechanism(),
                                                        set.iterations()))
                                .toList());
    }

    private static Problem problem(Errors code, String request) {
        return new Problem(KafkaErrors.reasonOf(code), code.name() + ": " + request);
    }
}
