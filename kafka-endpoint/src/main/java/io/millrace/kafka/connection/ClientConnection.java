package io.millrace.kafka.connection;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.security.authorization.Authorizer;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/** The connection of a client, as request handlers see it. */
public interface ClientConnection {

    /** Returns a number that is unique in the process, also among gRPC connections. */
    long id();

    /** Returns the listener that accepted the connection. */
    KafkaListener listener();

    InetAddress peer();

    /** Returns the identity of the client. On the event loop only. */
    ClientIdentity identity();

    Authorizer authorizer();

    /** Returns the record of refused requests. */
    RequestAudit audit();

    /** Returns the event loop that owns the connection. */
    Executor loop();

    /** Closes the connection without further answers. Any thread; idempotent. */
    void close();
}
