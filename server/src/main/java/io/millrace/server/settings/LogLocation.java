package io.millrace.server.settings;

import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.membership.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** The location of the metadata log, which determines the processes that share the log. */
public sealed interface LogLocation {

    /** A local folder, used by one process. */
    record Folder(Path data) implements LogLocation {
        @Override
        public String toString() {
            return "data=" + data;
        }
    }

    /**
     * An etcd cluster, shared by all nodes of the Millrace cluster.
     *
     * @param nodeId the node's id, unique in the cluster; empty to derive the id from host name and
     *     port
     * @param advertised the address for clients and other nodes; empty for the listen address
     * @param life the time after the last renewal when the cluster declares a node dead
     * @param sealAge the age at which log entries move from etcd to the bucket
     * @param metadataRetention the maximum age of an etcd backup that can still be restored
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
     * A network address.
     *
     * @param port the port; empty for the port that the server listens on
     */
    record Address(String host, Optional<Integer> port) {}
}
