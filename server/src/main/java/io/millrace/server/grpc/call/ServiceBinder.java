package io.millrace.server.grpc.call;

import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;

/** Binds the methods of a generated service to handlers with custom marshallers. */
public final class ServiceBinder {

    private final ServiceDescriptor generated;
    private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();

    public ServiceBinder(ServiceDescriptor generated) {
        this.generated = generated;
    }

    public <Q, A> ServiceBinder method(
            MethodDescriptor<?, ?> method,
            MethodDescriptor.Marshaller<Q> requests,
            MethodDescriptor.Marshaller<A> responses,
            ServerCallHandler<Q, A> handler) {
        methods.add(
                ServerMethodDefinition.create(
                        method.toBuilder(requests, responses).build(), handler));
        return this;
    }

    public ServerServiceDefinition bind() {
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(generated.getName())
                        .setSchemaDescriptor(generated.getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder service =
                ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(service::addMethod);
        return service.build();
    }
}
