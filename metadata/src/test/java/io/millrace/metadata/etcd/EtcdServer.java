package io.millrace.metadata.etcd;

import io.grpc.netty.NettyChannelBuilder;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.net.StablePorts;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A real etcd with one or several members, each a process with its data in a folder. For the ITs of
 * all modules. One thread at a time.
 */
@SystemAccess("waits for other processes")
public final class EtcdServer implements AutoCloseable {

    private static final int ELECTION_SECONDS = 30;

    private final List<EtcdMember> members;

    private EtcdServer(List<EtcdMember> members) {
        this.members = List.copyOf(members);
    }

    /** Starts one member and waits until it serves. */
    public static EtcdServer start(Path folder) throws IOException, InterruptedException {
        return start(folder, 1);
    }

    /**
     * Starts a cluster and waits until it serves.
     *
     * @param flags further flags of every member, such as {@code --quota-backend-bytes=8388608}
     */
    public static EtcdServer start(Path folder, int size, String... flags)
            throws IOException, InterruptedException {
        return start(folder, size, "http", NettyChannelBuilder::usePlaintext, List.of(flags));
    }

    /**
     * Starts one member with TLS that accepts only clients with this certificate, and waits until
     * it serves.
     */
    public static EtcdServer startEncrypted(Path folder, EtcdCertificate certificate)
            throws IOException, InterruptedException {
        SslContext tls = certificate.forClient();
        return start(
                folder,
                1,
                "https",
                builder -> builder.sslContext(tls),
                List.of(
                        "--cert-file=" + certificate.certificate(),
                        "--key-file=" + certificate.key(),
                        "--trusted-ca-file=" + certificate.certificate(),
                        "--client-cert-auth=true"));
    }

    private static EtcdServer start(
            Path folder,
            int size,
            String scheme,
            UnaryOperator<NettyChannelBuilder> security,
            List<String> flags)
            throws IOException, InterruptedException {
        String program = EtcdBinary.find().toString();
        Files.createDirectories(folder);
        List<URI> peers = new ArrayList<>();
        List<String> cluster = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            peers.add(URI.create("http://127.0.0.1:" + StablePorts.next()));
            cluster.add("m%d=%s".formatted(i, peers.get(i)));
        }
        List<EtcdMember> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int port = StablePorts.next();
            String client = scheme + "://127.0.0.1:" + port;
            List<String> command = new ArrayList<>();
            command.add(program);
            command.add("--name=m" + i);
            command.add("--data-dir=" + folder.resolve("m" + i));
            command.add("--listen-client-urls=" + client);
            command.add("--advertise-client-urls=" + client);
            command.add("--listen-peer-urls=" + peers.get(i));
            command.add("--initial-advertise-peer-urls=" + peers.get(i));
            command.add("--initial-cluster=" + String.join(",", cluster));
            command.add("--heartbeat-interval=50");
            command.add("--election-timeout=500");
            command.add("--log-level=warn");
            command.addAll(flags);
            members.add(
                    new EtcdMember(
                            command,
                            folder.resolve("m" + i + ".log"),
                            URI.create(client),
                            security.apply(NettyChannelBuilder.forAddress("127.0.0.1", port))
                                    .build()));
        }
        EtcdServer server = new EtcdServer(members);
        server.awaitReady();
        return server;
    }

    private void awaitReady() throws IOException, InterruptedException {
        try {
            for (EtcdMember member : members) {
                member.awaitReady();
            }
        } catch (IOException failure) {
            close();
            throw failure;
        }
    }

    /** Returns the endpoints for clients. */
    public List<URI> endpoints() {
        return members.stream().map(EtcdMember::endpoint).toList();
    }

    /** Returns {@link #endpoints} in the form of a node's command line. */
    public String addresses() {
        return endpoints().stream().map(URI::toString).collect(Collectors.joining(","));
    }

    public List<EtcdMember> members() {
        return members;
    }

    /** Returns the leader; waits for an election if necessary. */
    public EtcdMember leader() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ELECTION_SECONDS);
        while (System.nanoTime() < deadline) {
            for (EtcdMember member : members) {
                if (member.isLeader()) {
                    return member;
                }
            }
        }
        throw new IOException("etcd elects no leader");
    }

    /** Kills all members. */
    public void kill() throws InterruptedException {
        for (EtcdMember member : members) {
            member.kill();
        }
    }

    /** Starts all members from their disks after {@link #kill} and waits until they serve. */
    public void restart() throws IOException, InterruptedException {
        for (EtcdMember member : members) {
            member.launchWithoutWaiting();
        }
        awaitReady();
    }

    /**
     * Enables authentication with one user.
     *
     * @return the user's name
     */
    public String enableAuthentication(String password) {
        members.getFirst().enableAuthentication(password);
        return EtcdMember.ROOT;
    }

    /**
     * Invalidates all tokens, as after their expiry.
     *
     * @param password the password of the user
     */
    public void invalidateTokens(String password) {
        members.getFirst().invalidateTokens(password);
    }

    /** Returns the number of transactions since the start, as counted by etcd. */
    public long transactions() throws IOException, InterruptedException {
        double sum = 0;
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (EtcdMember member : members) {
                HttpRequest request =
                        HttpRequest.newBuilder(member.endpoint().resolve("/metrics")).build();
                String all = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
                sum +=
                        all.lines()
                                .filter(EtcdServer::countsTransactions)
                                .mapToDouble(line ->
                                        Double.parseDouble(
                                                line.substring(line.lastIndexOf(' ') + 1)))
                                .sum();
            }
        }
        return Math.round(sum);
    }

    private static boolean countsTransactions(String line) {
        return line.startsWith("grpc_server_handled_total{")
                && line.contains("grpc_method=\"Txn\"");
    }

    @Override
    public void close() throws InterruptedException {
        for (EtcdMember member : members) {
            member.close();
        }
    }
}
