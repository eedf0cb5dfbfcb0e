package io.millrace.kafka.connection;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Caller;
import java.util.Optional;

/** Records administrative and refused requests. Any thread; must not block. */
public interface RequestAudit {

    /** Records nothing. */
    RequestAudit NONE =
            new RequestAudit() {
                @Override
                public boolean isOn() {
                    return false;
                }

                @Override
                public void refused(
                        Caller caller,
                        String api,
                        Operation operation,
                        ResourceType type,
                        String name) {}

                @Override
                public void executed(
                        Caller caller,
                        String api,
                        String resources,
                        String request,
                        Optional<Problem> failure) {}
            };

    /** Returns false if calls have no effect, so that callers need not prepare their texts. */
    boolean isOn();

    /** Records a request that was refused for a lack of rights. */
    void refused(Caller caller, String api, Operation operation, ResourceType type, String name);

    /**
     * Records an administrative request that the caller had rights for.
     *
     * @param resources the resources that the request needed rights on
     * @param failure the first error of the answer, by Kafka's name; REQUEST_TIMED_OUT if the
     *     connection was closed before the answer
     */
    void executed(
            Caller caller, String api, String resources, String request, Optional<Problem> failure);
}
