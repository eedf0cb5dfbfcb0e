package io.millrace.server;

import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdRestore;
import io.millrace.metadata.restore.RestoreTarget;
import io.millrace.server.backup.BackupLocation;
import io.millrace.server.backup.ClusterRestore;
import io.millrace.server.backup.RestoreOptions;
import io.millrace.server.node.ClusterAccess;
import io.millrace.server.settings.LogLocation;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace cluster restore}: creates the metadata log of a cluster from its bucket. */
@Command(
        name = "restore",
        description = {
            "Restore a cluster whose etcd is lost: create its metadata log in an empty etcd from"
                    + " the checkpoints and archives in the bucket, under a new generation. Stop"
                    + " all nodes before, and start them afterwards.",
            "Prints the restored point and what is lost. Nothing is written before everything was"
                    + " read and verified; an interrupted restore is repeated by running it again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace cluster restore --cluster logs --etcd http://localhost:2379 --bucket s3://logs --dry-run",
            "  millrace cluster restore --cluster logs --etcd http://localhost:2379 --bucket s3://logs",
            "  millrace cluster restore --cluster logs --etcd http://localhost:2379 --bucket s3://logs --to 2026-03-01T12:00:00Z",
            "  millrace cluster restore --cluster logs --etcd http://localhost:2379 --bucket s3://logs --from s3://backups/logs"
        },
        sortOptions = false)
final class RestoreCommand extends BucketCommand {

    @Option(
            names = "--etcd",
            paramLabel = "URL[,URL...]",
            description = "Addresses of etcd, which has no keys of the cluster.")
    @Nullable String etcd;

    @Option(
            names = "--to",
            paramLabel = "ENTRY|TIME",
            description =
                    "Restore an older point: up to an entry, or up to the first block that was"
                            + " stored after a time, such as 2026-03-01T12:00:00Z. Default: the"
                            + " newest point.")
    @Nullable String to;

    @Option(
            names = "--from",
            paramLabel = "file:DIR|s3://NAME[/PREFIX]",
            description =
                    "Restore from a backup: its metadata, and its objects where the bucket lacks"
                            + " them, are copied into the bucket. Default: the bucket alone.")
    @Nullable String from;

    @Option(
            names = "--generation",
            paramLabel = "N",
            description =
                    "Restore the log of this generation, such as the one before an earlier"
                            + " restore. Default: the newest.")
    @Nullable Long generation;

    @Option(
            names = "--verify",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "List the bucket to find referenced objects that are missing; one LIST request"
                            + " for each 1,000 objects. Default: yes.")
    boolean verify;

    @Option(
            names = "--allow-missing",
            description = "Restore although objects are missing. Their records are lost.")
    boolean allowMissing;

    @Option(
            names = "--dry-run",
            description = "Read and verify everything, print the report, and write nothing.")
    boolean dryRun;

    @Override
    void run(CommandSettings settings, ClusterAccess access) {
        ServerSettings own = settings.node();
        LogLocation.Cluster place = (LogLocation.Cluster) own.log();
        ClusterRestore.Place target =
                new ClusterRestore.Place(access.bucket(own), own.bucket().toString());
        new ClusterRestore(
                        own.cluster(),
                        target,
                        Optional.ofNullable(from).map(text -> backup(text, own, settings, access)),
                        new EtcdRestore(
                                access.loop(),
                                access.etcd(place.etcd()),
                                own.cluster(),
                                EtcdLogSettings.DEFAULTS,
                                access.random()),
                        access.random(),
                        BucketCommand::print)
                .run(
                        new RestoreOptions(
                                point(),
                                generation == null
                                        ? OptionalLong.empty()
                                        : OptionalLong.of(generation),
                                verify,
                                allowMissing,
                                dryRun));
    }

    private ClusterRestore.Backup backup(
            String text, ServerSettings own, CommandSettings settings, ClusterAccess access) {
        BackupLocation location = location("--from", text, own.bucket());
        return new ClusterRestore.Backup(
                location.within(access.bucket(settings.otherBucket(location.address())).metadata()),
                location.toString());
    }

    private RestoreTarget point() {
        if (to == null) {
            return new RestoreTarget.Newest();
        }
        try {
            return RestoreTarget.parse(to);
        } catch (IllegalArgumentException illegal) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--to must be %s, not \"%s\".".formatted(illegal.getMessage(), to));
        }
    }

    @Override
    public Integer call() {
        ServerOptions.setProperty(Setting.ETCD, etcd);
        return super.call();
    }
}
