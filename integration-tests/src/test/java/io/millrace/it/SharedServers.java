package io.millrace.it;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.object.s3.S3ProxyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The etcd server and the S3 server that the tests of this JVM share. Each starts at its first use
 * and stops with the JVM. A test that stops a server, delays it or counts its requests starts its
 * own. Thread-safe.
 */
@SystemAccess("stops servers when the JVM exits")
final class SharedServers {

    private static @Nullable Path folder;
    private static @Nullable EtcdServer etcd;
    private static @Nullable S3ProxyServer s3;
    private static int names;

    private SharedServers() {}

    /**
     * An empty bucket of one test.
     *
     * @param name the name of the bucket
     * @param endpoint the address of its server
     */
    record Bucket(String name, URI endpoint) {

        /** Returns the value of {@code --bucket}. */
        String url() {
            return "s3://" + name;
        }
    }

    /** Returns the etcd server. Each cluster there has a {@link #newName name} of its own. */
    static synchronized EtcdServer etcd() throws IOException, InterruptedException {
        if (etcd == null) {
            etcd = EtcdServer.start(folder().resolve("etcd"));
        }
        return etcd;
    }

    /** Creates a bucket. */
    static synchronized Bucket newBucket() throws IOException, InterruptedException {
        if (s3 == null) {
            s3 = S3ProxyServer.start(Files.createDirectories(folder().resolve("s3")));
        }
        String name = newName();
        s3.createBucket(name);
        return new Bucket(name, s3.endpoint());
    }

    /** Returns a name that no other test of this JVM uses. */
    static synchronized String newName() {
        return "test-" + ++names;
    }

    private static Path folder() throws IOException {
        if (folder == null) {
            folder = Files.createTempDirectory("millrace-shared-");
            Runtime.getRuntime().addShutdownHook(new Thread(SharedServers::stop));
        }
        return folder;
    }

    private static synchronized void stop() {
        try {
            if (etcd != null) {
                etcd.close();
            }
            if (s3 != null) {
                s3.close();
            }
            if (folder != null) {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
