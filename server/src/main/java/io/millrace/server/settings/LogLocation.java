package io.millrace.server.settings;

import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.membership.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Where the metadata log is, and so who shares it. */
public sealed interface LogLocation {

    /**
     * A folder of this machine, which one process uses.
     *
     * @param data the folder
     */
    record Folder(Path data) implements LogLocation {
        @Override
        public String toString() {
            return "data=" + data;
        }
    }

    /**
     * etcd, which all nodes of the cluster use.
     *
     * @param nodeId unique in the cluster; empty for one made of the machine's name and the port
     * @param roles what this node does, not empty
     * @param zone where it is; empty if that is not known
     * @param advertised where clients and other nodes reach it; empty for where it listens
     * @param life how long the others take this node for live after they heard of it last
     * @param sealAge how long entries of the log stay in etcd before they go to the bucket
     * @param metadataRetention how old a backup of etcd may be that can be restored
     */
    record Cluster(
            EtcdSettings etcd,
            Optional<String> nodeId,
            Set<Role> roles,
            String zone,
            Optional<Address> advertised,
            Duration life,
            Duration sealAge,
            Duration metadataRetention)
            implements LogLocation {

        public Cluster {
            roles = Set.copyOf(roles);
        }

        @Override
        public String toString() {
            return "etcd="
                    + String.join(",", etcd.endpoints().stream().map(Object::toString).toList());
        }
    }

    /**
     * Where something is reached.
     *
     * @param port empty for the one that is listened on
     */
    record Address(String host, Optional<Integer> port) {}
}
