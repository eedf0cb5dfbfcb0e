package io.millrace.metadata.command;

import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.scram.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/** The limits of commands that change ACLs, quotas or credentials. */
public final class SecurityLimits {

    /** Limit of ACLs, quotas or credentials in one command, which keeps an entry below 1 MiB. */
    public static final int MAX_CHANGES = 1_000;

    /** Limit of a principal in bytes of UTF-8: type, colon and name. */
    public static final int MAX_PRINCIPAL_BYTES = 512;

    /** Limit of the name of a resource pattern in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 255;

    /** Limit of the text of an IP address. */
    public static final int MAX_HOST_BYTES = 64;

    /** Limit of the salt of a SCRAM credential. */
    public static final int MAX_SALT_BYTES = 128;

    private static final String USER = "User:";

    private SecurityLimits() {}

    /** Returns the problem if a change of ACLs exceeds a limit. */
    static Optional<Problem> violation(Command.AclsChanged change) {
        return tooMany(change.added().size() + change.removed().size(), "ACLs")
                .or(() ->
                        Stream.concat(change.added().stream(), change.removed().stream())
                                .flatMap(acl -> violation(acl).stream())
                                .findFirst());
    }

    /** Returns the problem if a change of quotas exceeds a limit. */
    static Optional<Problem> violation(Command.QuotasChanged change) {
        return tooMany(change.set().size() + change.removed().size(), "quotas")
                .or(() ->
                        Stream.concat(
                                        change.set().stream().map(Quota::key),
                                        change.removed().stream())
                                .map(QuotaKey::principal)
                                .filter(principal -> !isPrincipal(principal))
                                .findFirst()
                                .flatMap(principal -> invalidPrincipal()))
                .or(() ->
                        change.set().stream()
                                .filter(quota ->
                                        quota.perSecond() < 1
                                                || quota.perSecond() > Quota.MAX_PER_SECOND)
                                .findFirst()
                                .flatMap(quota -> outOfRange(quota.perSecond())));
    }

    /** Returns the problem if one command cannot change this number of SCRAM credentials. */
    public static Optional<Problem> tooManyCredentials(int changes) {
        return tooMany(changes, "SCRAM credentials");
    }

    /** Returns the problem if a change of SCRAM credentials exceeds a limit. */
    static Optional<Problem> violation(Command.ScramCredentialsChanged change) {
        return tooManyCredentials(change.set().size() + change.removed().size())
                .or(() ->
                        Stream.concat(
                                        change.set().stream().map(ScramCredential::name),
                                        change.removed().stream())
                                .filter(name -> !isPrincipal(USER + name.user()))
                                .findFirst()
                                .flatMap(name -> invalidUser()))
                .or(() ->
                        change.set().stream()
                                .flatMap(credential -> violation(credential).stream())
                                .findFirst());
    }

    private static Optional<Problem> violation(ScramCredential credential) {
        ScramMechanism mechanism = credential.name().mechanism();
        if (!ScramMechanism.allowsIterations(credential.iterations())) {
            return malformed(
                    "A SCRAM credential cannot have %d iterations: use %d to %d."
                            .formatted(
                                    credential.iterations(),
                                    ScramMechanism.MIN_ITERATIONS,
                                    ScramMechanism.MAX_ITERATIONS));
        }
        if (credential.salt().isEmpty() || credential.salt().size() > MAX_SALT_BYTES) {
            return malformed(
                    "The salt of a SCRAM credential must have 1 to %d bytes."
                            .formatted(MAX_SALT_BYTES));
        }
        return credential.storedKey().size() == mechanism.keyBytes()
                        && credential.serverKey().size() == mechanism.keyBytes()
                ? Optional.empty()
                : malformed(
                        "The keys of %s must have %d bytes."
                                .formatted(mechanism.text(), mechanism.keyBytes()));
    }

    private static Optional<Problem> invalidUser() {
        return malformed(
                "The name of a user must have 1 to %d bytes in UTF-8."
                        .formatted(MAX_PRINCIPAL_BYTES - USER.length()));
    }

    private static Optional<Problem> outOfRange(long perSecond) {
        return malformed(
                "A quota cannot be %d per second: use 1 to %d, or remove the quota for no limit."
                        .formatted(perSecond, Quota.MAX_PER_SECOND));
    }

    private static Optional<Problem> tooMany(int changes, String what) {
        return changes <= MAX_CHANGES
                ? Optional.empty()
                : malformed(
                        "A request cannot change %d %s at once: send at most %d in a request."
                                .formatted(changes, what, MAX_CHANGES));
    }

    private static Optional<Problem> violation(Acl acl) {
        ResourcePattern resource = acl.resource();
        if (!isPrincipal(acl.principal())) {
            return invalidPrincipal();
        }
        if (!fits(acl.host(), MAX_HOST_BYTES)) {
            return malformed("The host of an ACL must be an IP address, or * for all addresses.");
        }
        if (!fits(resource.name(), MAX_NAME_BYTES)) {
            return malformed(
                    "The resource name of an ACL must have 1 to %d bytes in UTF-8."
                            .formatted(MAX_NAME_BYTES));
        }
        return resource.type() != ResourceType.CLUSTER || resource.equals(ResourcePattern.CLUSTER)
                ? Optional.empty()
                : malformed(
                        "An ACL of the cluster must have the literal resource name %s."
                                .formatted(ResourceType.CLUSTER_NAME));
    }

    private static Optional<Problem> invalidPrincipal() {
        return malformed(
                "A principal must have the form TYPE:NAME, such as User:alice, and at most %d bytes in UTF-8."
                        .formatted(MAX_PRINCIPAL_BYTES));
    }

    private static boolean isPrincipal(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && colon < text.length() - 1 && fits(text, MAX_PRINCIPAL_BYTES);
    }

    private static boolean fits(String text, int maxBytes) {
        return !text.isEmpty()
                && text.length() <= maxBytes
                && text.getBytes(StandardCharsets.UTF_8).length <= maxBytes;
    }

    private static Optional<Problem> malformed(String message) {
        return Optional.of(new Problem(Reason.MALFORMED_REQUEST, message));
    }
}
