package io.millrace.server;

import io.millrace.server.backup.BackupLocation;
import io.millrace.server.backup.ClusterBackup;
import io.millrace.server.backup.ClusterRestore;
import io.millrace.server.node.ClusterAccess;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace cluster backup}: copies the metadata of a cluster out of its bucket. */
@Command(
        name = "backup",
        description = {
            "Copy the newest checkpoint of the metadata and the archives after it from the bucket"
                    + " to another place, on request with all objects that hold records. The"
                    + " cluster may run meanwhile; etcd is not needed.",
            "What the other place already has is skipped, checksums are verified, and the log"
                    + " manifest is written last: an interrupted backup has none."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace cluster backup --cluster logs --bucket s3://logs --to s3://backups/logs",
            "  millrace cluster backup --cluster logs --bucket s3://logs --to file:/backup --objects"
        },
        sortOptions = false)
final class BackupCommand extends BucketCommand {

    @Option(
            names = "--to",
            required = true,
            paramLabel = "file:DIR|s3://NAME[/PREFIX]",
            description = "Place of the backup, on the same S3 server as the bucket.")
    @Nullable String to;

    @Option(
            names = "--objects",
            description = "Copy the objects with records too, not only the metadata.")
    boolean objects;

    @Override
    void run(CommandSettings settings, ClusterAccess access) {
        ServerSettings own = settings.bucketOnly();
        BackupLocation target = location("--to", to, own.bucket());
        ObjectStore there =
                target.within(access.bucket(settings.otherBucket(target.address())).metadata());
        new ClusterBackup(
                        own.cluster(),
                        new ClusterRestore.Place(access.bucket(own), own.bucket().toString()),
                        there,
                        target.toString(),
                        access.random(),
                        BucketCommand::print)
                .run(objects);
    }
}
