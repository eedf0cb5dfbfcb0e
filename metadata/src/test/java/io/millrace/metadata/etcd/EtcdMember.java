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
 * One member of an {@link EtcdServer}: a process, which can be killed, stopped, paused and started
 * again from its disk at the same ports. Any one thread.
 */
@SystemAccess("waits for another process")
public final class EtcdMember implements AutoCloseable {

    /** The user and the role that etcd wants to be there. */
    static final String ROOT = "root";

    private static final int START_SECONDS = 60;

    private final List<String> command;
    private final Path log;
    private final URI endpoint;
    private final ManagedChannel channel;
    private Process process;

    /**
     * @param log to which the process writes
     * @param channel to its endpoint; closed with it
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
        // What etcd before 3.5 wants to hear there.
        if (System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64")) {
            builder.environment().put("ETCD_UNSUPPORTED_ARCH", "arm64");
        }
        return builder.start();
    }

    /** Where clients reach it. */
    public URI endpoint() {
        return endpoint;
    }

    /** Waits until it answers and knows a leader. */
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

    /** Whether it says of itself that it leads; false if it does not answer. */
    public boolean isLeader() {
        return status().filter(now -> now.getLeader() == now.getHeader().getMemberId()).isPresent();
    }

    /** The size of its database, or empty if it does not answer. */
    public Optional<Long> databaseBytes() {
        return status().map(StatusResponse::getDbSize);
    }

    /** Asks everyone for a password from now on, and knows one user, who may do everything. */
    void demandUser(String password) {
        AuthGrpc.AuthBlockingStub users =
                AuthGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        users.userAdd(AuthUserAddRequest.newBuilder().setName(ROOT).setPassword(password).build());
        users.userGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser(ROOT).setRole(ROOT).build());
        users.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    /** Sets the user's password to what it is, which takes its tokens away. */
    void forgetTokens(String password) {
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

    private MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
        return MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** Ends it at once, as a crash would. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it in an orderly way. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            kill();
        }
    }

    /** Starts it from its disk after {@link #kill} or {@link #stop}, and waits until it serves. */
    public void restart() throws IOException, InterruptedException {
        launchAgain();
        awaitReady();
    }

    /** Starts it from its disk, and does not wait: alone it may have no majority. */
    void launchAgain() throws IOException {
        process = launch();
    }

    /** Makes it hang: its connections stay, nothing answers. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets it go on after {@link #pause}. */
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
