package io.millrace.server;

import io.millrace.server.settings.Setting;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace compact}: runs the compaction jobs of a cluster once. */
@Command(
        name = "compact",
        description = {
            "Run the compaction jobs once and exit: retention, merges, offloading of"
                    + " extents, orphan search, and deletion of unreferenced objects.",
            "Run it on a schedule in clusters without compaction nodes (millrace node"
                    + " --roles compaction). In a cluster with such nodes, it does its part of their"
                    + " work.",
            "The exit code is 1 if a job failed or was interrupted, if an object is"
                    + " missing, damaged or unreadable, or if an object cannot be deleted. The log"
                    + " names the objects; missing, damaged or unreadable ones are skipped and must"
                    + " be restored."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  millrace compact --once --cluster logs --etcd http://localhost:2379 --bucket s3://logs"
        },
        sortOptions = false)
final class CompactCommand implements Callable<Integer> {

    @Option(names = "--once", required = true, description = "Exit when no more work is due.")
    boolean once;

    @Option(
            names = "--etcd",
            paramLabel = "URL[,URL...]",
            description = "Addresses of etcd, such as http://localhost:2379.")
    @Nullable String etcd;

    @Mixin BucketOptions bucket;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    @Override
    public Integer call() {
        ServerOptions.setProperty(Setting.ROLES, "compaction");
        ServerOptions.setProperty(Setting.ETCD, etcd);
        bucket.setProperties();
        // No client connects to this process, and fixed ports would collide with a node of the
        // machine.
        ServerOptions.setProperty(Setting.GRPC_PORT, "0");
        ServerOptions.setProperty(Setting.MANAGEMENT_PORT, "0");
        ServerOptions.setProperty(Setting.KAFKA_PORT, "off");
        return ServerApplication.launch(ServerApplication.Kind.COMPACT_ONCE);
    }
}
