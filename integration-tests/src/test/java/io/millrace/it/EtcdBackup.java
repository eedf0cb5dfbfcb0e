package io.millrace.it;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The operator's steps to restore an older etcd. Used by one thread. */
final class EtcdBackup {

    private final EtcdServer etcd;
    private final Path data;
    private final Path saved;

    /**
     * @param data the folder in which etcd was started
     * @param saved the folder for the backup
     */
    EtcdBackup(EtcdServer etcd, Path data, Path saved) {
        this.etcd = etcd;
        this.data = data;
        this.saved = saved;
    }

    /** Saves all data of etcd, which is stopped meanwhile. */
    void take() throws IOException, InterruptedException {
        etcd.kill();
        copy(data, saved);
        etcd.restart();
    }

    /** Starts etcd from the backup and raises the generation of the cluster. No node may run. */
    void restore(String cluster) throws IOException, InterruptedException {
        etcd.kill();
        Files.move(data, data.resolveSibling(data.getFileName() + ".lost"));
        copy(saved, data);
        etcd.restart();
        raiseGeneration(etcd, cluster);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    /** Informs the nodes of a restored etcd by a new generation of the cluster. */
    static void raiseGeneration(EtcdServer etcd, String cluster) {
        Etcd.Op raise =
                new Etcd.Op.Put(
                        "/millrace/" + cluster + "/generation",
                        "0000000000000002".getBytes(StandardCharsets.US_ASCII));
        try (ThreadedEventLoop own = new ThreadedEventLoop()) {
            EtcdSettings there =
                    EtcdSettings.of(etcd.endpoints(), Optional.empty(), Optional.empty());
            Etcd operator = JetcdEtcd.open(there, own.loop, new SplittableRandom(1));
            own.call(() -> operator.txn(List.of(), List.of(raise), List.of()));
            own.run(operator::close);
        }
    }
}
