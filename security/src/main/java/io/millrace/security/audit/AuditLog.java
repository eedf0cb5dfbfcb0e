package io.millrace.security.audit;

import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Caller;

/**
 * A log of administrative operations and of refused operations of all kinds. Any thread. Never
 * blocks and never fails: what cannot be written is counted.
 */
public interface AuditLog {

    /** Records nothing. */
    AuditLog NONE =
            new AuditLog() {
                @Override
                public boolean isOn() {
                    return false;
                }

                @Override
                public void succeeded(
                        Caller caller, String method, String resource, String request) {}

                @Override
                public void failed(
                        Caller caller, String method, String resource, Problem problem) {}

                @Override
                public void refused(
                        Caller caller, String method, String resource, Problem problem) {}

                @Override
                public void unauthenticated(String host, String method, Problem problem) {}
            };

    /** Returns false if calls have no effect, so that callers need not prepare their texts. */
    boolean isOn();

    /** Records an administrative operation that was executed. */
    void succeeded(Caller caller, String method, String resource, String request);

    /** Records an administrative operation that failed for another reason than a lack of rights. */
    void failed(Caller caller, String method, String resource, Problem problem);

    /** Records an operation that was refused for a lack of rights. Limited to a rate. */
    void refused(Caller caller, String method, String resource, Problem problem);

    /** Records an attempt to authenticate that was refused. Limited to a rate for each host. */
    void unauthenticated(String host, String method, Problem problem);
}
