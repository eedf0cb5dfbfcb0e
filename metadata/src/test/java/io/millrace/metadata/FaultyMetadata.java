package io.millrace.metadata;

import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Metadata with injected faults of proposals. Owned by the delegate's loop. */
public final class FaultyMetadata implements Metadata {

    /** The fault of one proposal. */
    @FunctionalInterface
    public interface Fault {

        CompletableFuture<Proposal> in(Supplier<CompletableFuture<Proposal>> call);

        /** Returns a fault that drops the command and reports this result. */
        static Fault replacedBy(Proposal proposal) {
            return call -> CompletableFuture.completedFuture(proposal);
        }

        /** Returns a fault that applies the command but reports an unknown result. */
        static Fault losingTheResult(Problem problem) {
            return call -> call.get().thenApply(any -> new Proposal.Unknown(problem));
        }
    }

    private final Metadata delegate;
    private final Queue<Fault> next = new ArrayDeque<>();
    private int proposals;

    public FaultyMetadata(Metadata delegate) {
        this.delegate = delegate;
    }

    /** Sets the faults of the next proposals, in order. */
    public void next(Fault... faults) {
        next.addAll(Arrays.asList(faults));
    }

    /** Returns the number of proposals. */
    public int proposals() {
        return proposals;
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Priority lane) {
        proposals++;
        Fault fault = next.poll();
        return fault == null
                ? delegate.propose(command, lane)
                : fault.in(() -> delegate.propose(command, lane));
    }

    @Override
    public EventLoop loop() {
        return delegate.loop();
    }

    @Override
    public Topics topics() {
        return delegate.topics();
    }

    @Override
    public Acls acls() {
        return delegate.acls();
    }

    @Override
    public Quotas quotas() {
        return delegate.quotas();
    }

    @Override
    public ScramCredentials scramCredentials() {
        return delegate.scramCredentials();
    }

    @Override
    public NodeNumbers nodeNumbers() {
        return delegate.nodeNumbers();
    }

    @Override
    public MetadataView view() {
        return delegate.view();
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return delegate.manifest();
    }

    @Override
    public CompletableFuture<Void> barrier() {
        return delegate.barrier();
    }

    @Override
    public int featureLevel() {
        return delegate.featureLevel();
    }

    @Override
    public ObjectsView objects() {
        return delegate.objects();
    }

    @Override
    public ProducersView producers() {
        return delegate.producers();
    }

    @Override
    public Groups groups() {
        return delegate.groups();
    }

    @Override
    public void addListener(GroupListener listener) {
        delegate.addListener(listener);
    }

    @Override
    public void addListener(PartitionListener listener) {
        delegate.addListener(listener);
    }

    @Override
    public long generation() {
        return delegate.generation();
    }

    @Override
    public long incarnation() {
        return delegate.incarnation();
    }
}
