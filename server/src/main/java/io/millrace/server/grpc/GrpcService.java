package io.millrace.server.grpc;

import io.grpc.ServerServiceDefinition;

/** A service that {@link GrpcEndpoint} can serve. */
public interface GrpcService {

    /** Its methods. */
    ServerServiceDefinition bind();
}
