package io.millrace.server.grpc.call;

import io.grpc.ServerServiceDefinition;
import io.millrace.server.grpc.GrpcEndpoint;

/** A service that {@link GrpcEndpoint} can serve. */
public interface GrpcService {

    /** Its methods. */
    ServerServiceDefinition bind();
}
