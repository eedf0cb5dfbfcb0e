package io.millrace.metadata.codec;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.proto.AclsChanged;
import io.millrace.metadata.proto.QuotasChanged;
import io.millrace.metadata.proto.ScramCredentialsChanged;
import io.millrace.metadata.proto.StoredAcl;
import io.millrace.metadata.proto.StoredQuota;
import io.millrace.metadata.proto.StoredScramCredential;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;

/**
 * The codec of the commands of ACLs, quotas and credentials, and of the codes in their rows, which
 * checkpoints have too. An unknown code is an {@link UnsupportedEntryException}, because a later
 * version may have added it.
 */
public final class SecurityCodec {

    private SecurityCodec() {}

    static AclsChanged encode(Command.AclsChanged command) {
        AclsChanged.Builder out = AclsChanged.newBuilder();
        command.added().forEach(acl -> out.addAdded(encode(acl)));
        command.removed().forEach(acl -> out.addRemoved(encode(acl)));
        return out.build();
    }

    private static StoredAcl encode(Acl acl) {
        return StoredAcl.newBuilder()
                .setPrincipal(acl.principal())
                .setHost(acl.host())
                .setOperation(acl.operation().code())
                .setPermission(acl.permission().code())
                .setResourceType(acl.resource().type().code())
                .setMatch(acl.resource().match().code())
                .setName(acl.resource().name())
                .build();
    }

    static Command.AclsChanged decode(AclsChanged in) {
        return new Command.AclsChanged(
                in.getAddedList().stream().map(SecurityCodec::decode).toList(),
                in.getRemovedList().stream().map(SecurityCodec::decode).toList());
    }

    private static Acl decode(StoredAcl in) {
        return new Acl(
                in.getPrincipal(),
                in.getHost(),
                operation(in.getOperation()),
                permission(in.getPermission()),
                new ResourcePattern(
                        type(in.getResourceType()), match(in.getMatch()), in.getName()));
    }

    static QuotasChanged encode(Command.QuotasChanged command) {
        QuotasChanged.Builder out = QuotasChanged.newBuilder();
        for (Quota quota : command.set()) {
            out.addSet(encode(quota.key()).setPerSecond(quota.perSecond()));
        }
        command.removed().forEach(key -> out.addRemoved(encode(key)));
        return out.build();
    }

    private static StoredQuota.Builder encode(QuotaKey key) {
        return StoredQuota.newBuilder().setPrincipal(key.principal()).setKind(key.kind().code());
    }

    static Command.QuotasChanged decode(QuotasChanged in) {
        return new Command.QuotasChanged(
                in.getSetList().stream()
                        .map(quota -> new Quota(key(quota), quota.getPerSecond()))
                        .toList(),
                in.getRemovedList().stream().map(SecurityCodec::key).toList());
    }

    private static QuotaKey key(StoredQuota in) {
        return new QuotaKey(in.getPrincipal(), quotaKind(in.getKind()));
    }

    static ScramCredentialsChanged encode(Command.ScramCredentialsChanged command) {
        ScramCredentialsChanged.Builder out = ScramCredentialsChanged.newBuilder();
        for (ScramCredential credential : command.set()) {
            out.addSet(
                    encode(credential.name())
                            .setIterations(credential.iterations())
                            .setSalt(credential.salt())
                            .setStoredKey(credential.storedKey())
                            .setServerKey(credential.serverKey()));
        }
        command.removed().forEach(name -> out.addRemoved(encode(name)));
        return out.build();
    }

    private static StoredScramCredential.Builder encode(ScramName name) {
        return StoredScramCredential.newBuilder()
                .setUser(name.user())
                .setMechanism(name.mechanism().code());
    }

    static Command.ScramCredentialsChanged decode(ScramCredentialsChanged in) {
        return new Command.ScramCredentialsChanged(
                in.getSetList().stream()
                        .map(credential ->
                                new ScramCredential(
                                        name(credential),
                                        credential.getIterations(),
                                        credential.getSalt(),
                                        credential.getStoredKey(),
                                        credential.getServerKey()))
                        .toList(),
                in.getRemovedList().stream().map(SecurityCodec::name).toList());
    }

    private static ScramName name(StoredScramCredential in) {
        return new ScramName(in.getUser(), scramMechanism(in.getMechanism()));
    }

    public static Operation operation(int code) {
        return Operation.withCode(code).orElseThrow(() -> unknown("operation", code));
    }

    public static Permission permission(int code) {
        return Permission.withCode(code).orElseThrow(() -> unknown("permission", code));
    }

    public static ResourceType type(int code) {
        return ResourceType.withCode(code).orElseThrow(() -> unknown("resource type", code));
    }

    public static ResourcePattern.Match match(int code) {
        return ResourcePattern.Match.withCode(code).orElseThrow(() -> unknown("match", code));
    }

    public static QuotaKind quotaKind(int code) {
        return QuotaKind.withCode(code).orElseThrow(() -> unknown("kind of quota", code));
    }

    public static ScramMechanism scramMechanism(int code) {
        return ScramMechanism.withCode(code).orElseThrow(() -> unknown("mechanism of SCRAM", code));
    }

    private static UnsupportedEntryException unknown(String what, int code) {
        return new UnsupportedEntryException(
                "The metadata contains the unknown %s %d, of a newer version of Millrace: start the node with that version."
                        .formatted(what, code));
    }
}
