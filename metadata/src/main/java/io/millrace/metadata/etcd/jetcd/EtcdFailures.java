package io.millrace.metadata.etcd.jetcd;

import io.grpc.Status;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.etcd.EtcdException.Kind;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Converts the status of a call to an {@link EtcdException}. etcd uses one gRPC code for several
 * conditions, which only the description distinguishes. Failures that may have taken effect become
 * {@link Kind#UNAVAILABLE}.
 */
final class EtcdFailures {

    private EtcdFailures() {}

    static EtcdException of(Endpoint member, Status status) {
        String words = descriptionOf(status);
        Kind kind = kind(status, words);
        return new EtcdException(kind, messageOf(kind, member, words), status.asRuntimeException());
    }

    /** Returns whether a retry with a new token may succeed. */
    static boolean isTokenRejected(Status status) {
        String words = descriptionOf(status);
        return words.contains("invalid auth token") || words.contains("revision of auth store");
    }

    private static Kind kind(Status status, String words) {
        if (isTokenRejected(status)) {
            return Kind.UNAVAILABLE;
        }
        return switch (status.getCode()) {
            case OUT_OF_RANGE -> words.contains("compacted") ? Kind.COMPACTED : Kind.REJECTED;
            case RESOURCE_EXHAUSTED -> {
                if (words.contains("space exceeded")) {
                    yield Kind.NO_SPACE;
                }
                yield words.contains("larger than max") ? Kind.REJECTED : Kind.UNAVAILABLE;
            }
            case UNAUTHENTICATED, PERMISSION_DENIED -> Kind.DENIED;
            case INVALID_ARGUMENT ->
                    // A call without a token to an etcd that requires authentication.
                    words.contains("user name is empty") ? Kind.DENIED : Kind.REJECTED;
            case FAILED_PRECONDITION ->
                    words.contains("not leader") ? Kind.UNAVAILABLE : Kind.REJECTED;
            case NOT_FOUND, ALREADY_EXISTS, UNIMPLEMENTED -> Kind.REJECTED;
            case UNAVAILABLE -> isCertificateFailure(status) ? Kind.DENIED : Kind.UNAVAILABLE;
            case OK, CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL, DATA_LOSS ->
                    Kind.UNAVAILABLE;
        };
    }

    private static boolean isCertificateFailure(Status status) {
        for (Throwable why = status.getCause(); why != null; why = why.getCause()) {
            if (why instanceof SSLHandshakeException
                    || (why instanceof SSLException && isAlert(why.getMessage()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether BoringSSL reports that etcd refused the certificate of this node. With TLS
     * 1.3 the refusal follows the handshake of the client.
     */
    private static boolean isAlert(@Nullable String message) {
        String text = message == null ? "" : message.toLowerCase(Locale.ROOT);
        return text.contains("alert")
                && (text.contains("certificate") || text.contains("unknown_ca"));
    }

    private static String messageOf(Kind kind, Endpoint member, String words) {
        String what =
                switch (kind) {
                    case UNAVAILABLE -> "did not answer";
                    case COMPACTED -> "compacted the requested history";
                    case NO_SPACE -> "has no space";
                    case DENIED -> "denied access to this process";
                    case REJECTED -> "rejected the request";
                };
        return "etcd at %s %s: %s".formatted(member, what, words);
    }

    private static String descriptionOf(Status status) {
        @Nullable String said = status.getDescription();
        StringBuilder words =
                new StringBuilder(
                        said == null
                                ? status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                                : said);
        @Nullable Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root != null && root.getMessage() != null) {
            words.append(" (").append(root.getMessage()).append(')');
        }
        return words.toString();
    }
}
