package io.millrace.metadata.membership.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.proto.NodeRegistration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys and values of node registrations in etcd. */
final class NodeKeys {

    private final String prefix;

    NodeKeys(String cluster) {
        prefix = "/millrace/" + cluster + "/nodes/";
    }

    String keyOf(String node) {
        return prefix + node;
    }

    String nodeOf(String key) {
        return key.substring(prefix.length());
    }

    String rangeStart() {
        return prefix;
    }

    String rangeEnd() {
        return prefix.substring(0, prefix.length() - 1) + (char) ('/' + 1);
    }

    static byte[] encode(RegisteredNode member) {
        NodeRegistration.Builder out =
                NodeRegistration.newBuilder()
                        .setIncarnation(member.incarnation())
                        .setZone(member.zone())
                        .setHost(member.host())
                        .setPort(member.port())
                        .setFeatureLevel(member.featureLevel())
                        .setMetadataBytes(member.metadataBytes())
                        .setVersion(member.version());
        member.kafka().forEach((listener, address) -> put(out, listener, address));
        member.roles().stream()
                .sorted()
                .forEach(role -> out.addRoles(role.name().toLowerCase(Locale.ROOT)));
        return out.build().toByteArray();
    }

    private static void put(
            NodeRegistration.Builder out, KafkaListener listener, NodeAddress address) {
        switch (listener) {
            case INTERNAL -> out.setKafkaHost(address.host()).setKafkaPort(address.port());
            case EXTERNAL ->
                    out.setKafkaExternalHost(address.host()).setKafkaExternalPort(address.port());
        }
    }

    private static Map<KafkaListener, NodeAddress> kafka(NodeRegistration in) {
        Map<KafkaListener, NodeAddress> kafka = new EnumMap<>(KafkaListener.class);
        if (!in.getKafkaHost().isEmpty()) {
            kafka.put(
                    KafkaListener.INTERNAL, new NodeAddress(in.getKafkaHost(), in.getKafkaPort()));
        }
        if (!in.getKafkaExternalHost().isEmpty()) {
            kafka.put(
                    KafkaListener.EXTERNAL,
                    new NodeAddress(in.getKafkaExternalHost(), in.getKafkaExternalPort()));
        }
        return kafka;
    }

    /** Decodes a registration; empty for any other value. */
    Optional<RegisteredNode> decode(Etcd.KeyValue key) {
        try {
            NodeRegistration in = NodeRegistration.parseFrom(key.value());
            Set<Role> roles = EnumSet.noneOf(Role.class);
            for (Role role : Role.values()) {
                if (in.getRolesList().contains(role.name().toLowerCase(Locale.ROOT))) {
                    roles.add(role);
                }
            }
            return Optional.of(
                    new RegisteredNode(
                            nodeOf(key.key()),
                            in.getIncarnation(),
                            roles,
                            in.getZone(),
                            in.getHost(),
                            in.getPort(),
                            in.getFeatureLevel(),
                            in.getMetadataBytes(),
                            in.getVersion(),
                            kafka(in),
                            key.createRevision()));
        } catch (InvalidProtocolBufferException foreign) {
            return Optional.empty();
        }
    }
}
