package io.millrace.server.grpc.flow;

/** The received bytes of a connection of another protocol than gRPC. Any thread. */
public final class InboundAccount {

    private final InboundLimit limit;
    private final InboundAdmission admission;
    private final InboundAdmission.InboundSender sender;

    InboundAccount(
            InboundLimit limit, InboundAdmission admission, InboundAdmission.InboundSender sender) {
        this.limit = limit;
        this.admission = admission;
        this.sender = sender;
    }

    public void add(long bytes) {
        admission.addBytes(sender, bytes);
    }

    public void release(long bytes) {
        admission.releaseBytes(sender, bytes);
    }

    /** Returns whether the connection should be read. */
    public boolean mayProceed() {
        return admission.mayProceed(sender);
    }

    /** Removes the connection, whose bytes have been released. */
    public void close() {
        limit.closeAccount(sender);
    }
}
