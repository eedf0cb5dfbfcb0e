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
            "Do once what is due for old data, and exit: retention, merges, what leaves memory, the"
                    + " search for what nothing names, and the deletion of what nothing needs.",
            "For clusters without a node that does so all the time (millrace node --roles"
                    + " compaction), run from a schedule. Where there are such nodes, it takes its"
                    + " share of their work.",
            "The exit code is 1 if something of it failed, was cut short, or met objects that are"
                    + " missing or damaged, or cannot be read: those are named, left out, and to be"
                    + " restored. It is 1 too if an object cannot be deleted."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  millrace compact --once --cluster logs --etcd http://localhost:2379 --bucket s3://logs"
        },
        sortOptions = false)
final class CompactCommand implements Callable<Integer> {

    @Option(names = "--once", required = true, description = "Exit when nothing is due any more.")
    boolean once;

    @Option(
            names = "--etcd",
            paramLabel = "URL[,URL...]",
            description = "Where etcd is, such as http://localhost:2379.")
    @Nullable String etcd;

    @Mixin BucketOptions bucket;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    @Override
    public Integer call() {
        ServerOptions.give(Setting.ROLES, "compaction");
        ServerOptions.give(Setting.ETCD, etcd);
        bucket.giveAll();
        // Nothing connects to this process, and fixed ports would collide with a node of the same
        // machine.
        ServerOptions.give(Setting.GRPC_PORT, "0");
        ServerOptions.give(Setting.HTTP_PORT, "0");
        return ServerApplication.launch(ServerApplication.Kind.COMPACT_ONCE);
    }
}
