package io.millrace.server.grpc.call;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.PeerGrpc;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The gRPC methods of a node. */
public final class ServedMethods {

    private ServedMethods() {}

    public static List<MethodDescriptor<?, ?>> all() {
        return Stream.of(
                        IngestGrpc.getServiceDescriptor(),
                        FetchGrpc.getServiceDescriptor(),
                        SubscriptionGrpc.getServiceDescriptor(),
                        AdminGrpc.getServiceDescriptor(),
                        GroupsGrpc.getServiceDescriptor(),
                        BucketGrpc.getServiceDescriptor(),
                        SecurityGrpc.getServiceDescriptor(),
                        PeerGrpc.getServiceDescriptor(),
                        GroupSessionGrpc.getServiceDescriptor())
                .map(ServiceDescriptor::getMethods)
                .<MethodDescriptor<?, ?>>flatMap(methods -> methods.stream())
                .toList();
    }

    /** Returns an empty request of the method. */
    public static Message requestOf(MethodDescriptor<?, ?> method) {
        return (Message)
                Objects.requireNonNull(
                        ((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller())
                                .getMessagePrototype());
    }
}
