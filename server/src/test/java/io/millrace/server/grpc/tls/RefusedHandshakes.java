package io.millrace.server.grpc.tls;

import io.millrace.protocol.error.Problem;
import io.millrace.security.audit.AuditLog;
import io.millrace.security.principal.Caller;
import io.millrace.server.grpc.RunningNode;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An audit log that keeps the rejected attempts to authenticate in memory. */
final class RefusedHandshakes implements AuditLog {

    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** Waits for a line that contains all texts. */
    void awaitLine(String... texts) {
        RunningNode.await(() ->
                lines.stream().anyMatch(line -> Arrays.stream(texts).allMatch(line::contains)));
    }

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public void succeeded(Caller caller, String method, String resource, String request) {}

    @Override
    public void failed(Caller caller, String method, String resource, Problem problem) {}

    @Override
    public void refused(Caller caller, String method, String resource, Problem problem) {}

    @Override
    public void unauthenticated(String host, String method, Problem problem) {
        lines.add(host + " " + method + " " + problem.message());
    }
}
