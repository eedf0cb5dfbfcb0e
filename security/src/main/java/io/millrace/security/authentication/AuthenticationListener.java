package io.millrace.security.authentication;

import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Caller;
import java.util.List;

/**
 * Receives the results of authentications, for metrics and the audit log. Any thread; must not
 * block. Never receives a secret.
 */
public interface AuthenticationListener {

    /** Called for the first call with these credentials on a connection. */
    void accepted(AuthenticationMethod method, Caller caller);

    /**
     * Called for each rejected call.
     *
     * @param method the label of an {@link AuthenticationMethod}, or {@code none} for a call
     *     without credentials of an enabled method
     * @param host the IP address of the client in text form; empty if unknown
     * @param target the called method, such as {@code millrace.v1.Admin/CreateTopic}
     */
    void rejected(String method, String host, String target, Problem problem);

    /** Returns a listener that notifies several, in order. */
    static AuthenticationListener all(List<AuthenticationListener> listeners) {
        List<AuthenticationListener> each = List.copyOf(listeners);
        return new AuthenticationListener() {
            @Override
            public void accepted(AuthenticationMethod method, Caller caller) {
                each.forEach(listener -> listener.accepted(method, caller));
            }

            @Override
            public void rejected(String method, String host, String target, Problem problem) {
                each.forEach(listener -> listener.rejected(method, host, target, problem));
            }
        };
    }
}
