package io.millrace.server.grpc.call;

import io.grpc.ServerServiceDefinition;
import io.millrace.server.grpc.GrpcEndpoint;

/** A gRPC service that {@link GrpcEndpoint} can serve. */
public interface GrpcService {

    ServerServiceDefinition bind();
}
