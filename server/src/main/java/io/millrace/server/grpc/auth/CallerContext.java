package io.millrace.server.grpc.auth;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.PeerAddress;
import io.millrace.security.principal.Principal;
import org.jspecify.annotations.Nullable;

/** The caller of a call, an attribute that {@link CallAuthentication} sets. Any thread. */
public final class CallerContext {

    private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("millrace-caller");

    private CallerContext() {}

    /** Returns the authenticated caller; the anonymous caller if authentication is off. */
    public static Caller of(ServerCall<?, ?> call) {
        Attributes attributes = call.getAttributes();
        @Nullable Caller caller = attributes.get(CALLER);
        return caller == null ? Caller.anonymous(host(attributes)) : caller;
    }

    /** Returns the IP address of the client, without a scope; empty if unknown. */
    static String host(Attributes attributes) {
        return PeerAddress.host(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    /** Returns a call whose caller is the principal of nodes. */
    static <Q, A> ServerCall<Q, A> ofNode(ServerCall<Q, A> call) {
        Attributes attributes = call.getAttributes();
        Caller node = new Caller(Principal.NODE, host(attributes), Caller.NEVER);
        return new CallerCall<>(call, with(attributes, node));
    }

    static Attributes with(Attributes attributes, Caller caller) {
        return attributes.toBuilder().set(CALLER, caller).build();
    }

    /** A call with the attribute of its caller. */
    static final class CallerCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

        private final Attributes attributes;

        CallerCall(ServerCall<Q, A> call, Attributes attributes) {
            super(call);
            this.attributes = attributes;
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }
    }
}
