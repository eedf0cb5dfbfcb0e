package io.millrace.server.grpc.call;

import io.grpc.ServerServiceDefinition;
import io.millrace.server.grpc.GrpcEndpoint;

/** A gRPC service that {@link GrpcEndpoint} can serve. */
public interface GrpcService {

    /** The senders of a service's calls. */
    enum Audience {
        /** Clients, which the endpoint authenticates. */
        CLIENTS,
        /** Nodes of the cluster, which the service itself authenticates. */
        NODES
    }

    ServerServiceDefinition bind();

    Audience audience();
}
