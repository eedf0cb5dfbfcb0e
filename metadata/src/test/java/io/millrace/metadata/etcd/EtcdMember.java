package io.millrace.metadata.etcd;

import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserChangePasswordRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A member of an {@link EtcdServer}: a process that can be killed, stopped, paused and restarted
 * from its disk at the same ports. One thread at a time.
 */
@SystemAccess("waits for another process")
public final class EtcdMember implements AutoCloseable {

    /** The name of the user and the role that etcd requires. */
    static final String ROOT = "root";

    private static final int START_SECONDS = 60;

    private final List<String> command;
    private final Path log;
    private final URI endpoint;
    private final ManagedChannel channel;
    private Process process;

    /**
     * @param log the log file of the process
     * @param channel the channel to the endpoint; closed with the member
     */
    EtcdMember(List<String> command, Path log, URI endpoint, ManagedChannel channel)
            throws IOException {
        this.command = List.copyOf(command);
        this.log = log;
        this.endpoint = endpoint;
        this.channel = channel;
        this.process = launch();
    }

    private Process launch() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_"));
        // etcd before 3.5 requires this variable on this architecture.
        if (System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64")) {
            builder.environment().put("ETCD_UNSUPPORTED_ARCH", "arm64");
        }
        return builder.start();
    }

    /** Returns the endpoint for clients. */
    public URI endpoint() {
        return endpoint;
    }

    /** Waits until the member answers and has a leader. */
    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (status().filter(now -> now.getLeader() != 0).isEmpty()) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                close();
                throw new IOException("etcd did not start:\n" + Files.readString(log));
            }
        }
    }

    private Optional<StatusResponse> status() {
        channel.resetConnectBackoff();
        try {
            return Optional.of(
                    MaintenanceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(1, TimeUnit.SECONDS)
                            .status(StatusRequest.getDefaultInstance()));
        } catch (StatusRuntimeException notNow) {
            return Optional.empty();
        }
    }

    /** Returns whether the member reports itself as leader; false if it does not answer. */
    public boolean isLeader() {
        return status().filter(now -> now.getLeader() == now.getHeader().getMemberId()).isPresent();
    }

    /** Returns the size of the member's database; empty if the member does not answer. */
    public Optional<Long> databaseBytes() {
        return status().map(StatusResponse::getDbSize);
    }

    /** Enables authentication with one user, who has all rights. */
    void enableAuthentication(String password) {
        AuthGrpc.AuthBlockingStub users =
                AuthGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        users.userAdd(AuthUserAddRequest.newBuilder().setName(ROOT).setPassword(password).build());
        users.userGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser(ROOT).setRole(ROOT).build());
        users.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    /** Sets the user's password again, which invalidates all tokens. */
    void invalidateTokens(String password) {
        AuthGrpc.AuthBlockingStub users =
                AuthGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER),
                users.authenticate(
                                AuthenticateRequest.newBuilder()
                                        .setName(ROOT)
                                        .setPassword(password)
                                        .build())
                        .getToken());
        users.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .userChangePassword(
                        AuthUserChangePasswordRequest.newBuilder()
                                .setName(ROOT)
                                .setPassword(password)
                                .build());
    }

    /** Kills the process. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops the process in an orderly way. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            kill();
        }
    }

    /**
     * Starts the member from its disk after {@link #kill} or {@link #stop} and waits until it
     * serves.
     */
    public void restart() throws IOException, InterruptedException {
        launchWithoutWaiting();
        awaitReady();
    }

    /**
     * Starts the member from its disk without waiting, because a single member may lack a majority.
     */
    void launchWithoutWaiting() throws IOException {
        process = launch();
    }

    /** Suspends the process: connections stay open, but calls are not answered. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes the process after {@link #pause}. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("no signal " + name + " to etcd");
        }
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        kill();
    }
}
