package io.millrace.server.grpc.call;

import io.grpc.ServerServiceDefinition;
import io.millrace.server.grpc.GrpcEndpoint;

/** gRPC service that {@link GrpcEndpoint} can serve. */
public interface GrpcService {

    /** Returns the service's methods. */
    ServerServiceDefinition bind();
}
