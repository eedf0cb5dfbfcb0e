package io.millrace.server;

import io.millrace.server.settings.Setting;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace node}: starts one node of a cluster. */
@Command(
        name = "node",
        description = "Start a node of a cluster. The nodes share an etcd and a bucket.",
        footerHeading = "%nExample:%n",
        footer = {
            "  millrace node --cluster logs --etcd http://localhost:2379 --bucket s3://logs --zone a",
            "",
            "docs/configuration.md lists all settings and the other ways to set them."
        },
        sortOptions = false)
final class NodeCommand implements Callable<Integer> {

    @Option(
            names = "--roles",
            paramLabel = "ROLE[,ROLE]",
            description = "Roles of the node: ingest, fetch, compaction. Default: all.")
    @Nullable String roles;

    @Option(
            names = "--etcd",
            paramLabel = "URL[,URL...]",
            description = "Addresses of etcd, such as http://localhost:2379.")
    @Nullable String etcd;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            description = "Availability zone of the node. Clients prefer nodes of their own zone.")
    @Nullable String zone;

    @Option(
            names = "--node-id",
            paramLabel = "ID",
            description =
                    "Id of the node, unique in the cluster. Default: host name and gRPC port.")
    @Nullable String nodeId;

    @Option(
            names = "--advertise",
            paramLabel = "HOST[:PORT]",
            description =
                    "Address at which clients and nodes reach its gRPC port. Default: the listen"
                            + " address.")
    @Nullable String advertise;

    @Mixin ServerOptions options;

    @Override
    public Integer call() {
        ServerOptions.setProperty(Setting.ROLES, roles);
        ServerOptions.setProperty(Setting.ETCD, etcd);
        ServerOptions.setProperty(Setting.ZONE, zone);
        ServerOptions.setProperty(Setting.NODE_ID, nodeId);
        ServerOptions.setProperty(Setting.ADVERTISE, advertise);
        options.setProperties();
        return ServerApplication.launch(ServerApplication.Kind.NODE);
    }
}
